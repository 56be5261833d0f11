"""One settings file; only environment variables differ (all of them are in .env.example).

TRACKER_MODE=embedded (set by dev.py) runs everything from one folder, with no server and with made-up people.
TRACKER_MODE=test is for the test suite. Without TRACKER_MODE this is a server: every required variable must be there,
and anything that belongs to the other two modes is refused.
"""

import datetime
import os
import zoneinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from tracker.environment import (
    day,
    days,
    log_level,
    refuse_to_start,
    time_of_day,
    whole_number,
    whole_numbers,
    yes_or_no,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODES = ("embedded", "test")
MODE = os.environ.get("TRACKER_MODE", "production")
if MODE not in (*MODES, "production"):
    raise ImproperlyConfigured(f"TRACKER_MODE is {MODE!r}. It is embedded, test, or not set at all (a server).")
EMBEDDED = MODE == "embedded"
PRODUCTION = MODE == "production"

if PRODUCTION:
    refuse_to_start()


# What the embedded and test modes have and a server has not.
DATA_DIR = Path(os.environ.get("TRACKER_DATA_DIR") or BASE_DIR / "data")
TODAY = None if PRODUCTION else day("TRACKER_TODAY")
DEBUG = EMBEDDED and os.environ.get("TRACKER_DEBUG") == "1"
MAIL_DIR = DATA_DIR / "mail"
# Files that people give as evidence; never below a folder that a web server serves.
EVIDENCE_DIR = Path(os.environ["TRACKER_EVIDENCE_DIR"]) if PRODUCTION else DATA_DIR / "evidence"
# The virus scanner: path of clamd's socket, or host:port. Without one, files are shown as not scanned.
CLAMD = os.environ.get("TRACKER_CLAMD", "")

SITE_URL = (os.environ.get("SITE_URL") or "http://127.0.0.1:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
ENVIRONMENT = os.environ.get("TRACKER_ENVIRONMENT", _("Demonstration") if EMBEDDED else "")
SECRET_KEY = os.environ["SECRET_KEY"] if PRODUCTION else os.environ.get("SECRET_KEY", "embedded-" + "x" * 50)
ALLOWED_HOSTS = [
    str(urlsplit(SITE_URL).hostname),
    *filter(None, (host.strip() for host in os.environ.get("TRACKER_ALLOWED_HOSTS", "").split(","))),
    *([] if PRODUCTION else ["localhost", "127.0.0.1", "testserver"]),
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "tracker.web",
    "tracker.history",
    "tracker.accounts",
    "tracker.jobs",
    "tracker.inspections",
    "tracker.measures",
    "tracker.recommendations",
    "tracker.people",
    "tracker.reminders",
    "tracker.intake",
    "tracker.reviews",
    "tracker.exchange",
    "tracker.upkeep",
]

MIDDLEWARE = [
    "tracker.web.middleware.unavailable_database",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tracker.web.middleware.private_answers",
    "tracker.web.middleware.signed_out_in_place",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tracker.reviews.middleware.as_at",
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tracker.reviews.context.frame",
            ],
        },
    },
]
FORM_RENDERER = "tracker.web.forms.Renderer"

