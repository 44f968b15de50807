"""Tests of the shop itself: `manage.py test --noinput` in the environment that `serve` makes."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from unittest import mock

import waitress
from django.core.management import call_command
from django.db import connection
from django.test import (
    AsyncClient,
    Client,
    SimpleTestCase,
    TestCase,
    TransactionTestCase,
    modify_settings,
    override_settings,
)

from plain.models import Order
from rdbms.models import Buyer, Product, Sale
from shop import database
from shop.gauge import Gauge
from shop.stats import app_stats
from webservices.app import WebServices

KEYS = {
    "cpu_seconds": float,
    "cpu_usage": (float, type(None)),
    "elapsed_seconds": float,
    "error_msg": str,
    "memory_usage": float,
    "result": bool,
    "started_time": str,
    "stopped_time": str,
}
UUID = "734951a1-b6b4-4412-af22-791366fe8698"


def fields(quantity=3, email="abc@example.com", **more):
    """The purchase form, filled in."""
    return {"email": email, "repeat_email": email, "quantity": quantity, **more}


@contextmanager
def web_services(stock=1000, delay=0.0):
    """The second server, in a thread."""
    app = WebServices(stock, delay)
    server = waitress.create_server(app, listen="127.0.0.1:0", clear_untrusted_proxy_headers=True)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.effective_port}"
        with override_settings(REST_URL=url, REST_TIMEOUT=0.3):
            yield app
    finally:
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(server.close)
        thread.join()


class Shop(TestCase):
    """Pages and purchases, one at a time."""

    @classmethod
    def setUpTestData(cls):
        """1000 items of each product."""
        with override_settings(STOCK=1000):
            call_command("loadproducts")

    def buy(self, path="/rdbms/2/purchase/1/", **more):
        """A purchase's report."""
        answer = self.client.post(path, fields(**more))
        self.assertEqual(answer.status_code, 200)
        return answer.json()

    def assert_report(self, report):
        """It has all keys, of the right types, and its times agree."""
        self.assertEqual(report.keys(), KEYS.keys())
        for key, kind in KEYS.items():
            self.assertIsInstance(report[key], kind, key)
        started, stopped = (
            datetime.strptime(report[key], "%Y-%m-%dT%H:%M:%S.%f")
            for key in ("started_time", "stopped_time")
        )
        self.assertAlmostEqual((stopped - started).total_seconds(), report["elapsed_seconds"], 2)
        self.assertLess(abs((datetime.now() - stopped).total_seconds()), 5)
        self.assertEqual(report["result"], not report["error_msg"])

    def assert_sold(self, sales, quantity):
        """The rows say so."""
        stats = app_stats("rdbms")
        self.assertEqual((stats["sales"], stats["quantity"]), (sales, quantity))
        left = sum(product["stock"] for product in stats["products"].values())
        self.assertEqual(left, 4000 - quantity)

    def test_pages(self):
        """Home links to the details, the details have the form."""
        self.assertRedirects(self.client.get("/rdbms"), "/rdbms/", 301)
        home = self.client.get("/rdbms/").content.decode()
        self.assertEqual(re.findall(r"/rdbms/(\d+)/details/", home), ["2", "3", "4", "5"])
        home = self.client.get("/cassandra/").content.decode()
        self.assertEqual(len(re.findall(r"/cassandra/[0-9a-f-]{36}/details/", home)), 5)
        details = self.client.get("/rdbms/2/details/").content.decode()
        for name in ("csrfmiddlewaretoken", "email", "repeat_email", "quantity"):
            self.assertIn(f'name="{name}"', details)
        self.assertIn('action="/rdbms/2/purchase/"', details)

    def test_statuses(self):
        """Wrong product, wrong method."""
        for path in ("/rdbms/9/details/", "/cassandra/2/details/", "/nowhere/"):
            self.assertEqual(self.client.get(path).status_code, 404, path)
        for path in ("/rdbms/9/purchase/1/", f"/rdbms/{UUID}/purchase/1/"):
            self.assertEqual(self.client.post(path, fields()).status_code, 404, path)
        self.assertEqual(self.client.get("/rdbms/2/purchase/1/").status_code, 405)
        self.assertEqual(self.client.post("/rdbms/", fields()).status_code, 405)

    def test_sells_once(self):
        """A purchase makes a buyer and a sale, and takes the items."""
        report = self.buy()
        self.assert_report(report)
        self.assertIs(report["result"], True)
        self.assert_sold(1, 3)
        self.assertEqual(Sale.objects.get().buyer.email, "abc@example.com")
        self.assertEqual(Product.objects.get(pk=2).stock, 997)
        self.buy()
        self.assert_sold(2, 6)
        self.assertEqual(Buyer.objects.count(), 1)

    def test_cassandra(self):
        """The same with UUIDs."""
        self.assert_report(self.buy(f"/cassandra/{UUID}/purchase/1/"))
        stats = app_stats("cassandra", "emails", "orders")
        self.assertEqual((stats["sales"], stats["emails"]), (1, ["abc@example.com"]))
        self.assertEqual(stats["orders"], [("abc@example.com", UUID, 3)])
        self.assertEqual(stats["products"][UUID], {"stock_at_load": 1000, "stock": 997})

    def test_page_purchase(self):
        """The purchase that is not profiled answers with a page."""
        self.assertContains(self.client.post("/rdbms/2/purchase/", fields()), "Sold")
        self.assertContains(self.client.post("/rdbms/2/purchase/", fields(0)), "Not sold")
        self.assert_sold(1, 3)

    def test_refuses_form(self):
        """A wrong form is refused, and says where it is wrong."""
        wrong = [
            ("quantity", {"quantity": 0}),
            ("quantity", {"quantity": "many"}),
            ("quantity", {"quantity": 10**30}),
            ("email", {"email": "nobody"}),
            ("repeat_email", {"repeat_email": "other@example.com"}),
        ]
        for name, more in wrong:
            report = self.buy(**more)
            self.assert_report(report)
            self.assertIn(f"{name}: ", report["error_msg"])
        self.assert_sold(0, 0)

    def test_refuses_dry_inventory(self):
        """The last items are sold, one more is not, and leaves no buyer behind."""
        self.assertIs(self.buy(quantity=1000)["result"], True)
        report = self.buy(quantity=1, email="late@example.com")
        self.assert_report(report)
        self.assertIn("Sold out", report["error_msg"])
        self.assert_sold(1, 1000)
        self.assertFalse(Buyer.objects.filter(email="late@example.com").exists())

    def test_csrf_off(self):
        """By default a purchase needs no token."""
        answer = Client(enforce_csrf_checks=True).post("/rdbms/2/purchase/1/", fields())
        self.assertEqual(answer.status_code, 200)

    @modify_settings(MIDDLEWARE={"append": "django.middleware.csrf.CsrfViewMiddleware"})
    def test_csrf_on(self):
        """With protection, it needs the token of the details page and its cookie."""
        client = Client(enforce_csrf_checks=True)
        path = "/rdbms/2/purchase/1/"
        self.assertEqual(client.post(path, fields()).status_code, 403)
        details = client.get("/rdbms/2/details/").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', details)[1]
        answer = client.post(path, fields(csrfmiddlewaretoken=token))
        self.assertIs(answer.json()["result"], True)
        self.assert_sold(1, 3)

    def test_stats(self):
        """The figures are served."""
        self.buy()
        answer = self.client.get("/stats/?emails=1").json()
        self.assertEqual(answer["apps"]["rdbms"]["emails"], ["abc@example.com"])
        self.assertIs(answer["settings"]["csrf"], False)
        answer = self.client.get("/stats/?orders=1").json()
        self.assertEqual(answer["apps"]["rdbms"]["orders"], [["abc@example.com", "2", 3]])
        self.assertNotIn("emails", self.client.get("/stats/").json()["apps"]["rdbms"])

    def test_rest(self):
        """The second server's report comes along."""
        with web_services() as services:
            report = self.buy()
            rest = report.pop("rest")
            self.assert_report(report)
            self.assert_report(rest)
            self.assertLess(rest["elapsed_seconds"], report["elapsed_seconds"])
            self.assertEqual(services.ordered(), {"open_orders": 1, "items": 3})
        self.assert_sold(1, 3)

    def test_rest_refuses(self):
        """What the second server refuses is not sold."""
        with web_services(stock=2):
            report = self.buy()
        self.assertIn("Out of stock", report["error_msg"])
        self.assertIs(report["rest"]["result"], False)
        self.assert_sold(0, 0)

    def test_rest_is_given_back(self):
        """What the shop cannot sell is not ordered either."""
        with web_services(stock=5000) as services:
            report = self.buy(quantity=1001)
            self.assertEqual(services.ordered(), {"open_orders": 0, "items": 0})
        self.assertIs(report["result"], False)
        self.assertIs(report["rest"]["result"], True)
        self.assert_sold(0, 0)

    def test_rest_down(self):
        """Without the second server nothing is sold."""
        with override_settings(REST_URL="http://127.0.0.1:9"):
            report = self.buy()
        self.assert_report(report)
        self.assertIn("web services: ", report["error_msg"])
        self.assert_sold(0, 0)

    def test_rest_slow(self):
        """Nor when it takes too long."""
        with web_services(delay=1.0):
            report = self.buy()
        self.assert_report(report)
        self.assertIn("timed out", report["error_msg"])
        self.assert_sold(0, 0)

    def test_rest_garbage(self):
        """Nor when it answers something else."""
        with web_services() as services, mock.patch.object(services, "_answer") as answer:
            for status, body in (("200 OK", ["no report"]), ("500 Oh", {})):
                answer.return_value = status, body
                self.assertIn("web services: ", self.buy()["error_msg"])
        self.assert_sold(0, 0)


