"""The pages of one app of the shop."""

from django.apps import apps
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from shop.forms import PurchaseForm
from shop.purchase import purchase


class Storefront:
    """Home, details, purchase and profiled purchase of the app `label`, whose product ids are
    written in addresses as Django's path converter `key` reads them."""

    def __init__(self, label, key):
        self.label = label
        self.urls = [
            path("", require_safe(self.home), name="home"),
            path(f"<{key}:product_id>/details/", require_safe(self.details), name="details"),
            path(f"<{key}:product_id>/purchase/", require_POST(self.purchase), name="purchase"),
            path(f"<{key}:product_id>/purchase/1/", require_POST(self.profiled), name="profiled"),
        ]

    @property
    def products(self):
        """The app's products."""
        return apps.get_model(self.label, "Product").objects

    def home(self, request):
        """All products, with links to their details."""
        return render(request, "shop/home.html", {"products": self.products.all()})

    def details(self, request, product_id):
        """One product and the form to buy it."""
        product = get_object_or_404(self.products, pk=product_id)
        return render(request, "shop/details.html", {"product": product, "form": PurchaseForm()})

    def purchase(self, request, product_id):
        """A purchase, answered with a page."""
        product = get_object_or_404(self.products, pk=product_id)
        outcome = purchase(product, request.POST)
        return render(request, "shop/purchase.html", {"product": product, "outcome": outcome})

    def profiled(self, request, product_id):
        """A purchase, answered with the server's report."""
        request.stopwatch.enter()
        product = get_object_or_404(self.products, pk=product_id)
        outcome = purchase(product, request.POST)
        return JsonResponse(request.stopwatch.report(outcome.error_msg, outcome.rest))
