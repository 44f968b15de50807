"""Turns a DATABASE_URL into Django's settings for that database."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit


def parse(url):
    """Understands `sqlite:///path` (`sqlite:////absolute/path`) and
    `postgresql://user:password@host:port/name?host=/socket/directory&pool_timeout=seconds`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        file = unquote(parts.path.removeprefix("/"))
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": file,
            "TEST": {"NAME": f"{file}.test"},  # a file, so that threads contend as they do for real
            "OPTIONS": {
                # Take the write lock at BEGIN: a transaction that reads first and writes later
                # cannot wait for its turn, SQLite fails it with "database is locked" at once.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        query = dict(parse_qsl(parts.query))
        timeout = float(query.get("pool_timeout", 30))
        max_age = os.environ.get("DB_CONN_MAX_AGE", "")
        connections = (
            {"CONN_MAX_AGE": None if max_age == "persistent" else int(max_age)}
            if max_age
            # A pool for each process: a server with a thread for every request would otherwise
            # open a connection for every request too, and run into max_connections.
            else {"OPTIONS": {"pool": {"min_size": 1, "max_size": 20, "timeout": timeout}}}
        )
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.get("host", parts.hostname or ""),
            "PORT": str(parts.port or query.get("port", "")),
            **connections,
        }
    raise ValueError(f"DATABASE_URL must begin with sqlite: or postgresql:, not {url!r}")
