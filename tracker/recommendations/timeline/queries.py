"""The history of one recommendation in words: an entry for each event, newest first."""

import datetime
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.models import Inspection
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, trimmed
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.recommendation.drafts import told_events
from tracker.recommendations.recommendation.fields import FIELDS, day_in_words, person_in_words
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import went_down
from tracker.recommendations.recommendation.queries import RATED_EARLY, events_of

# A verb that is not here has no entry: what it did is told by another event of the same operation, or nowhere.
TITLES = {
    "recommendation.printed": gettext_lazy("Loaded from the report"),
    "recommendation.rated": gettext_lazy("Rated again by HMIP"),
    RATED_EARLY: gettext_lazy("Rated again by HMIP"),
    "recommendation.planned": gettext_lazy("Planned"),
    "recommendation.reported": gettext_lazy("Update sent"),
    "recommendation.responded": gettext_lazy("Response recorded"),
    "recommendation.dates_fixed": gettext_lazy("Due date confirmed"),
    "recommendation.date_corrected": gettext_lazy("Original due date corrected"),
    "recommendation.extended": gettext_lazy("Extension granted"),
    "recommendation.checked": gettext_lazy("Checked"),
    "recommendation.submitted": gettext_lazy("Submitted for sign-off"),
    "recommendation.withdrawn": gettext_lazy("Submission withdrawn"),
    "recommendation.returned": gettext_lazy("Returned"),
    "recommendation.signed_off": gettext_lazy("Signed off"),
    "recommendation.sustained": gettext_lazy("Confirmed as sustained"),
    "recommendation.not_sustained": gettext_lazy("Not sustained: reopened"),
    "recommendation.reopened": gettext_lazy("Reopened"),
    "recommendation.closed": gettext_lazy("Closed"),
    "recommendation.carried": gettext_lazy("Carried forward in a later recommendation"),
    "recommendation.let_go": gettext_lazy("No longer carried forward"),
    "recommendation.text_corrected": gettext_lazy("Printed text corrected"),
    "recommendation.handed_over": gettext_lazy("Reassigned"),
    "recommendation.readdressed": gettext_lazy("Passed to another organisation"),
    "extension.asked": gettext_lazy("Extension requested"),
    "extension.declined": gettext_lazy("Extension declined"),
    "extension.withdrawn": gettext_lazy("Extension request withdrawn"),
    "evidence.added": gettext_lazy("Evidence added"),
    "evidence.withdrawn": gettext_lazy("Evidence withdrawn"),
    "evidence.scanned": gettext_lazy("Evidence scanned for viruses: none found"),
    "evidence.infected": gettext_lazy("Virus found in evidence"),
    "evidence.removed": gettext_lazy("Evidence permanently removed"),
    "action.added": gettext_lazy("Action added"),
    "action.edited": gettext_lazy("Action changed"),
    "action.date_fixed": gettext_lazy("Action due date confirmed"),
    "action.moved": gettext_lazy("Action due date changed"),
    "action.dropped": gettext_lazy("Action dropped"),
    "action.done": gettext_lazy("Action done"),
    "action.not_yet": gettext_lazy("Action not done yet"),
    "action.stuck": gettext_lazy("Action blocked"),
    "action.opened": gettext_lazy("Action reopened"),
    "action.handed_over": gettext_lazy("Action reassigned"),
    "ask.asked": gettext_lazy("Request sent to another organisation"),
    "ask.answered": gettext_lazy("Request answered"),
    "ask.passed_up": gettext_lazy("Request escalated"),
    "ask.handed_over": gettext_lazy("Request reassigned"),
    "ask.withdrawn": gettext_lazy("Request withdrawn"),
    "measure.added": gettext_lazy("Measure added"),
    "measure.linked": gettext_lazy("Measure linked"),
    "measure.changed": gettext_lazy("Measure changed"),
    "measure.ended": gettext_lazy("Measure ended"),
    "reading.given": gettext_lazy("Figure recorded"),
    "lineage.linked": gettext_lazy("Linked to an earlier recommendation"),
    "lineage.confirmed": gettext_lazy("Link to an earlier recommendation confirmed"),
    "lineage.rejected": gettext_lazy("Link to an earlier recommendation rejected"),
    "recommendation.words_removed": gettext_lazy("Text permanently removed"),
    "removal.asked": gettext_lazy("Removal of text or a file requested"),
    "removal.agreed": gettext_lazy("Text or a file permanently removed"),
    "removal.refused": gettext_lazy("Removal refused"),
    "plan.begun": gettext_lazy("Plan started"),
    "plan.due_set": gettext_lazy("Date due to HMPPS set"),
    "plan.dates_fixed": gettext_lazy("Plan due dates confirmed"),
    "plan.cleared": gettext_lazy("Plan approved"),
    "plan.uncleared": gettext_lazy("Returned to draft after a change"),
    "plan.sent": gettext_lazy("Plan recorded as sent"),
    "plan.revised": gettext_lazy("New version created"),
    "cover.named": gettext_lazy("Cover named"),
    "cover.changed": gettext_lazy("Cover dates changed"),
    "cover.ended": gettext_lazy("Cover ended early"),
}

# Left out of the history, which has more readers than an internal comment, and told to those who decide.
UNLISTED = {"recommendation.commented": gettext_lazy("Comment added")}

SHOWN = {field.column: field.label for field in FIELDS} | {
    "supplier_id": gettext_lazy("Analyst"),
    "better": gettext_lazy("Which way is better"),
    "target": gettext_lazy("Target"),
    "rhythm": gettext_lazy("How often"),
    "cover_id": gettext_lazy("Cover"),
    "from_on": gettext_lazy("First day"),
    "until_on": gettext_lazy("Last day"),
}

