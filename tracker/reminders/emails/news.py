"""Finds what is new in a digest since the person's last one."""

import datetime
from dataclasses import dataclass
from typing import Any

from tracker.recommendations.models import ActionPlan, Ask
from tracker.recommendations.task.left import LeftWork
from tracker.recommendations.task.queries import ESCALATE_TO_LEAD_DAYS, ESCALATE_TO_REVIEWER_DAYS, Reason, Waiting
from tracker.recommendations.task.roles import EmptyRole

# Numbers of days overdue that count as new.
CROSSINGS = (ESCALATE_TO_LEAD_DAYS, ESCALATE_TO_REVIEWER_DAYS)
# While anything of theirs is overdue.
AT_LEAST_EVERY = datetime.timedelta(days=7)


@dataclass(frozen=True)
class PreviousDigest:
    """The content of a person's last digest, and its day."""

    day: datetime.date
    marks: frozenset[str]


def change_keys(section: str, waiting: Waiting, on: datetime.date) -> tuple[str, ...]:
    """As "overdue:7", "overdue:7:14 days", "decide:extension 3": in which section a thing stood, and since when.

    A growing number of days makes no other mark, but 14 and 28 do. What comes back (submitted once more, wanted for
    another month) is told apart by its day.
    """
    mark = f"{section}:{_thing(section, waiting)}"
    waited = (on - waiting.since).days if section == "decide" else waiting.days_overdue
    marks = [mark, *(f"{mark}:{days} days" for days in CROSSINGS if waited >= days)]
    if section == "overdue" and waiting.subject is None and waiting.recommendation.returned_on:
        marks.append(f"returned:{waiting.recommendation.pk} {waiting.recommendation.returned_on}")
    return tuple(marks)


def _thing(section: str, waiting: Waiting) -> str:
    subject: Any = waiting.subject
    if subject is None:
        item = waiting.recommendation
        if section == "returned":
            return _on(str(item.pk), item.returned_on)
        days = {
            Reason.TO_DECIDE: item.submitted_on,
            Reason.SUSTAINED: item.sustain_ask_on,
        }
        return _on(str(item.pk), days.get(waiting.reason))
    if isinstance(subject, EmptyRole):
        return f"role {subject.organisation.pk} {subject.role}"
    if isinstance(subject, LeftWork):
        return f"person {subject.person.pk}"
    name = f"{type(subject).__name__.lower()} {subject.pk}"
    if waiting.reason == Reason.FIGURE:
        return _on(name, subject.next_on)
    if isinstance(subject, ActionPlan):
        return _on(name, subject.dates_fixed_on if waiting.reason == Reason.PLAN_TO_CLEAR else None)
    return _on(name, subject.promised_on if isinstance(subject, Ask) else None)


def _on(name: str, day: datetime.date | None) -> str:
    return f"{name} {day}" if day else name
