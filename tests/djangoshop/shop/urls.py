"""Addresses of the shop."""

from django.conf import settings
from django.urls import include, path

from shop.stats import stats

urlpatterns = [
    path("rdbms/", include("rdbms.urls")),
    path("cassandra/", include("cassandra.urls")),
    path("stats/", stats),
]
if settings.PLAIN_SITE:
    urlpatterns.append(path("plain/", include("plain.urls")))
