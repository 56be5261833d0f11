"""What happened since a day."""

import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access
from tracker.reviews.forms.since import SinceForm
from tracker.reviews.policies import can_review
from tracker.reviews.queries.meeting import last_meeting_day
from tracker.reviews.queries.region import first_day
from tracker.reviews.queries.since import DAYS, KINDS, addressees
from tracker.reviews.queries.since import since as parts_since
from tracker.web.http import Request, number_in, page


@require_safe
def since(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    first = first_day()
    context: dict[str, Any] = {"first": first, "on": access.on}
    if first is None or first >= access.on:
        return page(request, "reviews/since.html", "reviews/_since.html", context)
    asked, organisations = request.GET.copy(), addressees(access)
    if "since" not in asked:
        place = organisations.filter(pk=number_in(asked.get("organisation", ""))).first()
        asked["since"], context["starts_from"] = _default(access, place, first)
    form = SinceForm(asked, on=access.on, first=first, organisations=organisations)
    if form.is_valid():
        day, place = form.cleaned_data["since"], form.cleaned_data["organisation"]
        form.refill({"since": day.strftime("%d/%m/%Y")})
        kind = next((one.name for one in KINDS if one.name == asked.get("kind")), "")
        parts = parts_since(access, day, place, kind=kind, start=number_in(asked.get("from", "")))
        context |= {"day": day, "place": place, "days": (access.on - day).days, "parts": parts, "kind": kind}
        context["nothing"] = [part for part in parts if not part.count]
    context["form"] = form
    return page(request, "reviews/since.html", "reviews/_since.html", context, status=200 if form.is_valid() else 422)


def _default(access: Access, place: Organisation | None, first: datetime.date) -> tuple[str, str]:
    """The day to start from where none is chosen, and how that is said."""
    day, met = access.on - datetime.timedelta(days=DAYS), last_meeting_day(access, place)
    if met is not None and met >= first:
        said = _("Starting from the last meeting about %(place)s.") if place else _("Starting from the last meeting.")
        return met.isoformat(), said % {"place": place}
    if day <= first:
        return first.isoformat(), _("There is no meeting to start from, so this starts from the first record.")
    said = _("There is no meeting to start from, so this starts %(days)s days ago.")
    return day.isoformat(), said % {"days": DAYS}
