"""The Django shop that the load generator is tested against."""
