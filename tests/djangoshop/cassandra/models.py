"""The shop's tables with UUID keys.

No Cassandra server is needed to run the tests: these tables live in the relational database, and
to a client the app is the same. A Cassandra back end would go here, as another `Product` (with
`objects` for reading and `sell` for the sale), `Buyer` and `Sale`. Besides these models only
`shop.stats`, which counts rows, and the command `loadproducts` ask the store for anything.
"""

from uuid import uuid4

from django.db.models import UUIDField

from shop import models


class Product(models.Product):
    """An article with a UUID."""

    id = UUIDField(primary_key=True, default=uuid4)


class Buyer(models.Buyer):
    """A buyer with a UUID."""

    id = UUIDField(primary_key=True, default=uuid4)


class Sale(models.Sale):
    """A sale with a UUID."""

    id = UUIDField(primary_key=True, default=uuid4)
