"""Context of the page frame: navigation, badge, search box, choice of a past day."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.http import access_of
from tracker.accounts.models import User
from tracker.accounts.policies import Access, can_administer
from tracker.reminders.policies import can_see_letters
from tracker.reviews.operations.badge import known_count
from tracker.reviews.policies import AS_AT, SHOWN_AS_AT, can_review, can_review_nationally, sees_meetings, visible_views
from tracker.reviews.queries.saved_view import kept
from tracker.web.http import wants_part

# The search page has its own box.
SEARCH = "reviews:search"
LIST = "recommendations:list"
# How many saved views are shown above the list.
SHOWN = 6


def frame(request: HttpRequest) -> dict[str, Any]:
    """`nav` is a list of {label, url, current, badge, badge_url}."""
    user, past = getattr(request, "user", None), getattr(request, "past", None)
    context: dict[str, Any] = {
        "environment": settings.ENVIRONMENT,
        "person": None,
        "nav": [],
        "mail_page_url": reverse("reminders:mail") if settings.EMBEDDED else "",
    }
    if not isinstance(user, User) or wants_part(request):
        return context
    return (
        context
        | {
            "person": user,
            "account_url": reverse("account_change_password"),
            "nav": _nav(request),
            "sees_nation": can_review_nationally(access_of(request)),  # type: ignore[arg-type]
            "sees_meetings": sees_meetings(access_of(request)),  # type: ignore[arg-type]
            "past": past,
            "has_search_box": request.resolver_match is None or request.resolver_match.view_name != SEARCH,
            "as_at_url": _as_at_url(request),
        }
        | _saved_views(request)
    )


def _saved_views(request: Any) -> dict[str, Any]:
    """Above the list of recommendations: the person's first saved views, and the link to save the current filter."""
    match = request.resolver_match
    if match is None or match.view_name != LIST or getattr(request, "past", None):
        return {}
    query = kept(request.GET)
    return {
        "saved_views": list(visible_views(access_of(request))[:SHOWN]),
        "save_view_url": f"{reverse('reviews:save_view')}?{query}" if query else "",
    }


def _nav(request: Any) -> list[dict[str, Any]]:
    access = access_of(request)
    places = [
        (_("Home"), "reviews:home", True),
        (_("Recommendations"), "recommendations:list", True),
        (_("Inspections"), "recommendations:inspections", True),
        (_("Review"), "reviews:region", can_review(access)),
        (_("People"), "people:list", can_administer(access)),
        (_("Emails"), "upkeep:letters", can_see_letters(access)),
    ]
    nav = []
    for label, name, is_shown in places:
        if is_shown:
            url = reverse(name)
            current = request.path == url or (name != "reviews:home" and request.path.startswith(url))
            badge = _badge(request, access) if name == "reviews:home" else {}
            nav.append({"label": label, "url": url, "current": current} | badge)
    return nav


def _as_at_url(request: HttpRequest) -> str:
    """The address for choosing a past day, if this page can be shown as at a past day."""
    past = getattr(request, "past", None)
    if request.resolver_match is None or request.resolver_match.view_name not in SHOWN_AS_AT:
        return ""
    query = {"to": past["url"] if past else request.get_full_path()} | ({"day": past["day"]} if past else {})
    return f"{AS_AT}?{urlencode(query)}"


def _badge(request: HttpRequest, access: Access) -> dict[str, Any]:
    """The number of tasks today, also on a past page. If it must be counted again, the page requests it later."""
    past = getattr(request, "past", None)
    known = past["badge"] if past else known_count(access)
    return {"badge": known} if known is not None else {"badge_url": reverse("reviews:badge")}
