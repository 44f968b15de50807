"""What `serve` does. Standard library only: it also makes the virtual environment."""

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from launcher import addresses, databases, processes, servers, venv
from launcher.failure import Failure

HELP = """\
Brings the shop up behind a chosen server, with a fresh database, and stops it again.

The last line printed at start-up is the shop's address. Before it come lines `name: value`:

  data: DIRECTORY   logs, configuration and SQLite file
  rest: URL         the web services, with --rest; GET / tells what is ordered there
  https: URL        the shop over TLS, with --tls-cert; the plain address redirects there, except
                    for its /stats/
  pids: JSON        "serve"; "shop", the main process of the application server, and "workers", its
                    children (look them up again once one was killed); "nginx", "rest", "postgres"

GET {shop}/stats/ tells what was really sold, with ?emails=1 to whom, with ?orders=1 what to whom.
"""
EPILOG = """\
SIGTERM and SIGINT stop everything and end with exit code 0. If serve is killed outright, all that
it started stops too. Other exit codes:

  1  a server died at start, or the one that listens for shoppers died later; its log's tail is
     shown (the others may be killed, to see what the shop answers then)
  2  wrong usage
  3  this machine lacks what was asked for (PostgreSQL, nginx, the Python packages): a test can skip

Needs Python 3.11 or later with venv and pip; for uwsgi-nginx and nginx-dead, nginx; for
--database postgres, PostgreSQL. On Debian: python3-venv, nginx-light, postgresql.
The environment variables SHOP_DEBUG=1 and SECRET_KEY go through to Django.
"""


def arguments(argv=None):
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        "serve", None, HELP, EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "--server",
        type=servers.named,
        choices=servers.NAMES,
        default="gunicorn-gthread",
        help="default: %(default)s; sync, gthread and gevent are Gunicorn's",
    )
    listen = parser.add_mutually_exclusive_group()
    listen.add_argument(
        "--listen",
        type=addresses.parse,
        default=addresses.of_url(os.environ.get("TARGET", "")),
        metavar="HOST:PORT",
        help="port 0 is any free one (default: that of the URL in the variable TARGET, which "
        "profilerclient --serve sets, else 127.0.0.1:0)",
    )
    listen.add_argument("--port", type=int, help="the same as --listen 127.0.0.1:PORT")
    add("--workers", type=int, default=2, help="processes, where the server has them (default: 2)")
    add("--threads", type=int, default=4, help="threads, where they can be set (default: 4)")
    add("--backlog", type=int, default=2048, help="connections that may wait (default: 2048)")
    add(
        "--database",
        default="sqlite",
        metavar="sqlite|postgres|URL",
        help="sqlite: a new file. postgres: a private cluster. URL: that one, migrated and loaded",
    )
    add(
        "--conn-max-age",
        type=databases.max_age,
        metavar="SECONDS|persistent",
        help="Django's CONN_MAX_AGE, with PostgreSQL: 0 connects for each request "
        "(default: a pool for each process)",
    )
    add("--db-timeout", type=float, default=30, metavar="S", help="wait for a private PostgreSQL")
    add("--stock", type=int, default=1_000_000, help="items of each product (default: 1000000)")
    add("--csrf", action="store_true", help="switch Django's CSRF protection on")
    add("--plain", action="store_true", help="add the app plain: sessions, CSRF, Server-Timing")
    rest = parser.add_mutually_exclusive_group()
    rest.add_argument("--rest", action="store_true", help="start the second server")
    rest.add_argument("--rest-url", metavar="URL", help="use this one as the second server")
    add("--rest-delay", type=float, default=0, metavar="S", help="seconds each order takes there")
    add("--rest-timeout", type=float, default=5, metavar="S", help="how long the shop waits for it")
    add("--tls-cert", type=Path, metavar="FILE", help="nginx serves HTTPS too (PEM, with its chain)")
    add("--tls-key", type=Path, metavar="FILE", help="the key of the certificate (PEM)")
    add("--limit-conn", type=int, metavar="N", help="nginx answers 503 beyond N requests at once")
    add("--nginx-conf-extra", default="", metavar="TEXT", help="more for nginx's server block")
    add("--data", type=Path, metavar="DIR", help="keep logs and SQLite file here")
    add("--until-eof", action="store_true", help="stop when standard input ends, too")
    add("--prepare-only", action="store_true", help="make the environment, print its Python, end")
    options = parser.parse_args(argv)
    if options.port is not None:
        if not 0 <= options.port <= 65535:
            parser.error("--port is a number up to 65535")
        options.listen = ("127.0.0.1", options.port)
    if options.conn_max_age is not None and options.database == "sqlite":
        parser.error("--conn-max-age needs --database postgres or a URL of one")
    if "nginx" not in options.server and (options.limit_conn or options.nginx_conf_extra):
        parser.error("--limit-conn and --nginx-conf-extra need a server with nginx")
    if (options.tls_cert is None) != (options.tls_key is None):
        parser.error("--tls-cert and --tls-key need each other")
    if options.tls_cert and options.server != "uwsgi-nginx":
        parser.error("--tls-cert needs --server uwsgi-nginx")
    options.backlog = min(options.backlog, servers.somaxconn())
    return options


