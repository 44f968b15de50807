"""Addresses of a site of the plain app alone, for its tests."""

from django.urls import include, path

urlpatterns = [path("plain/", include("plain.urls"))]
