"""Addresses of the cassandra app."""

from shop.storefront import Storefront

app_name = "cassandra"
urlpatterns = Storefront(app_name, "uuid").urls
