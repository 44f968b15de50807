"""The tables that every app of the shop has; an app adds the kind of its keys.

A sale is `Product.sell`. An app on another kind of store overrides that, and its managers.
"""

from django.apps import apps
from django.db import models, transaction
from django.urls import reverse


class SoldOut(Exception):
    """Fewer items are left than were asked for."""


class Product(models.Model):
    """An article and what is left of it."""

    name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveBigIntegerField()
    stock_at_load = models.PositiveBigIntegerField()

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where the product's details and its purchase form are."""
        return reverse(f"{self._meta.app_label}:details", args=[self.pk])

    def get_purchase_url(self):
        """Where its purchase form is sent to."""
        return reverse(f"{self._meta.app_label}:purchase", args=[self.pk])

    def sell(self, email, quantity):
        """Records the sale and takes the items from the stock, or does neither."""
        buyers = apps.get_model(self._meta.app_label, "Buyer").objects
        with transaction.atomic():
            buyer, _ = buyers.get_or_create(email=email)
            # One statement tests and takes, so no two sales can take the same items. It comes
            # late because it holds the product's row until the end of the transaction.
            enough = type(self).objects.filter(pk=self.pk, stock__gte=quantity)
            if not enough.update(stock=models.F("stock") - quantity):
                raise SoldOut
            self.sales.create(buyer=buyer, quantity=quantity, amount=self.price * quantity)


class Buyer(models.Model):
    """Someone who has bought, known by the address."""

    email = models.EmailField(unique=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.email


class Sale(models.Model):
    """One purchase."""

    buyer = models.ForeignKey("Buyer", models.PROTECT, related_name="sales")
    product = models.ForeignKey("Product", models.PROTECT, related_name="sales")
    quantity = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    sold_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.quantity} of {self.product_id}"
