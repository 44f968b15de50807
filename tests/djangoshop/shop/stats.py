"""What really happened, for tests to hold against what a client reports."""

import os

import django
from django.apps import apps
from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.http import JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def stats(request):
    """Sales and stock of each app, the settings; with `?emails=1` the address of each sale, with
    `?orders=1` its product and quantity too."""
    more = [name for name in ("emails", "orders") if request.GET.get(name)]
    apps_stats = {label: app_stats(label, *more) for label in ("rdbms", "cassandra")}
    if settings.PLAIN_SITE:
        apps_stats["plain"] = plain_stats()
    return JsonResponse(
        {
            "apps": apps_stats,
            "settings": {
                "csrf": settings.CSRF_PROTECTION,
                "database": settings.DATABASES["default"]["ENGINE"].rpartition(".")[2],
                "debug": settings.DEBUG,
                "django": django.get_version(),
                "rest_url": settings.REST_URL or None,
                "stock": settings.STOCK,
            },
            "pid": os.getpid(),
        }
    )


def plain_stats():
    """The orders of the plain app."""
    fields = ("session", "email", "quantity", "item", "note", "is_async")
    orders = apps.get_model("plain", "Order").objects.order_by("pk")
    return {"orders": list(orders.values(*fields))}


def app_stats(label, *more):
    """Sales of one app, and the stock of its products when they were loaded and now."""
    sales = apps.get_model(label, "Sale").objects
    sold = sales.aggregate(sales=Count("pk"), quantity=Coalesce(Sum("quantity"), 0))
    products = apps.get_model(label, "Product").objects.values("pk", "stock_at_load", "stock")
    sold["products"] = {str(row.pop("pk")): row for row in products}
    by_email = sales.order_by("buyer__email")
    if "emails" in more:
        sold["emails"] = list(by_email.values_list("buyer__email", flat=True))
    if "orders" in more:
        orders = by_email.values_list("buyer__email", "product_id", "quantity")
        sold["orders"] = [(email, str(product), quantity) for email, product, quantity in orders]
    return sold
