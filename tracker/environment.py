"""What the environment of a server must hold and must not, and values read from it. Every variable: .env.example."""

import datetime
import os
import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

REQUIRED = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_FROM", "SITE_URL", "TRACKER_EVIDENCE_DIR")
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
OPTIONAL = {
    "TRACKER_CLAMD",
    "TRACKER_MODE",
    "TRACKER_ALLOWED_HOSTS",
    "TRACKER_TRUSTED_PROXIES",
    "TRACKER_DIGEST_AT",
    "TRACKER_STALE_DAYS",
    "TRACKER_BANK_HOLIDAYS",
    "TRACKER_INSPECTORS_SEE_DRAFTS",
    "TRACKER_ENVIRONMENT",
    "TRACKER_LOG_LEVEL",
}
ELSEWHERE = {
    "TRACKER_TODAY",
    "TRACKER_DEBUG",
    "TRACKER_DATA_DIR",
    "TRACKER_DEMO",
    "TRACKER_LEASE_SECONDS",
    "TRACKER_BACKOFF_SECONDS",
}


def _refusals() -> list[str]:
    """What is wrong with the environment of a server, one line each; a server with any does not start."""
    by_notify = bool(os.environ.get("NOTIFY_API_KEY") or os.environ.get("NOTIFY_TEMPLATE_ID"))
    required = [name for name in REQUIRED if not (by_notify and name == "EMAIL_URL")]
    lines = [f"{name} is not set." for name in required if not os.environ.get(name)]
    lines += [f"{name} is not for a server: remove it." for name in sorted(ELSEWHERE) if name in os.environ]
    lines += [
        f"{name} would win over the tracker's own settings: remove it."
        for name in os.environ
        if name.startswith("CELERY_")
    ]
    if os.environ.get("DEBUG", "").lower() not in ("", "0", "false", "no", "off"):
        lines.append("DEBUG is on: a server shows nobody its inside. Remove it.")
    known = {*REQUIRED} | OPTIONAL | ELSEWHERE
    lines += [
        f"{name} is no setting of the tracker (see .env.example)."
        for name in sorted(os.environ)
        if name.startswith("TRACKER_") and name not in known
    ]
    secret = os.environ.get("SECRET_KEY", "")
    if secret and (len(secret) < 50 or len(set(secret)) < 10):
        lines.append("SECRET_KEY is too simple: 50 characters or more, from a random source.")
    scanner = os.environ.get("TRACKER_CLAMD", "")
    if scanner and not scanner.startswith("/") and not re.fullmatch(r"[^/]+:[0-9]{1,5}", scanner):
        lines.append("TRACKER_CLAMD is not where a clamd listens (/run/clamav/clamd.ctl, or host:3310).")
    lines += _address_refusals()
    lines += _notify_refusals()
    return lines


def _notify_refusals() -> list[str]:
    """GOV.UK Notify with half of what it needs, or beside a mail server: nobody could say which road is meant."""
    key, template = os.environ.get("NOTIFY_API_KEY", ""), os.environ.get("NOTIFY_TEMPLATE_ID", "")
    if not key and not template:
        return ["NOTIFY_URL is set without NOTIFY_API_KEY."] if os.environ.get("NOTIFY_URL") else []
    lines = [f"{name} is not set." for name in ("NOTIFY_API_KEY", "NOTIFY_TEMPLATE_ID") if not os.environ.get(name)]
    if key and not re.fullmatch(rf".+-{UUID}-{UUID}", key):
        lines.append("NOTIFY_API_KEY is no key of GOV.UK Notify (name-service-secret, the last two are UUIDs).")
    if template and not re.fullmatch(UUID, template):
        lines.append("NOTIFY_TEMPLATE_ID is no id of a template (a UUID).")
    if os.environ.get("EMAIL_URL"):
        lines.append("EMAIL_URL and NOTIFY_API_KEY are both set: letters go by one of them. Remove the other.")
    if not (os.environ.get("NOTIFY_URL") or "https://").startswith("https://"):
        lines.append("NOTIFY_URL must begin with https://.")
    return lines


