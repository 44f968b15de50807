"""The shop on a relational database: products have integer ids."""
