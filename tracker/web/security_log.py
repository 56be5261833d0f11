"""The security log: a line for each event, with ids but without names, email addresses or text of people."""

import logging
from typing import Any

from django.http import HttpRequest

logger = logging.getLogger("tracker.security")


def log(what: str, request: HttpRequest | None = None, **facts: Any) -> None:
    """Log `what`, followed by name=value pairs: who made the request, from where, and the given facts."""
    if request is not None:
        user = getattr(request, "user", None)
        facts = {"by": getattr(user, "pk", None) or "nobody", "from": place_of(request), **facts}
    logger.info("%s %s", what, " ".join(f"{name}={value}" for name, value in facts.items()))


def place_of(request: HttpRequest) -> str:
    from allauth.account.adapter import get_adapter  # logging is set up before the apps are

    try:
        return str(get_adapter().get_client_ip(request))
    except Exception:
        # An unreadable header must not make the request fail.
        return "unknown"


class OneLine(logging.Filter):
    """Removes the traceback of errors that anybody can cause from outside."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True
