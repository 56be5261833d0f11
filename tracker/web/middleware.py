"""Middleware for every response: no caching, lost sessions and databases reported, nothing typed lost."""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

from tracker.web import errors
from tracker.web.http import wants_part

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


class _UnavailableDatabase:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, errors.DATABASE_AWAY):
            return None
        logger.error("The database does not answer: %s", request.path, exc_info=exception)
        return errors.unavailable(request)


def unavailable_database(get_response: GetResponse) -> _UnavailableDatabase:
    """Respond with 503 if a view finds the database unavailable. errors.server_error does the same outside views."""
    return _UnavailableDatabase(get_response)


def private_answers(get_response: GetResponse) -> GetResponse:
    """Keep responses to signed-in people out of caches, and out of the browser after signing out."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        cookie = settings.SESSION_COOKIE_NAME
        is_html = response.get("Content-Type", "").startswith("text/html")
        # The cookie instead of the session, because this also runs while the database is unavailable.
        if is_html or cookie in request.COOKIES or cookie in response.cookies:
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie", "HX-Request", "HX-History-Restore-Request"])
        response["Permissions-Policy"] = PERMISSIONS
        if _signs_out(request, response):
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def _signs_out(request: HttpRequest, response: HttpResponseBase) -> bool:
    match = request.resolver_match
    return (
        request.method == "POST"
        and match is not None
        and match.view_name == "account_logout"
        and 300 <= response.status_code < 400
    )


def signed_out_in_place(get_response: GetResponse) -> GetResponse:
    """Replace LoginRequiredMiddleware's redirect, which would lose what was typed, except for a plain GET."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if _asks_to_sign_in(request, response) and (wants_part(request) or request.method == "POST"):
            return errors.signed_out(request)
        return response

    return middleware


def _asks_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code != 302 or request.resolver_match is None:
        return False
    if not getattr(request.resolver_match.func, "login_required", True):
        # Public pages, such as those of allauth, redirect for their own reasons.
        return False
    target = urlsplit(response["Location"])
    return (
        not request.user.is_authenticated
        and target.path == resolve_url(settings.LOGIN_URL)
        and REDIRECT_FIELD_NAME in QueryDict(target.query)
    )
