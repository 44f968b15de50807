"""Runs the web services: `python -m webservices --listen 127.0.0.1:8001`."""

import argparse

import waitress

from webservices.app import WebServices


def main():
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="webservices", description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:8001", metavar="HOST:PORT")
    parser.add_argument("--stock", type=int, default=1_000_000, help="items of each product")
    parser.add_argument("--delay", type=float, default=0, help="seconds that each order takes")
    options = parser.parse_args()
    app = WebServices(options.stock, options.delay)
    waitress.serve(
        app, listen=options.listen, threads=32, backlog=2048, connection_limit=4000, ident=None
    )


if __name__ == "__main__":
    main()