def _scheme(address: str) -> str:
    """The part before the colon; "" where it is no address at all."""
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


def _address_refusals() -> list[str]:
    lines = []
    database = os.environ.get("DATABASE_URL", "")
    if database and _scheme(database) not in ("postgres", "postgresql"):
        lines.append("DATABASE_URL is not a PostgreSQL address (postgres://user:password@host:5432/name).")
    redis = os.environ.get("REDIS_URL", "")
    if redis and _scheme(redis) not in ("redis", "rediss", "unix"):
        lines.append("REDIS_URL is not a Redis address (redis://host:6379/0).")
    mail = os.environ.get("EMAIL_URL", "")
    if mail and _scheme(mail) not in ("smtp", "smtps", "smtp+tls", "smtp+ssl"):
        lines.append("EMAIL_URL is not a mail server's address (smtp+tls://user:password@host:587).")
    try:
        site = urlsplit(os.environ.get("SITE_URL", ""))
    except ValueError:
        site = urlsplit("nowhere")
    if site.geturl() and (site.scheme not in ("http", "https") or not site.hostname or site.path not in ("", "/")):
        lines.append("SITE_URL is not the site's own address (https://tracker.example.org).")
    elif site.scheme == "http" and site.hostname not in ("localhost", "127.0.0.1"):
        lines.append("SITE_URL must begin with https:// (http:// is for a trial on localhost only).")
    elif site.scheme == "https" and (os.environ.get("TRACKER_TRUSTED_PROXIES") or "0") == "0":
        lines.append("TRACKER_TRUSTED_PROXIES must be 1 or more: with https:// a proxy stands in front of the tracker.")
    return lines


def refuse_to_start() -> None:
    """Raises ImproperlyConfigured with everything that is wrong, when anything is."""
    if refusals := _refusals():
        raise ImproperlyConfigured(
            "The tracker does not start:\n  " + "\n  ".join(refusals) + "\n"
            "To try it out without a server: python3 dev.py run"
        )


def whole_number(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ImproperlyConfigured(f"{name} is {text!r}. It must be a whole number from {low} to {high}.")
    return int(text)


def whole_numbers(name: str, default: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    """As many as the default has, with commas between them."""
    text = os.environ.get(name) or ",".join(map(str, default))
    numbers = text.split(",")
    if len(numbers) != len(default) or not all(
        number.isascii() and number.isdigit() and low <= int(number) <= high for number in numbers
    ):
        raise ImproperlyConfigured(
            f"{name} is {text!r}. It must be {len(default)} whole numbers from {low} to {high}, commas between them."
        )
    return tuple(map(int, numbers))


def yes_or_no(name: str, *, default: bool) -> bool:
    words = {"": default, "yes": True, "no": False}
    text = os.environ.get(name, "").lower()
    if text not in words:
        raise ImproperlyConfigured(f"{name} is {text!r}. It must be yes or no.")
    return words[text]


def time_of_day(name: str, default: str) -> datetime.time:
    text = os.environ.get(name) or default
    try:
        if not re.fullmatch(r"\d\d:\d\d", text, re.ASCII):
            raise ValueError
        return datetime.time.fromisoformat(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}. It must be a time such as 07:30.") from None


def log_level() -> str:
    text = (os.environ.get("TRACKER_LOG_LEVEL") or "INFO").upper()
    if text not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ImproperlyConfigured(f"TRACKER_LOG_LEVEL is {text!r}. It must be DEBUG, INFO, WARNING or ERROR.")
    return text


def days(name: str) -> frozenset[datetime.date]:
    """Days with commas between them."""
    text = os.environ.get(name) or ""
    try:
        return frozenset(datetime.date.fromisoformat(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        said = "It must be a day such as 2026-11-20, or several with commas between them."
        raise ImproperlyConfigured(f"{name} is {text!r}. {said}") from None


def day(name: str) -> datetime.date | None:
    text = os.environ.get(name)
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}. It must be a day such as 2026-11-20.") from None
