"""Addresses of the rdbms app."""

from shop.storefront import Storefront

app_name = "rdbms"
urlpatterns = Storefront(app_name, "int").urls
