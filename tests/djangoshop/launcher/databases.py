"""The shop's database: SQLite, a private PostgreSQL, or one that exists.

Migrating and loading takes longer than anything else at start-up, so a finished database is kept
under target/ as a template, for as long as the code that made it stays the same, and copied.
"""

import argparse
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from launcher.failure import LACKING, Failure
from launcher.venv import REQUIREMENTS, SOURCE, TARGET, locked

TEMPLATES = TARGET / "djangoshop-templates"


def max_age(text):
    """Reads a CONN_MAX_AGE: seconds, or `persistent`."""
    if text != "persistent" and not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds or persistent")
    return text


def prepare(options, group, python, data, run_dir):
    """Makes the database and puts its DATABASE_URL into the servers' environment."""
    if options.server == "nginx-dead":
        return
    if options.database == "sqlite":
        sqlite(options, group, python, data)
    elif options.database in ("postgres", "postgresql"):
        postgres(options, group, python, run_dir)
    else:
        group.env["DATABASE_URL"] = options.database
        fill(group, python)


def sqlite(options, group, python, data):
    """A copy of the template; a file that is in the data directory already is used as it is."""
    file = data / "shop.sqlite3"
    if not file.exists():
        template = TEMPLATES / f"sqlite-{fingerprint(options.stock)}"
        with locked(TEMPLATES.name):
            if not template.exists():
                unfinished = _unfinished()
                unfinished.mkdir(parents=True)
                group.env["DATABASE_URL"] = f"sqlite:///{unfinished / 'file'}"
                fill(group, python)
                (unfinished / "file").rename(template)
        shutil.copy(template, file)
    group.env["DATABASE_URL"] = f"sqlite:///{file}"


def postgres(options, group, python, run_dir):
    """A cluster in the run directory, reached by a Unix socket; a copy of the template."""
    server = Postgres(group, run_dir, options.db_timeout)
    template = TEMPLATES / f"postgres-{server.version}-{fingerprint(options.stock)}"
    with locked(TEMPLATES.name):
        if not template.exists():
            server.create()
            server.start()
            fill(group, python)
            group.stop()  # a template must be a cluster that was shut down
            for old in TEMPLATES.glob("postgres-*"):  # 40 MB each
                shutil.rmtree(old)
            shutil.copytree(server.cluster, unfinished := _unfinished())
            unfinished.rename(template)
        else:
            shutil.copytree(template, server.cluster)
    server.start()


class Postgres:
    """A private PostgreSQL, fast and not safe: it is thrown away when `serve` ends."""

    def __init__(self, group, run_dir, timeout):
        self._group = group
        self._timeout = timeout
        self._programs = self._find()
        self.version = self._programs.parent.name
        self._home = run_dir / "postgres"
        self._home.mkdir()
        self.cluster = self._home / "cluster"
        self._account = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = self._unprivileged()
            self._account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            run_dir.chmod(0o711)
            self._give_away()

    def create(self):
        """Makes an empty cluster."""
        command = [self._programs / "initdb", "--no-sync", "--auth=trust", "--username=shop"]
        command += ["--encoding=UTF8", "--locale=C", f"--pgdata={self.cluster}"]
        run(command, cwd=self._home, **self._account)

    def start(self):
        """Starts the server and waits until it accepts connections."""
        self._give_away()
        settings = {
            "unix_socket_directories": self._home,
            "listen_addresses": "",
            "max_connections": 400,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [self._programs / "postgres", "-D", self.cluster, *options]
        query = f"host={self._home}&pool_timeout={self._timeout}"
        self._group.env["DATABASE_URL"] = f"postgresql://shop@/postgres?{query}"
        self._group.spawn("postgres", command, signal.SIGINT, **self._account)
        ready = [self._programs / "pg_isready", "-q", "-U", "shop", "-d", "postgres"]
        ready += ["-h", self._home]
        self._group.until(lambda: not subprocess.run(ready, check=False).returncode, "PostgreSQL")

    def _give_away(self):
        if self._account:
            for path in [self._home, *self._home.rglob("*")]:
                os.chown(path, self._account["user"], self._account["group"])

    @staticmethod
    def _find():
        on_path = shutil.which("initdb")
        found = [Path(on_path)] if on_path else Path("/usr/lib/postgresql").glob("*/bin/initdb")
        programs = [path.resolve().parent for path in found]
        if not programs:
            message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
            raise Failure(message, LACKING)
        return max(programs, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])

    @staticmethod
    def _unprivileged():
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                return pwd.getpwnam(name)
        raise Failure("PostgreSQL needs a user postgres or nobody to run as", LACKING)


def fill(group, python):
    """Makes the tables and loads the products."""
    for command in ("migrate", "loadproducts"):
        run([python, "manage.py", command, "--verbosity=0"], cwd=SOURCE, env=group.env)


def fingerprint(stock):
    """Changes with whatever a template is made from."""
    files = [REQUIREMENTS, *SOURCE.glob("*/**/*.py")]
    digest = hashlib.sha256(str(stock).encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def run(command, **options):
    """Runs a program to its end; its output is shown if it fails."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, **options,
    )  # fmt: skip
    if done.returncode:
        raise Failure(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")


def _unfinished():
    """A place for a template in the making; it gets its name when it is complete."""
    path = TEMPLATES / "unfinished"
    shutil.rmtree(path, ignore_errors=True)
    return path
