"""As at: the pages that are read, as they stood at the end of a past day, under an address of their own.

/as-at/2026-06-30/review/ is /review/ on that day. Every link of the page stays on that day, because Django puts the
beginning of the address before each; nothing can be changed there.
"""

import datetime
import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve, set_script_prefix

from tracker.accounts.http import access_of
from tracker.accounts.models import User
from tracker.recommendations.models import Recommendation
from tracker.reviews.operations.badge import known_count
from tracker.reviews.past import seen_then
from tracker.reviews.policies import SHOWN_AS_AT
from tracker.web import errors
from tracker.web.http import is_own, moved
from tracker.web.today import now, today

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ADDRESS = re.compile(r"/as-at/(\d{4}-\d{2}-\d{2})(/.*)", re.ASCII | re.DOTALL)


def as_at(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        match = ADDRESS.fullmatch(request.path_info)
        if match is None:
            return get_response(request)
        day, path = _day(match[1]), match[2]
        if not is_own(path):
            raise Http404
        name = _name(path)
        here_and_now = path + (f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else "")
        if request.method not in ("GET", "HEAD"):
            if name == "account_logout":
                return moved(here_and_now, preserve_request=True)
            return errors.past(request)
        if day >= today() or name not in SHOWN_AS_AT or not isinstance(request.user, User):
            return moved(here_and_now)
        request.path_info = path
        return _then(request, day, here_and_now, get_response)

    return middleware


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def _then(request: Any, day: datetime.date, here_and_now: str, get_response: GetResponse) -> HttpResponseBase:
    """What the person can see today is read first, before the tables show the past."""
    present = access_of(request)
    request.past = {"day": day, "url": here_and_now, "badge": known_count(present), "at": now()}
    set_script_prefix(f"/as-at/{day}/")
    try:
        with seen_then(present, day, copied=[Recommendation]) as access:
            request._access = access
            return get_response(request)
    finally:
        set_script_prefix("/")
