"""How recommendations stood when past days ended, from their events: for figures over many days at once.

The conditions are those of `marked()`, asked of one state instead of the table; a test holds both against each other.
"""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.db.models.fields.json import KT

from tracker.history.models import Event
from tracker.recommendations.models import Recommendation, RecommendationQuerySet

Status = Recommendation.Status


class PastState(NamedTuple):
    """The state of one recommendation at one time. Days are YYYY-MM-DD, which sort like dates."""

    status: str | None
    due_on: str | None
    original_due_on: str | None
    submitted_on: str | None
    accepted_on: str | None
    carried_by_id: str | None

    @property
    def is_counted(self) -> bool:
        """A recommendation carried by a later one is counted there."""
        return self.carried_by_id is None

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN and self.is_counted

    @property
    def is_signed_off(self) -> bool:
        return self.status == Status.SIGNED_OFF and self.is_counted

    @property
    def overdue_after(self) -> str | None:
        """The last day on which it is not overdue; None where it never will be, as it stands."""
        return self.due_on if self.is_open else None

    @property
    def slipped_after(self) -> str | None:
        """The last day on which it has not slipped: "" where it has for good, None where it never will."""
        if self.original_due_on is None or not self.is_counted:
            return None
        if self.accepted_on is not None:
            return "" if self.accepted_on > self.original_due_on else None
        if self.status == Status.OPEN:
            return self.original_due_on
        was_late = self.status == Status.SUBMITTED and (self.submitted_on or "") > self.original_due_on
        return "" if was_late else None

    def is_overdue(self, on: datetime.date) -> bool:
        return self.overdue_after is not None and self.overdue_after < on.isoformat()

    def has_slipped(self, on: datetime.date) -> bool:
        return self.slipped_after is not None and self.slipped_after < on.isoformat()


def states_on(rows: RecommendationQuerySet, day: datetime.date) -> dict[int, PastState]:
    """By id, when that day ended; what did not exist then is left out. Three queries, however many there are."""
    latest = events_of(rows).filter(day__lte=day).values("subject_id").annotate(last=Max("pk"))
    found = {pk: stood for pk, _day, stood in states(Event.objects.filter(pk__in=latest.values("last")))}
    return without_history(rows) | found


def states(events: QuerySet[Event]) -> Iterable[tuple[int, datetime.date, PastState]]:
    """(id of the recommendation, day, how it stood after the event), in the order of the events."""
    columns = [KT(f"after__{name}") for name in PastState._fields]
    for pk, day, *values in events.order_by("pk").values_list("subject_id", "day", *columns):
        yield pk, day, PastState._make(None if value == "null" else value for value in values)


def without_history(rows: RecommendationQuerySet) -> dict[int, PastState]:
    """Those of which no event tells: they are taken to have stood as they do. Two queries."""
    told = set(events_of(rows).values_list("subject_id", flat=True).distinct())
    return {pk: now for pk, now in stand_now(rows).items() if pk not in told}


def stand_now(rows: RecommendationQuerySet) -> dict[int, PastState]:
    values = rows.order_by().values_list("pk", *PastState._fields)
    return {pk: PastState._make(map(_plain, columns)) for pk, *columns in values}


def _plain(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime.date) else None if value is None else str(value)


def events_of(rows: RecommendationQuerySet) -> QuerySet[Event]:
    """Every event about one of these."""
    return Event.objects.filter(
        subject_type=Recommendation._meta.model_name, subject_id__in=rows.order_by().values("pk")
    )