def main():
    """Runs `serve`."""
    options = arguments()
    processes.guarded(prepare if options.prepare_only else lambda: run(options))


def prepare():
    """Makes the environment and says where its Python is."""
    with reported_failure():
        print(venv.python())


@contextmanager
def reported_failure():
    """A failure ends `serve` with a message and an exit code."""
    try:
        yield
    except Failure as failure:
        print(f"serve: {failure}", file=sys.stderr, flush=True)
        sys.exit(failure.code)


def run(options):
    """Starts everything, says so, and waits; cleans up however it ends."""
    run_dir = Path(tempfile.mkdtemp(prefix="djangoshop-", dir="/tmp"))  # short: it holds sockets
    group = processes.Group()
    try:
        with reported_failure():
            start(options, group, run_dir)
            group.wait(sys.stdin if options.until_eof else None)
    finally:
        processes.ignore_signals()
        group.stop()
        shutil.rmtree(run_dir, ignore_errors=True)


def start(options, group, run_dir):
    """Starts the database, the second server and the shop; prints where they are."""
    python = venv.python()
    data = options.data.resolve() if options.data else run_dir
    data.mkdir(parents=True, exist_ok=True)
    group.prepare(data)
    env = group.env
    env["SHOP_STOCK"] = str(options.stock)
    env["SHOP_CSRF"] = str(int(options.csrf))
    env["SHOP_PLAIN"] = str(int(options.plain))
    if options.conn_max_age is not None:
        env["DB_CONN_MAX_AGE"] = options.conn_max_age
    env["REST_TIMEOUT"] = str(options.rest_timeout)
    env["REST_URL"] = options.rest_url or ""
    env.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    databases.prepare(options, group, python, data, run_dir)

    shop = addresses.Address(*options.listen)
    secure = addresses.Address(shop.host, 0) if options.tls_cert else None
    if secure:
        env["SHOP_SSL_HOST"] = str(secure)
    rest = addresses.Address(shop.host, 0) if options.rest else None
    if rest:
        env["REST_URL"] = rest.url
        command = [python, "-m", "webservices", f"--listen={rest}", f"--stock={options.stock}"]
        group.spawn("rest", [*command, f"--delay={options.rest_delay}"])
    servers.start(options, group, shop, secure, data, run_dir)
    if rest:
        group.until(lambda: rest.status("/") == 200, f"the web services at {rest.url}")
    wanted = 502 if options.server == "nginx-dead" else 301 if secure else 200
    group.until(lambda: shop.status("/rdbms/") == wanted, f"the shop at {shop.url}")

    print(f"data: {data}")
    if rest:
        print(f"rest: {rest.url}")
    if secure:
        print(f"https: https://{secure}")
    pids = {"serve": os.getppid()} | {name: process.pid for name, process in group.processes()}
    if "shop" in pids:
        pids["workers"] = processes.workers(pids["shop"])
    print(f"pids: {json.dumps(pids)}")
    print(shop.url, flush=True)
