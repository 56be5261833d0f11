"""The operator's log of security: a line for each event, by ids and without names, addresses of people or words."""

import logging
from typing import Any

from django.http import HttpRequest

logger = logging.getLogger("tracker.security")


def log(what: str, request: HttpRequest | None = None, **facts: Any) -> None:
    """`what`, then name=value: who made the request and from where, and the facts."""
    if request is not None:
        user = getattr(request, "user", None)
        facts = {"by": getattr(user, "pk", None) or "nobody", "from": place_of(request), **facts}
    logger.info("%s %s", what, " ".join(f"{name}={value}" for name, value in facts.items()))


def place_of(request: HttpRequest) -> str:
    from allauth.account.adapter import get_adapter  # logging is set up before the apps are

    try:
        return str(get_adapter().get_client_ip(request))
    except Exception:
        # A header that cannot be read is no reason to answer with an error.
        return "unknown"


class OneLine(logging.Filter):
    """Leaves out the traceback of what anybody can cause from outside."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True
