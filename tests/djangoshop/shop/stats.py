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
    """Sales and stock of each app, the settings; with `?emails=1` the address of each sale."""
    emails = bool(request.GET.get("emails"))
    return JsonResponse(
        {
            "apps": {label: app_stats(label, emails) for label in ("rdbms", "cassandra")},
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


def app_stats(label, emails=False):
    """Sales of one app, and the stock of its products when they were loaded and now."""
    sales = apps.get_model(label, "Sale").objects
    sold = sales.aggregate(sales=Count("pk"), quantity=Coalesce(Sum("quantity"), 0))
    products = apps.get_model(label, "Product").objects.values("pk", "stock_at_load", "stock")
    sold["products"] = {str(row.pop("pk")): row for row in products}
    if emails:
        sold["emails"] = list(sales.order_by("buyer__email").values_list("buyer__email", flat=True))
    return sold
