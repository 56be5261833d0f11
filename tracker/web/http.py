"""Pages and parts. The only module that checks for htmx requests."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from tracker.accounts.models import User


class Request(HttpRequest):
    """A request that passed LoginRequiredMiddleware, so its user is signed in."""

    user: "User"
    htmx: HtmxDetails


def wants_part(request: HttpRequest) -> bool:
    """Whether to respond with a part. Boosted links and history restores send htmx headers but need the whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request  # type: ignore[union-attr]


def vary(response: HttpResponse) -> HttpResponse:
    """Set Vary, because one address has two responses."""
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def page(request: HttpRequest, template: str, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The part for htmx requests, otherwise the whole page, from the same context."""
    return vary(render(request, part if wants_part(request) else template, context, status=status))


def titled(
    request: HttpRequest,
    part: str,
    context: dict[str, Any],
    *,
    title: str,
    back: str = "",
    back_text: str = "",
    status: int = 200,
) -> HttpResponse:
    """A part whose page adds a title only and, if `back` is given, a back link."""
    around = {"part": part, "title": title, "back": back, "back_text": back_text or _("Back")}
    return page(request, "titled.html", part, context | around, status=status)


def number_in(text: str) -> int:
    """An id from an address or form; 0, which no row has, if the text is not an id."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def safe_next(request: HttpRequest) -> str:
    """The path in `next`; "" if it is missing or leads to another site."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if is_own(asked) else ""


def is_own(url: str) -> bool:
    """Whether a redirect to this path stays on this site: not //host, /\\host or another scheme."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def moved(url: str, *, preserve_request: bool = False) -> HttpResponseRedirect:
    """Redirect to a path of this site. Any other address gives a 400."""
    return HttpResponseRedirect(_own(url), preserve_request=preserve_request)


def _own(url: str) -> str:
    if not is_own(url):
        raise SuspiciousOperation("A redirect to another site")
    return url


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect after a form was saved."""
    if not wants_part(request):
        return vary(moved(url))
    response = HttpResponse(headers={"HX-Redirect": iri_to_uri(_own(url))})
    there, here = urlsplit(url), urlsplit(request.headers.get("HX-Current-URL", ""))
    if there.fragment and (there.path, there.query) == (here.path, here.query):
        # An address that differs from the present one by its fragment only would scroll and not load. Any other must
        # not be followed by a refresh: that would load the present page again in its place.
        response["HX-Refresh"] = "true"
    return vary(response)
