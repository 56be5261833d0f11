"""Meetings: when the last one was, what is to be talked about, and what came of it."""

import datetime

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access
from tracker.reviews.models import ReviewSession
from tracker.reviews.policies import visible_meetings


def last_meeting(access: Access, organisation: Organisation) -> ReviewSession | None:
    """The last one about it that was closed, as far as this person may see it."""
    rows = visible_meetings(access).filter(organisation=organisation, closed_at__lte=access.at)
    return rows.select_related("opened_by", "closed_by").first()


def last_meeting_day(access: Access, organisation: Organisation | None = None) -> datetime.date | None:
    """The day of the last meeting before today, about that organisation or any; None where there was none yet."""
    rows = visible_meetings(access).filter(closed_at__lte=access.at, day__lt=access.on)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return rows.order_by("-day").values_list("day", flat=True).first()
