"""A cart in the session, and its checkout."""

import json

from django import forms
from django.core.cache import cache
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from plain.models import Order

ITEM = "Kettle"


class CheckoutForm(forms.ModelForm):
    """Who buys how many."""

    quantity = forms.IntegerField(min_value=1, max_value=98)

    class Meta:
        model = Order
        fields = ["email", "quantity", "note"]


@csrf_protect
@require_safe
def home(request):
    """Puts an item into the cart of this session, and has the form of the checkout."""
    with request.timed("cache"):
        price = cache.get_or_set("price", "34.90")
    request.session["cart"] = ITEM
    return render(request, "plain/home.html", {"form": CheckoutForm(), "price": price})


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request):
    """Orders what is in the cart, then sends the customer elsewhere."""
    form = CheckoutForm(request.POST or None)
    if request.method != "POST" or not form.is_valid() or "cart" not in request.session:
        return render(request, "plain/home.html", {"form": form})
    order = form.save(commit=False)
    order.session, order.item = request.session.session_key, request.session.pop("cart")
    order.save()
    return redirect("plain:thanks")


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
async def async_checkout(request):
    """The same as a coroutine, for JSON."""
    if request.method != "POST":
        return JsonResponse({"cart": await request.session.aget("cart")})
    wanted = json.loads(request.body)
    item = await request.session.apop("cart", None)
    if item is None:
        return JsonResponse({"error": "the cart is empty"}, status=409)
    await Order.objects.acreate(
        session=request.session.session_key,
        email=wanted["email"],
        quantity=wanted["quantity"],
        item=item,
        is_async=True,
    )
    return JsonResponse({"ordered": item}, status=201)


@require_safe
def thanks(request):
    """After a checkout."""
    return render(request, "plain/thanks.html")
