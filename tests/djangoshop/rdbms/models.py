"""The shop's tables with integer keys."""

from shop import models


class Product(models.Product):
    """An article with an integer id."""


class Buyer(models.Buyer):
    """A buyer with an integer id."""


class Sale(models.Sale):
    """A sale with an integer id."""