# -- rows ------------------------------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]]
if PRODUCTION or (MODE == "test" and os.environ.get("DATABASE_URL")):
    DATABASES = {"default": env.db_url("DATABASE_URL")}
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "options": "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000",
        },
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "tracker.sqlite3",
            # With SQLite's defaults half of concurrent writes fail with "database is locked".
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The database, not Redis: rate limits hold across processes, and no page fails because Redis is away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Past Django's 300 it would throw away a third, with the counts of who guesses passwords among them.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# -- who you are -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
if MODE == "test":
    # Tests sign in hundreds of times, with passwords that guard nothing.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "tracker.accounts.passwords.RepetitionValidator"},
    {"NAME": "tracker.accounts.passwords.GuessableWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "reviews:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "tracker.reminders.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/key,50/5m/ip", "login": "60/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = whole_number("TRACKER_TRUSTED_PROXIES", 0, 0, 5)
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# -- what a browser is told ------------------------------------------------------------------------------------------
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "tracker.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
# Of one request with files: five of evidence, and some more, so that a form can say which file is too big.
UPLOAD_MAX_BYTES = 80_000_000
FILE_UPLOAD_HANDLERS = [
    "tracker.web.uploads.LimitedRequest",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# -- the look --------------------------------------------------------------------------------------------------------
# From the root: pages of a past day have a longer address, and the same files.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "build" / "look"]
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# The names that MoJ's alerts have for them.
MESSAGE_TAGS = {messages.INFO: "information"}

# -- words and days --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"
LONDON = zoneinfo.ZoneInfo(TIME_ZONE)
# Besides those that the package knows, such as one that was proclaimed this year.
BANK_HOLIDAYS = days("TRACKER_BANK_HOLIDAYS")
STALE_DAYS = whole_number("TRACKER_STALE_DAYS", 28, 1, 365)
# Also plans that were not sent, and what is undecided or was returned.
INSPECTORS_SEE_DRAFTS = yes_or_no("TRACKER_INSPECTORS_SEE_DRAFTS", default=False)
DIGEST_AT = time_of_day("TRACKER_DIGEST_AT", "07:30")

# -- mail ------------------------------------------------------------------------------------------------------------
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM") or "Inspection action tracker <tracker@example.test>"
# GOV.UK Notify instead of a mail server, where both are set.
NOTIFY_API_KEY = "" if EMBEDDED else os.environ.get("NOTIFY_API_KEY", "")
NOTIFY_TEMPLATE_ID = "" if EMBEDDED else os.environ.get("NOTIFY_TEMPLATE_ID", "")
NOTIFY_URL = os.environ.get("NOTIFY_URL") or "https://api.notifications.service.gov.uk"
if NOTIFY_API_KEY:
    EMAIL_BACKEND = "tracker.reminders.notify.EmailBackend"
elif PRODUCTION or (MODE == "test" and os.environ.get("EMAIL_URL")):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "tracker.reminders.mailfolder.EmailBackend"

# How long a sender may hold a letter before another takes it, and how long a letter waits after each failed attempt.
# Minutes on a server; shorter only where it is tried out what breaks.
LEASE_SECONDS = 120 if PRODUCTION else whole_number("TRACKER_LEASE_SECONDS", 120, 1, 120)
BACKOFF_SECONDS: tuple[int, ...] = (60, 120, 300, 900, 3600)
if not PRODUCTION:
    BACKOFF_SECONDS = whole_numbers("TRACKER_BACKOFF_SECONDS", BACKOFF_SECONDS, 1, 3600)

# -- the clock and the worker: the database holds what is to be done, a message only wakes the worker up -------------
TICK_SECONDS = 60 if PRODUCTION else 5
WORK_SECONDS = 5 if PRODUCTION else 2
CELERY_TIMEZONE = "UTC"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "tracker.reminders.tasks.tick",
        "schedule": schedule(datetime.timedelta(seconds=TICK_SECONDS)),
        # A worker that was away must not find a heap of old ticks.
        "options": {"expires": TICK_SECONDS},
    },
    "work": {
        "task": "tracker.jobs.tasks.work",
        # Somebody sits before a progress bar, and a look at an empty queue costs next to nothing.
        "schedule": schedule(datetime.timedelta(seconds=WORK_SECONDS)),
        "options": {"expires": WORK_SECONDS},
    },
    "sweep": {
        "task": "tracker.upkeep.tasks.sweep",
        "schedule": schedule(datetime.timedelta(hours=1)),
        "options": {"expires": 3600},
    },
}
if NOTIFY_API_KEY:
    CELERY_BEAT_SCHEDULE["follow_up"] = {
        "task": "tracker.reminders.tasks.follow_up",
        "schedule": schedule(datetime.timedelta(seconds=TICK_SECONDS)),
        "options": {"expires": TICK_SECONDS},
    }
if PRODUCTION or (MODE == "test" and os.environ.get("REDIS_URL")):
    CELERY_BROKER_URL = os.environ["REDIS_URL"]
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
else:
    BROKER_DIR = DATA_DIR / "broker"
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT = "tracker.filebroker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": BROKER_DIR / "queue",
        "data_folder_out": BROKER_DIR / "queue",
        "control_folder": BROKER_DIR / "control",
        "store_processed": False,
        "polling_interval": 0.2,
    }

# What is made in the background, by the kind of job: each a tracker.jobs.queries.Kind.
JOB_KINDS = {
    "pack": "tracker.exchange.operations.pack.PACK",
    "download": "tracker.exchange.operations.download.DOWNLOAD",
}

# -- logs ------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"one_line": {"()": "tracker.web.security_log.OneLine"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "one_line": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_line"]},
    },
    "loggers": {
        # Somebody who may not is no fault of ours; the answer says so, and no traceback is needed.
        "django.request": {"level": "ERROR"},
        # Anybody can send a request that is refused before any view: a wrong host, a broken form.
        "django.security": {"handlers": ["one_line"], "propagate": False},
        # Also where only warnings are wanted of the rest.
        "tracker.security": {"handlers": ["one_line"], "level": "INFO", "propagate": False},
    },
    "root": {"handlers": ["console"], "level": log_level()},
}
# HSTS speaks for this host alone: other services of its domain are not ours to bind, nor to put on a preload list.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
