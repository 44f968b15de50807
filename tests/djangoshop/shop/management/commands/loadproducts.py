"""Loads the products."""

from decimal import Decimal
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

IDS = {
    "rdbms": [2, 3, 4, 5],
    "cassandra": [
        UUID("c382310f-bbf9-445b-bec8-cfb9d723cda7"),
        UUID("734951a1-b6b4-4412-af22-791366fe8698"),
        UUID("f259a3b5-e8bd-4494-b6ac-d1bd269c88a2"),
        UUID("466a83c1-f2c2-4e35-8d10-8533f496a8e2"),
        UUID("04a96d73-3aa3-4ee7-b52e-b44351805b95"),
    ],
}
ARTICLES = [
    ("Kettle", "34.90"),
    ("Desk lamp", "49.00"),
    ("Notebook, ruled", "4.20"),
    ("Bicycle bell", "12.50"),
    ("Umbrella", "19.95"),
]


class Command(BaseCommand):
    """Puts each product on sale, with SHOP_STOCK items of it; sales already made are kept."""

    help = __doc__

    def handle(self, *args, **options):
        """Runs the command."""
        for label, ids in IDS.items():
            products = apps.get_model(label, "Product").objects
            for product_id, (name, price) in zip(ids, ARTICLES, strict=False):
                products.update_or_create(
                    pk=product_id,
                    defaults={
                        "name": name,
                        "price": Decimal(price),
                        "stock": settings.STOCK,
                        "stock_at_load": settings.STOCK,
                    },
                )
