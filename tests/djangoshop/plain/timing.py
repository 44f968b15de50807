"""Sends Server-Timing: total, db with its number of queries, cache."""

from contextlib import contextmanager
from time import perf_counter

from django.db import connection


def server_timing(get_response):
    """First in MIDDLEWARE; queries run in its thread, under ASGI too."""
    def middleware(request):
        spent, queries = {"db": 0.0, "cache": 0.0}, [0]
        began = perf_counter()

        @contextmanager
        def timed(name):  # in a view: with request.timed("cache"): ...
            start = perf_counter()
            yield
            spent[name] = spent.get(name, 0.0) + perf_counter() - start

        def query(execute, *args):
            queries[0] += 1
            with timed("db"):
                return execute(*args)

        request.timed = timed
        with connection.execute_wrapper(query):
            response = get_response(request)
        spent["total"] = perf_counter() - began
        metrics = {k: f"{k};dur={1000 * s:.3f}" for k, s in spent.items()}
        metrics["db"] += f';desc="{queries[0]} queries"'
        response["Server-Timing"] = ", ".join(metrics.values())
        return response

    return middleware
