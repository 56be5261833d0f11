"""Error responses: a page, or a part for the error slot of the form."""

import json
import logging
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tracker.web.http import vary, wants_part
from tracker.web.security_log import log

logger = logging.getLogger(__name__)

PAGE = "errors/_page.html"
PART = "errors/_part.html"
AGAIN_SECONDS = 5
# Longer values were typed and are shown so that they can be copied. Shorter ones were mostly chosen.
SHORT = 40
DATABASE_AWAY = (OperationalError, InterfaceError)


def answer(request: HttpRequest, template: str, status: int, *, plain: bool = False, **context: Any) -> HttpResponse:
    """Render `template` in the layout of the caller. `plain` leaves out context processors, and so the database."""
    context["layout"] = PART if wants_part(request) else PAGE
    return vary(HttpResponse(render_to_string(template, context, None if plain else request), status=status))


def send_again(request: HttpRequest) -> dict[str, Any]:
    """Context for errors/_send_again.html: what was posted, without passwords and files, to be sent again."""
    if request.method != "POST" or wants_part(request):
        return {}
    try:
        posted = [(name, value) for name, values in request.POST.lists() for value in values]
        files = bool(request.FILES)
    except Exception:
        # What was sent cannot be read at all, and that is what the error page is about.
        return {}
    secrets = {name for name, _value in posted if "password" in name.lower()}
    fields = [(name, value) for name, value in posted if name not in secrets | {"csrfmiddlewaretoken"}]
    return {
        "again": {
            "url": request.get_full_path(),
            "fields": fields,
            "texts": [value for _name, value in fields if len(value) > SHORT],
            "files": files,
            "secret": bool(secrets),
            "token": get_token(request),
        }
    }


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return answer(request, "413.html", 413, plain=True)
    return answer(request, "400.html", 400, plain=True)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    log("refused", request, path=request.path)
    return answer(request, "403.html", 403, **send_again(request))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return unavailable(request)
    try:
        return answer(request, "500.html", 500, plain=True, **send_again(request))
    except Exception:
        logger.exception("The error page itself failed.")
        return HttpResponse(_("Something went wrong. Try again later."), status=500, content_type="text/plain")


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 without any query, for when the database is unavailable."""
    response = answer(request, "503.html", 503, plain=True, **send_again(request))
    response["Retry-After"] = str(AGAIN_SECONDS)
    return response


def past(request: HttpRequest) -> HttpResponse:
    """The response to a change requested on a page of a past day."""
    response = answer(request, "errors/past.html", 405, plain=True)
    response["Allow"] = "GET, HEAD"
    return response


def signed_out(request: HttpRequest) -> HttpResponse:
    """The response to a signed-out request. What was typed stays on the page, or is offered in a form to send again."""
    sign_in = resolve_url(settings.LOGIN_URL)
    return answer(request, "signed_out.html", 401, plain=True, sign_in=sign_in, **send_again(request))


def came_from_here(request: HttpRequest) -> bool:
    """Whether the browser's own headers say that one of our pages sent this. Other sites cannot forge them."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    try:
        host = request.get_host()
        sent_by = urlsplit(origin)
    except (DisallowedHost, ValueError):
        return False
    return origin in settings.CSRF_TRUSTED_ORIGINS or (sent_by.scheme, sent_by.netloc) == (request.scheme, host)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Renew a token that went stale by signing in again in another tab. Other origins get a 403."""
    if not came_from_here(request):
        return answer(request, "403.html", 403, plain=True)
    if wants_part(request):
        response = answer(request, "errors/stale.html", 403, plain=True)
        response["HX-Trigger"] = json.dumps({"csrfRenewed": {"token": get_token(request)}})
        return response
    return answer(request, "errors/stale.html", 403, plain=True, **send_again(request))
