"""What was ordered, and in which session."""

from django.db import models


class Order(models.Model):
    """One checkout."""

    session = models.CharField(max_length=40)
    email = models.EmailField()
    quantity = models.PositiveIntegerField()
    item = models.CharField(max_length=100)
    note = models.CharField(max_length=200, blank=True)
    is_async = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.quantity} of {self.item}"