PLAIN_SITE = override_settings(
    ROOT_URLCONF="plain.site",
    MIDDLEWARE=[
        "plain.timing.server_timing",
        "django.contrib.sessions.middleware.SessionMiddleware",
    ],
)


@PLAIN_SITE
class Plain(TestCase):
    """The ordinary site: sessions, CSRF, a redirect after POST, Server-Timing."""

    def setUp(self):
        """A client whose CSRF tokens are checked, with an item in its cart."""
        self.client = Client(enforce_csrf_checks=True)
        self.home = self.client.get("/plain/")
        self.assertEqual(self.home.status_code, 200)

    def form(self, **more):
        """The checkout's form, filled in, with the token of this session."""
        token = self.client.cookies["csrftoken"].value
        order = {"email": "abc@example.com", "quantity": 3, "note": ""}
        return {"csrfmiddlewaretoken": token, **order, **more}

    def test_checkout(self):
        """An order of this session, and a redirect; the cart is empty then."""
        answer = self.client.post("/plain/checkout/", self.form())
        self.assertRedirects(answer, "/plain/thanks/")
        order = Order.objects.get()
        self.assertEqual((order.quantity, order.item, order.is_async), (3, "Kettle", False))
        self.assertEqual(order.session, self.client.cookies["sessionid"].value)
        again = self.client.post("/plain/checkout/", self.form())
        self.assertEqual((again.status_code, Order.objects.count()), (200, 1))

    def test_refused(self):
        """Without a token, and with a quantity out of range, nothing is ordered."""
        answer = self.client.post("/plain/checkout/", self.form(csrfmiddlewaretoken="x"))
        self.assertEqual(answer.status_code, 403)
        answer = self.client.post("/plain/checkout/", self.form(quantity=99))
        self.assertEqual((answer.status_code, Order.objects.count()), (200, 0))

    def test_server_timing(self):
        """Total, database with the number of queries, cache."""
        timing = self.home["Server-Timing"]
        self.assertRegex(timing, r'db;dur=[0-9.]+;desc="[1-9][0-9]* queries"')
        self.assertRegex(timing, r"cache;dur=[0-9.]+")
        self.assertRegex(timing, r"total;dur=[0-9.]+")

    def test_coroutine_behind_threads(self):
        """The asynchronous checkout under WSGI: an order of this session, and the queries of its thread."""
        answer = self.client.post(
            "/plain/async/checkout/",
            {"email": "abc@example.com", "quantity": 3},
            content_type="application/json",
            headers={"X-CSRFToken": self.client.cookies["csrftoken"].value},
        )
        self.assertEqual((answer.status_code, answer.json()), (201, {"ordered": "Kettle"}))
        order = Order.objects.get()
        self.assertEqual((order.quantity, order.is_async), (3, True))
        self.assertEqual(order.session, self.client.cookies["sessionid"].value)
        self.assertRegex(answer["Server-Timing"], r'db;dur=[0-9.]+;desc="[3-9] queries"')


