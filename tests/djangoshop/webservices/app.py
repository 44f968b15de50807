"""The web services as a WSGI application.

- POST /orders/ with {"order", "product", "quantity", "email", "amount"} takes the payment and the
  items, and answers with this server's report;
- DELETE /orders/{order}/ gives the items of an order back;
- GET / answers with what is ordered now: {"open_orders", "items"}.
"""

import json
import re
import threading
import time
from decimal import Decimal, InvalidOperation

from shop.gauge import Stopwatch


class Refused(Exception):
    """Why an order is not taken."""


class WebServices:
    """Keeps the orders, in memory, and `stock` items of every product."""

    def __init__(self, stock, delay=0.0):
        self._stock = stock
        self._delay = delay
        self._lock = threading.Lock()
        self._orders = {}  # number: (product, quantity)
        self._ordered = {}  # product: items

    def __call__(self, environ, start_response):
        stopwatch = Stopwatch()
        status, answer = self._answer(environ, stopwatch)
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    def _answer(self, environ, stopwatch):
        match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
            case "GET", "/":
                return "200 OK", self.ordered()
            case "POST", "/orders/":
                stopwatch.enter()
                try:
                    self._order(json.load(environ["wsgi.input"]))
                except Refused as reason:
                    return "200 OK", stopwatch.report(str(reason))
                except (ValueError, KeyError, TypeError, InvalidOperation):
                    return "400 Bad Request", {"error_msg": "not an order"}
                return "200 OK", stopwatch.report()
            case "DELETE", path if order := re.fullmatch(r"/orders/(\w+)/", path):
                if self._cancel(order[1]):
                    return "200 OK", {}
        return "404 Not Found", {"error_msg": "no such service or order"}

    def ordered(self):
        """What is ordered now."""
        with self._lock:
            items = sum(self._ordered.values())
            return {"open_orders": len(self._orders), "items": items}

    def _order(self, order):
        number, product, quantity = order["order"], order["product"], order["quantity"]
        if Decimal(order["amount"]) <= 0 or not order["email"]:
            raise Refused("Payment refused.")
        if self._delay:
            time.sleep(self._delay)
        with self._lock:
            ordered = self._ordered.get(product, 0)
            if ordered + quantity > self._stock:
                raise Refused(f"Out of stock: fewer than {quantity} of {product} are left.")
            self._ordered[product] = ordered + quantity
            self._orders[number] = (product, quantity)

    def _cancel(self, number):
        with self._lock:
            product, quantity = self._orders.pop(number, (None, 0))
            if product is None:
                return False
            self._ordered[product] -= quantity
            return True
