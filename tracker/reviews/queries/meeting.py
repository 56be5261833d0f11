"""Meetings: the last one, the organisations to meet, and the agenda."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access
from tracker.recommendations.models import Extension, Recommendation, RecommendationQuerySet, is_open, status_filters
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.reviews.models import ReviewSession, SessionItem, SessionNote
from tracker.reviews.policies import organisations_to_meet, visible_meetings

# Reasons for being on the agenda, most urgent first.
REASONS = ("overdue", "submitted", "extension", "gap", "stale", "agreed")


@dataclass(frozen=True)
class Talk:
    """A recommendation that needs talk: for which of REASONS, and how many days late it is."""

    item: Recommendation
    reasons: list[str]
    days: int

    @property
    def why(self) -> list["Why"]:
        return in_words(self.reasons, self.days)


@dataclass(frozen=True)
class Why:
    """One of REASONS in words."""

    reason: str
    words: str

    def __str__(self) -> str:
        return self.words


def in_words(reasons: list[str], days: int) -> list[Why]:
    words = {
        "overdue": ngettext("Overdue by %(n)s day", "Overdue by %(n)s days", days) % {"n": days},
        "submitted": _("Submitted, waiting for a decision"),
        "extension": _("Extension requested"),
        "gap": _("Reported progress is higher than the last check"),
        "stale": _("No update for %(n)s days") % {"n": settings.STALE_DAYS},
        "agreed": _("Carried over from last meeting"),
    }
    return [Why(reason, words[reason]) for reason in reasons]


def last_meeting(access: Access, organisation: Organisation) -> ReviewSession | None:
    """The last closed meeting about it that this person can see."""
    rows = visible_meetings(access).filter(organisation=organisation, closed_at__lte=access.at)
    return rows.select_related("opened_by", "closed_by").first()


def meeting_before(session: ReviewSession) -> ReviewSession | None:
    """The meeting before this one."""
    rows = ReviewSession.objects.filter(organisation=session.organisation_id, pk__lt=session.pk)
    return rows.exclude(closed_at=None).first()


def last_meeting_day(access: Access, organisation: Organisation | None = None) -> datetime.date | None:
    """The day of the last meeting before today, about that organisation or any; None where there was none yet."""
    rows = visible_meetings(access).filter(closed_at__lte=access.at, day__lt=access.on)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return rows.order_by("-day").values_list("day", flat=True).first()


def open_meeting_about(access: Access, organisation: Organisation) -> ReviewSession | None:
    return visible_meetings(access).filter(organisation=organisation, closed_at=None).first()


def to_talk_about(access: Access) -> RecommendationQuerySet:
    """All that needs talk, each with `why_<reason>` for each of REASONS: unfinished, and not carried by another."""
    conditions = _conditions(access.on)
    needed = Q()
    for condition in conditions.values():
        needed |= condition
    rows = visible_recommendations(access).exclude_carried().unfinished().filter(needed)
    return rows.annotate(**{f"why_{name}": condition for name, condition in conditions.items()})


def _conditions(on: datetime.date) -> dict[str, Q]:
    marks = status_filters(on)
    asked = Extension.objects.filter(state=Extension.State.ASKED, recommendation=OuterRef("pk"))
    # Until it is discussed again, also if the next meeting skipped it.
    again = SessionItem.objects.filter(
        recommendation=OuterRef("item__recommendation"),
        session__gt=OuterRef("item__session"),
        session__closed_at__isnull=False,
        talked_at__isnull=False,
    )
    noted = SessionNote.objects.filter(
        ~Exists(again),
        item__recommendation=OuterRef("pk"),
        item__session__organisation=OuterRef("addressee"),
        item__session__closed_at__isnull=False,
    )
    return {
        "overdue": marks["overdue"],
        "submitted": marks["submitted"],
        "extension": is_open() & Q(Exists(asked)),
        "gap": marks["gap"],
        "stale": marks["stale"],
        "agreed": Q(Exists(noted)),
    }


def talks(access: Access, organisation: Organisation) -> list[Talk]:
    """What needs talk of what is addressed to it, most urgent first. One query."""
    rows = to_talk_about(access).filter(addressee=organisation).for_rows(on=access.on)
    found = [_talk(item, access.on) for item in rows.order_by("due_on", "pk")]
    return sorted(found, key=lambda talk: (REASONS.index(talk.reasons[0]), -talk.days, talk.item.submitted_on or MAX))


MAX = datetime.date.max


def _talk(item: Any, on: datetime.date) -> Talk:
    return Talk(item, [name for name in REASONS if getattr(item, f"why_{name}")], item.days_overdue(on))


@dataclass(frozen=True)
class MeetingRow:
    """An organisation with which this person may meet, and how many recommendations need talk."""

    organisation: Organisation
    count: int
    last: ReviewSession | None
    open: ReviewSession | None


def meeting_rows(access: Access) -> list[MeetingRow]:
    """Three queries for any number of organisations."""
    places = list(organisations_to_meet(access))
    if not places:
        return []
    counted = to_talk_about(access).filter(addressee__in=places).order_by().values("addressee")
    counts = dict(counted.annotate(n=Count("pk", distinct=True)).values_list("addressee", "n"))
    latest = ReviewSession.objects.filter(organisation__in=places).order_by()
    ends = latest.values("organisation", is_open=Q(closed_at=None)).annotate(last=Max("pk")).values("last")
    held: dict[tuple[int, bool], ReviewSession] = {}
    for session in ReviewSession.objects.filter(pk__in=ends).select_related("opened_by"):
        held[session.organisation_id, session.is_open] = session
    return [
        MeetingRow(place, counts.get(place.pk, 0), held.get((place.pk, False)), held.get((place.pk, True)))
        for place in places
    ]


def open_meetings(access: Access) -> QuerySet[ReviewSession]:
    """Open meetings that this person can follow and take notes in."""
    return visible_meetings(access).filter(closed_at=None).select_related("organisation", "opened_by")


def past_meetings(access: Access, organisation: Organisation | None) -> QuerySet[ReviewSession]:
    """For paging, newest first."""
    rows = visible_meetings(access).exclude(closed_at=None)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return rows.select_related("organisation", "opened_by").order_by(F("pk").desc())