@PLAIN_SITE
class PlainUnderAsgi(TestCase):
    """The same by its coroutines and threads, as an ASGI server calls them."""

    async def test_checkouts(self):
        """One of the coroutine, one of the form: each of its session, each with its queries counted."""
        for is_async in (True, False):
            client = AsyncClient(enforce_csrf_checks=True)
            home = await client.get("/plain/")
            self.assertRegex(home["Server-Timing"], r"cache;dur=[0-9.]+")
            token = client.cookies["csrftoken"].value
            wanted = {"email": "abc@example.com", "quantity": 3}
            if is_async:
                answer = await client.post(
                    "/plain/async/checkout/",
                    wanted,
                    content_type="application/json",
                    headers={"X-CSRFToken": token},
                )
                self.assertEqual(answer.status_code, 201)
            else:
                form = {"csrfmiddlewaretoken": token, **wanted}
                answer = await client.post("/plain/checkout/", form)
                self.assertEqual((answer.status_code, answer["Location"]), (302, "/plain/thanks/"))
            order = await Order.objects.alatest("id")
            self.assertEqual((order.quantity, order.is_async), (3, is_async))
            self.assertEqual(order.session, client.cookies["sessionid"].value)
            self.assertRegex(answer["Server-Timing"], r'db;dur=[0-9.]+;desc="[3-9] queries"')
        self.assertEqual(await Order.objects.acount(), 2)

    async def test_refused(self):
        """Without a token, and with an empty cart, nothing is ordered."""
        client = AsyncClient(enforce_csrf_checks=True)
        await client.get("/plain/")
        wanted = {"email": "abc@example.com", "quantity": 3}
        answer = await client.post("/plain/async/checkout/", wanted, content_type="application/json")
        self.assertEqual(answer.status_code, 403)
        stranger = AsyncClient()
        answer = await stranger.post("/plain/async/checkout/", wanted, content_type="application/json")
        self.assertEqual((answer.status_code, await Order.objects.acount()), (409, 0))


