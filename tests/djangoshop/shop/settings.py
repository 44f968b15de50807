"""Settings of the shop. Everything that a test may want to change comes from the environment."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from shop import database

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name):
    """Whether the environment variable `name` says yes."""
    return os.environ.get(name, "").lower() in ("1", "true", "yes", "on")


SECRET_KEY = os.environ.get("SECRET_KEY") or get_random_secret_key()
DEBUG = flag("SHOP_DEBUG")
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = ["shop", "rdbms", "cassandra", "plain", "django.contrib.sessions"]
MIDDLEWARE = [
    "shop.middleware.receipt",  # outermost: it stamps the receipt of the request
    "django.middleware.common.CommonMiddleware",
]
# The plain app is an ordinary site beside the two that report. SHOP_PLAIN adds what such sites have; without it
# the requests of the others remain as cheap as they were.
PLAIN_SITE = flag("SHOP_PLAIN")
if PLAIN_SITE:
    MIDDLEWARE.insert(1, "plain.timing.server_timing")
    MIDDLEWARE.append("django.contrib.sessions.middleware.SessionMiddleware")
# The host and port at which nginx speaks TLS; then Django is set up as for a shop over HTTPS only.
SECURE_SSL_HOST = os.environ.get("SHOP_SSL_HOST") or None
if SECURE_SSL_HOST:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^stats/$"]
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_SECURE = True
    MIDDLEWARE.insert(1, "django.middleware.security.SecurityMiddleware")
CSRF_PROTECTION = flag("SHOP_CSRF")
if CSRF_PROTECTION:
    MIDDLEWARE.append("django.middleware.csrf.CsrfViewMiddleware")

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES = {
    "default": database.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The reports carry this machine's local time without an offset, so Django must leave the
# process's time zone alone (any TIME_ZONE would be put in the environment variable TZ).
USE_TZ = False
TIME_ZONE = None
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Replaces Django's own handlers.
        "django": {"level": "WARNING"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # 403, 404 and 405 are answers that tests ask for.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
    },
}

# Items of each product when the products are loaded.
STOCK = int(os.environ.get("SHOP_STOCK") or 1_000_000)
# The second server, which a purchase asks for payment and stock; none when empty.
REST_URL = os.environ.get("REST_URL", "").rstrip("/")
REST_TIMEOUT = float(os.environ.get("REST_TIMEOUT") or 5)
