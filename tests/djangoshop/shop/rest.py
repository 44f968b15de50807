"""The shop's side of the second server (see the webservices package)."""

import json
import logging
from http.client import HTTPException
from urllib import error, request

from django.conf import settings

logger = logging.getLogger(__name__)
# The web services are a neighbour: no proxy of the environment stands between.
opener = request.build_opener(request.ProxyHandler({}))


class RestError(Exception):
    """The web services gave no answer that can be used."""


def order(number, **details):
    """Asks for the payment and the stock of the order `number`; returns the services' report."""
    body = json.dumps({"order": number, **details}).encode()
    headers = {"Content-Type": "application/json"}
    report = _call(request.Request(f"{settings.REST_URL}/orders/", body, headers))
    if not isinstance(report, dict) or not isinstance(report.get("result"), bool):
        raise RestError("web services: the answer is no report")
    return report


def cancel(number):
    """Gives back what was ordered under `number`, because the shop could not sell it."""
    try:
        _call(request.Request(f"{settings.REST_URL}/orders/{number}/", method="DELETE"))
    except RestError as reason:
        logger.warning("Order %s stays open: %s", number, reason)


def _call(req):
    try:
        with opener.open(req, timeout=settings.REST_TIMEOUT) as response:
            return json.load(response)
    except error.HTTPError as answer:
        answer.close()
        raise RestError(f"web services: HTTP {answer.code}") from answer
    except (OSError, HTTPException, ValueError) as reason:  # refused, timed out, cut; no JSON
        text = getattr(reason, "reason", None) or reason
        raise RestError(f"web services: {text or type(reason).__name__}") from reason
