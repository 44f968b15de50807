"""The shop with UUID keys (see models.py for where they are kept)."""
