"""One purchase: the form, the web services, the sale."""

from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings

from shop import rest
from shop.forms import PurchaseForm
from shop.models import SoldOut


@dataclass(frozen=True)
class Outcome:
    """How a purchase went: it was sold if nothing is wrong."""

    error_msg: str = ""
    rest: dict | None = None


def purchase(product, data):
    """Sells `product` to whom the form's `data` names."""
    form = PurchaseForm(data)
    if not form.is_valid():
        return Outcome(form.error_msg())
    email, quantity = form.cleaned_data["email"], form.cleaned_data["quantity"]
    if not settings.REST_URL:
        return Outcome(_sell(product, email, quantity))

    # The call comes before the transaction: rows must not stay locked while another server works.
    number = uuid4().hex
    try:
        report = rest.order(
            number,
            product=f"{product._meta.app_label}/{product.pk}",
            quantity=quantity,
            email=email,
            amount=str(product.price * quantity),
        )
    except rest.RestError as reason:
        return Outcome(str(reason))
    if not report["result"]:
        return Outcome(f"web services: {report.get('error_msg')}", report)
    error_msg = _sell(product, email, quantity)
    if error_msg:
        rest.cancel(number)
    return Outcome(error_msg, report)


def _sell(product, email, quantity):
    try:
        product.sell(email, quantity)
    except SoldOut:
        return f"Sold out: fewer than {quantity} of {product} are left."
    return ""