class Crowd(TransactionTestCase):
    """Many shoppers at the same time, on a database file."""

    def test_never_oversells(self):
        """40 want 3 each, 100 are there: 33 get them."""
        with override_settings(STOCK=100):
            call_command("loadproducts")

        def shopper(number):
            try:
                data = fields(email=f"{number}@example.com")
                return Client().post("/rdbms/2/purchase/1/", data).json()["result"]
            finally:
                connection.close()

        with ThreadPoolExecutor(40) as pool:
            results = list(pool.map(shopper, range(40)))
        self.assertEqual(results.count(True), 33)
        stats = app_stats("rdbms")
        self.assertEqual((stats["sales"], stats["quantity"]), (33, 99))
        self.assertEqual(stats["products"]["2"]["stock"], 1)


class Parts(SimpleTestCase):
    """What needs no database."""

    def test_database_url(self):
        """Both kinds of address are understood."""
        self.assertEqual(database.parse("sqlite:////tmp/a%20b")["NAME"], "/tmp/a b")
        settings = database.parse("postgresql://me:p%40ss@db:5433/shop")
        found = [settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
        self.assertEqual(found, ["me", "p@ss", "db", "5433", "shop"])
        self.assertEqual(database.parse("postgres://me@/shop?host=/run/x")["HOST"], "/run/x")
        pool = database.parse("postgres:///?pool_timeout=0.5")["OPTIONS"]["pool"]
        self.assertEqual(pool["timeout"], 0.5)
        with self.assertRaises(ValueError):
            database.parse("mysql://me@db/shop")

    def test_gauge(self):
        """CPU is the busy part of the time since the last sample, and is sampled seldom."""
        gauge = Gauge()
        self.assertIsNone(gauge.read()[0])
        busy, total = gauge._busy, gauge._total
        gauge._sampled -= 1
        with mock.patch.object(gauge, "_cpu_seconds", return_value=(busy + 1, total + 4)) as sample:
            self.assertEqual(gauge.read()[0], 25.0)
            self.assertEqual(gauge.read()[0], 25.0)
        sample.assert_called_once()
