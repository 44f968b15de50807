"""Addresses of the plain app."""

from django.urls import path

from plain import views

app_name = "plain"
urlpatterns = [
    path("", views.home, name="home"),
    path("checkout/", views.checkout, name="checkout"),
    path("async/checkout/", views.async_checkout, name="async_checkout"),
    path("thanks/", views.thanks, name="thanks"),
]
