"""The history of one recommendation in words: an entry for each event, newest first."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.recommendations.models import Progress, Recommendation

TITLES = {
    "recommendation.printed": gettext_lazy("Printed in the report and loaded here"),
    "recommendation.rated": gettext_lazy("Rated again by HMIP"),
    "recommendation.reported": gettext_lazy("Progress reported"),
}
SHOWN = {
    "owner_id": gettext_lazy("Owner"),
    "due_on": gettext_lazy("Due date"),
    "original_due_on": gettext_lazy("Original due date"),
    "progress": gettext_lazy("Progress"),
}


@dataclass(frozen=True)
class Line:
    """One fact that changed, before and after, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    at: datetime.datetime
    title: str
    by: str
    why: str
    lines: list[Line] = field(default_factory=list)


def history_of(recommendation: Recommendation) -> list[Entry]:
    """Three queries, however long it is."""
    events = list(Event.objects.about(recommendation).select_related("actor", "why").newest_first())
    names = names_in(events)
    return [entry_of(event, names) for event in events]


def names_in(events: Iterable[Event]) -> dict[int, str]:
    """Events name people by id; this gives their names as they are now."""
    ids = {value for event in events for value in event.changes.get("owner_id", ()) if value is not None}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def entry_of(event: Event, names: dict[int, str]) -> Entry:
    was_made = event.verb == "recommendation.printed"
    # The original date is worth a line of its own only when it is corrected, not when it is first set.
    hidden = {"original_due_on"} if event.changes.get("original_due_on", [None])[0] is None else set()
    lines = [
        Line(str(name), in_words(column, before, names), in_words(column, after, names))
        for column, name in SHOWN.items()
        if not was_made and column not in hidden
        for before, after in [event.changes.get(column, (None, None))]
        if before != after
    ]
    title = _plan_title(event) if event.verb == "recommendation.planned" else TITLES.get(event.verb, event.verb)
    by = event.actor.name if isinstance(event.actor, User) else _("The tracker")
    why = event.why.text if event.why else ""
    return Entry(event.at, str(title), by, why, lines)


def _plan_title(event: Event) -> str:
    owner, due = event.changes.get("owner_id"), event.changes.get("due_on")
    parts = []
    if owner:
        parts.append(_("Owner named") if owner[1] else _("Owner taken away"))
    if due:
        later = due[0] and due[1] > due[0]
        parts.append(
            _("Due date set") if not due[0] else _("Due date moved later") if later else _("Due date moved earlier")
        )
    return ", ".join(parts)


def in_words(column: str, value: Any, names: dict[int, str]) -> str:
    """A tracked value as a person reads it; "none" is said."""
    if column == "owner_id":
        return names.get(value, _("nobody")) if value else _("nobody")
    if column in ("due_on", "original_due_on"):
        return format_date(datetime.date.fromisoformat(value), "j F Y") if value else _("no date")
    if column == "progress":
        return str(Progress(value or "").label)
    return str(value)
