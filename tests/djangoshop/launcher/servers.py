"""The command lines of the servers, and the configuration of nginx."""

import os
import pwd
import shutil
from pathlib import Path

from launcher.failure import LACKING, Failure
from launcher.venv import tool

WSGI = "shop.wsgi:application"
ASGI = "shop.asgi:application"
# Seconds. Servers wait 2 or 5 for a connection's next request and then close it; on a busy machine
# that can be too little for a request that is there but was not read yet.
KEEP_ALIVE = "30"


def runserver(options, address):
    """Django's development server: a thread for each connection, a backlog of 10."""
    return [tool("python"), "manage.py", "runserver", "--noreload", "--skip-checks", str(address)]


def gunicorn(options, address, *more):
    """Gunicorn with the worker class that the server's name ends in."""
    return [
        tool("gunicorn"), "--worker-class", options.server.removeprefix("gunicorn-"),
        "--bind", str(address), "--workers", str(options.workers), *more,
        "--backlog", str(options.backlog), "--graceful-timeout", "1", "--timeout", "60",
        "--keep-alive", KEEP_ALIVE,
        "--log-level", "warning", "--no-control-socket", WSGI,
    ]  # fmt: skip


def gunicorn_threads(options, address):
    """Gunicorn with threads."""
    return gunicorn(options, address, "--threads", str(options.threads))


def uvicorn(options, address):
    """Uvicorn; with more than one worker it supervises them."""
    return [
        tool("uvicorn"), "--host", address.host, "--port", str(address.port),
        "--workers", str(options.workers), "--backlog", str(options.backlog),
        "--lifespan", "off", "--log-level", "warning", "--timeout-graceful-shutdown", "1",
        "--timeout-keep-alive", KEEP_ALIVE, ASGI,
    ]  # fmt: skip


def hypercorn(options, address):
    """Hypercorn."""
    return [
        tool("hypercorn"), "--bind", str(address), "--workers", str(options.workers),
        "--backlog", str(options.backlog), "--graceful-timeout", "1", "--log-level", "warning",
        "--keep-alive", KEEP_ALIVE, "--error-logfile", "-", ASGI,
    ]  # fmt: skip


def daphne(options, address):
    """Daphne: one process."""
    host = address.host.replace(":", r"\:")
    endpoint = f"tcp:port={address.port}:interface={host}:backlog={options.backlog}"
    return [tool("daphne"), "--endpoint", endpoint, "--verbosity", "0", ASGI]


def waitress(options, address):
    """Waitress: one process."""
    return [
        tool("waitress-serve"), f"--listen={address}", f"--threads={options.threads}",
        f"--backlog={options.backlog}", "--connection-limit=4000", WSGI,
    ]  # fmt: skip


def uwsgi(options, socket):
    """uWSGI on a Unix socket, for nginx."""
    return [
        tool("uwsgi"), "--socket", str(socket), "--listen", str(options.backlog),
        "--module", WSGI, "--master", "--processes", str(options.workers),
        "--threads", str(options.threads), "--enable-threads", "--lazy-apps", "--need-app",
        "--die-on-term", "--no-orphans", "--worker-reload-mercy", "1", "--disable-logging",
        "--ignore-sigpipe", "--disable-write-exception",
    ]  # fmt: skip


STANDALONE = {
    "runserver": runserver,
    "gunicorn-sync": gunicorn,
    "gunicorn-gthread": gunicorn_threads,
    "gunicorn-gevent": gunicorn,
    "uvicorn": uvicorn,
    "hypercorn": hypercorn,
    "daphne": daphne,
    "waitress": waitress,
}
NAMES = [*STANDALONE, "uwsgi-nginx", "nginx-dead"]


def named(text):
    """The name of a server; Gunicorn's worker classes may stand for themselves."""
    return f"gunicorn-{text}" if f"gunicorn-{text}" in NAMES else text


def somaxconn():
    """The longest backlog that this machine allows."""
    return int(Path("/proc/sys/net/core/somaxconn").read_text())


def start(options, group, address, secure, data, run_dir):
    """Starts the shop behind the chosen server; `secure` is nginx's address for HTTPS, if any."""
    if options.server in STANDALONE:
        group.spawn("shop", STANDALONE[options.server](options, address))
        return
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not program:
        raise Failure("nginx is not installed (Debian: apt-get install nginx-light)", LACKING)
    socket = run_dir / "shop.sock"
    if options.server == "uwsgi-nginx":
        group.spawn("shop", uwsgi(options, socket))
        group.until(socket.exists, "uWSGI")
    conf = data / "nginx.conf"
    conf.write_text(nginx_conf(options, address, secure, socket, run_dir))
    group.spawn("nginx", [program, "-e", "stderr", "-p", f"{run_dir}/", "-c", str(conf)])


def nginx_conf(options, address, secure, socket, run_dir):
    """A configuration that touches nothing outside `run_dir` and needs no rights of root."""
    # As root, nginx would give its workers to a user that cannot reach the socket.
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    limit = f"limit_conn shop {options.limit_conn};" if options.limit_conn else ""
    temporary = "\n".join(
        f"    {kind}_temp_path {run_dir}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    variables = {
        "QUERY_STRING": "query_string",
        "REQUEST_METHOD": "request_method",
        "CONTENT_TYPE": "content_type",
        "CONTENT_LENGTH": "content_length",
        "REQUEST_URI": "request_uri",
        "PATH_INFO": "document_uri",
        "SERVER_PROTOCOL": "server_protocol",
        "REQUEST_SCHEME": "scheme",
        "REMOTE_ADDR": "remote_addr",
        "REMOTE_PORT": "remote_port",
        "SERVER_PORT": "server_port",
        "SERVER_NAME": "server_name",
    }
    parameters = "\n".join(f"        uwsgi_param {k} ${v};" for k, v in variables.items())
    tls = ""
    if secure:
        tls = f"""
        listen {secure} ssl backlog={options.backlog};
        ssl_certificate {options.tls_cert.resolve()};
        ssl_certificate_key {options.tls_key.resolve()};
        # From it uWSGI tells Django that the request is secure.
        uwsgi_param HTTPS $https if_not_empty;"""
    return f"""\
{user}
daemon off;
pid {run_dir}/nginx.pid;
error_log stderr error;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{
    worker_connections 8192;
}}
http {{
    access_log off;
{temporary}
    limit_conn_zone $server_name zone=shop:1m;
    limit_conn_log_level info;
    server {{
        listen {address} backlog={options.backlog};{tls}
        server_name shop;
{parameters}
        {options.nginx_conf_extra}
        location / {{
            {limit}
            uwsgi_pass unix:{socket};
        }}
        location = /stats/ {{
            uwsgi_pass unix:{socket};
        }}
    }}
}}
"""
