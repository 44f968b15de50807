"""Where a server listens."""

import argparse
import http.client
import socket
from urllib.parse import urlsplit

from launcher.failure import Failure


def parse(text):
    """Reads HOST:PORT or [HOST]:PORT."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def of_url(url):
    """The address in a URL, where it is plain and on this machine's loopback; else any free port."""
    parts = urlsplit(url)
    hosts = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
    try:
        if parts.scheme == "http" and parts.hostname in hosts:
            return hosts[parts.hostname], parts.port or 80
    except ValueError:
        pass  # not a port
    return "127.0.0.1", 0


class Address:
    """A host and a port that are kept for the server that will listen there."""

    def __init__(self, host, port):
        self.host = host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Bound, and never listening: nobody else is given the port, neither by asking for a free
        # one nor for an outgoing connection, but a server that sets SO_REUSEADDR, as all do, can
        # have it. Without this, two tests that start at once could be given the same port.
        self._held = socket.socket(family)
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._held.bind((host, port))
        except OSError as reason:
            raise Failure(f"cannot listen at {host} port {port}: {reason.strerror}") from reason
        self.port = self._held.getsockname()[1]

    def __str__(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self):
        """The address as a client writes it."""
        return f"http://{self}"

    def status(self, path):
        """The HTTP status that is answered for `path`; None while nobody answers."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