PEOPLE = (*(field.column for field in FIELDS if field.is_person), "supplier_id", "cover_id")

DAYS = (*(field.column for field in FIELDS if field.is_day), "from_on", "until_on")

CHOICES: dict[str, Any] = {field.column: field.choices for field in FIELDS if field.choices} | {
    "better": Measure.Better,
    "rhythm": Measure.Rhythm,
}

FIRST = (
    *("recommendation.printed", "action.added", "evidence.added", "ask.asked", "measure.added", "extension.asked"),
    "plan.begun",
)


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


def history_of(recommendation: Recommendation, access: Access | None = None) -> list[Entry]:
    """Two queries, however long it is.

    What a report found that was under embargo when it was loaded is told only to those who may see that report.
    """
    events = events_of(recommendation).filter(verb__in=TITLES)
    if access is not None:
        events = told_events(access, events)
    seen = Inspection.objects.filter(may_be_seen(access)) if access else Inspection.objects.none()
    loaded = Event.objects.filter(verb="inspection.published", subject_id__in=seen.values("pk"))
    events = (
        events.exclude(Q(verb=RATED_EARLY) & ~Q(operation_id__in=loaded.values("operation_id")))
        .select_related("actor", "in_place_of", "why")
        .newest_first()
    )
    return entries_of(list(events))


def entries_of(events: list[Event], more: Container[str] = ()) -> list[Entry]:
    """`more` are verbs that are told although the history leaves them out."""
    names = names_in(events)
    return [entry_of(event, names) for event in events if event.verb in TITLES or event.verb in more]


def names_in(events: Iterable[Event]) -> dict[int, str]:
    """Events name people by id; this gives their names as they are now."""
    ids = {value for event in events for name in PEOPLE for value in event.changes.get(name, ()) if value is not None}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def entry_of(event: Event, names: dict[int, str]) -> Entry:
    was_made = event.verb in FIRST
    # The original date is worth a line of its own only when it is corrected, not when it is first set.
    hidden = {"original_due_on"} if event.changes.get("original_due_on", [None])[0] is None else set()
    lines = [
        Line(str(name), *_before_and_after(event, column, before, after, names))
        for column, name in SHOWN.items()
        if not was_made and column not in hidden
        for before, after in [event.changes.get(column, (None, None))]
        if before != after
    ]
    titles = TITLES | UNLISTED
    title = TITLED[event.verb](event) if event.verb in TITLED else titles.get(event.verb, event.verb)
    why = event.why.text if event.why else ""
    return Entry(event.at, str(title), done_by(event), why, lines)


def done_by(event: Event) -> str:
    """The actor and, if they covered for somebody, that person's name too."""
    if not isinstance(event.actor, User):
        return _("The tracker")
    return in_place(event.actor.name, event.in_place_of.name if isinstance(event.in_place_of, User) else "")


def in_place(name: str, of: str | None) -> str:
    """The name, with the person covered for."""
    return _("%(name)s, covering for %(other)s") % {"name": name, "other": of} if of else name


def _before_and_after(event: Event, column: str, before: Any, after: Any, names: dict[int, str]) -> tuple[str, str]:
    """A due date that was given as a month is told as the month."""
    is_month = column == "due_on" and bool(event.after.get("due_is_month"))
    was_month = column == "due_on" and event.changes.get("due_is_month", [is_month])[0]
    return (
        _month(before) if before and was_month else in_words(column, before, names),
        _month(after) if after and is_month else in_words(column, after, names),
    )


def _month(day: str) -> str:
    return format_date(datetime.date.fromisoformat(day), "F Y")


def _plan_title(event: Event) -> str:
    owner, due = event.changes.get("owner_id"), event.changes.get("due_on")
    parts = []
    if owner:
        parts.append(_("Owner named") if owner[1] else _("Owner removed"))
    if due:
        parts.append(_due_title(*due))
    return ", ".join(parts) or str(TITLES["recommendation.planned"])


def _due_title(before: str | None, after: str | None) -> str:
    if not after:
        return _("Changed to ongoing")
    if not before:
        return _("Due date set")
    return _("Due date moved later") if after > before else _("Due date moved earlier")


def _answer_title(event: Event) -> str:
    state, day = event.after["state"], event.after["promised_on"]
    if state == Ask.State.BY_A_DAY:
        return _("Request answered: yes, by %(day)s") % {"day": in_words("due_on", day, {})}
    return _("Request answered: yes") if state == Ask.State.YES else _("Request answered: no")


def _report_title(event: Event) -> str:
    before, after = event.changes.get("progress", ("", ""))
    if went_down(before or "", after or ""):
        words = {"before": in_words("progress", before, {}), "after": in_words("progress", after, {})}
        return _("Update sent: downgraded from %(before)s to %(after)s") % words
    return str(TITLES["recommendation.reported"])


# Verbs whose title says more of what changed.
TITLED: dict[str, Callable[[Event], str]] = {
    "ask.answered": _answer_title,
    "recommendation.planned": _plan_title,
    "recommendation.reported": _report_title,
}


def in_words(column: str, value: Any, names: dict[int, str]) -> str:
    """A tracked value in words, also if it is empty."""
    if column in PEOPLE:
        return person_in_words(names.get(value))
    if column in DAYS:
        return day_in_words(datetime.date.fromisoformat(value) if value else None)
    if column == "target":
        return trimmed(Decimal(value)) if value is not None else _("no target")
    if column == "checked_progress" and not value:
        return _("Not checked")
    if column in CHOICES:
        known = CHOICES[column].values
        return str(CHOICES[column](value or "").label) if (value or "") in known else str(value)
    return str(value)
