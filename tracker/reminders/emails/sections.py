"""Sorts a person's tasks into the sections of their digest."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tracker.accounts.policies import Access, Covering
from tracker.recommendations.models import Action
from tracker.recommendations.task.line import Line, line_of, short
from tracker.recommendations.task.queries import DIGEST_DAYS_AHEAD, ESCALATE_TO_LEAD_DAYS, Reason, Waiting, waiting_for
from tracker.reminders.emails.facts import detail_line
from tracker.reminders.emails.news import PreviousDigest, change_keys

# How many items of a section are shown; the others are counted.
SHOWN = 10
# In order of urgency.
HEADINGS: dict[str, Any] = {
    "overdue": _("Overdue"),
    "actions": _("Actions overdue"),
    "returned": _("Returned to you"),
    "decide": _("Waiting for your decision"),
    "ask": _("Requests to you"),
    "escalated": _("Overdue by 28 days or more in your organisations"),
    "due": _("Due in the next 7 days"),
    "risk": _("At risk"),
    "figure": _("Figures to supply"),
    "unplanned": _("Missing an owner or a due date"),
    "left": _("Work of people who have left"),
    "role": _("Roles with nobody assigned"),
    "unanswered": _("Your overdue requests"),
    "promised": _("Overdue from region or HMPPS"),
    "lineage": _("Possible repeats to confirm"),
    "sustained": _("Signed off 3 months ago: is the progress sustained?"),
}


@dataclass(frozen=True)
class Entry:
    """One thing in a digest: a line of facts, and the link to where it is done.

    `marks` say what the digest tells by it, so that the next one can be compared. `covers` is the one in whose place
    the person is told of it.
    """

    section: str
    line: Line
    facts: str
    marks: tuple[str, ...]
    is_new: bool = False
    covers: Covering | None = None

    @property
    def title(self) -> str:
        """The title as on Home; a recommendation with its report, so that the link text is clear by itself."""
        item = self.line.waiting.item
        if item is None or self.line.waiting.subject is not None:
            return self.line.title
        return f"{self.line.title}, {short(item.inspection.organisation)}, {item.inspection.published}"

    @property
    def is_late(self) -> bool:
        return self.line.waiting.days_overdue > 0


@dataclass(frozen=True)
class DigestSection:
    name: str
    heading: str
    entries: list[Entry]

    @property
    def shown(self) -> list[Entry]:
        """The worst, in their order; what is new goes before what is not, so that no news is folded away."""
        first = sorted(range(len(self.entries)), key=lambda n: (not self.entries[n].is_new, n))[:SHOWN]
        return [self.entries[n] for n in sorted(first)]

    @property
    def more(self) -> int:
        return max(len(self.entries) - SHOWN, 0)

    @property
    def more_new(self) -> int:
        return max(sum(entry.is_new for entry in self.entries) - SHOWN, 0)


@dataclass(frozen=True)
class Group:
    """The person's own, or what they are told in the place of somebody who is away; `before` are not shown."""

    covers: Covering | None
    sections: list[DigestSection]
    before: int = 0


def entries_for(access: Access, last: PreviousDigest | None = None) -> list[Entry]:
    """All items of this person's digest today, in order. An item is new if the last digest did not have it."""
    found = _entries(access.own() if access.covering else access, last)
    for person_id, covering in access.covering.items():
        own = {entry.line.url for entry in found}
        theirs = _entries(access.in_place_of(person_id), last, covering)
        found += [entry for entry in theirs if entry.line.url not in own]
    return found


def _entries(access: Access, last: PreviousDigest | None, covers: Covering | None = None) -> list[Entry]:
    found = []
    prefix = f"for {covers.person_id}: " if covers else ""
    for waiting in waiting_for(access, days_ahead=DIGEST_DAYS_AHEAD):
        if name := section_of(waiting, access):
            marks = tuple(prefix + mark for mark in change_keys(name, waiting, access.on))
            is_new = last is not None and not last.marks.issuperset(marks)
            line = line_of(waiting)
            found.append(Entry(name, line, detail_line(line, access), marks, is_new, covers))
    order = list(HEADINGS)
    return sorted(found, key=lambda entry: (order.index(entry.section), -entry.line.waiting.days_overdue))


def in_groups(entries: list[Entry], *, everything: bool) -> list[Group]:
    """One's own, and what one is told in each other's place: of that, unless `everything` is asked for, what is new."""
    groups = []
    for covers in dict.fromkeys(entry.covers for entry in entries):
        theirs = [entry for entry in entries if entry.covers == covers]
        told = [entry for entry in theirs if covers is None or everything or entry.is_new]
        if told:
            groups.append(Group(covers, in_sections(told), len(theirs) - len(told)))
    return groups


def in_sections(entries: list[Entry]) -> list[DigestSection]:
    """The sections that are not empty."""
    found = [
        DigestSection(name, str(heading), [entry for entry in entries if entry.section == name])
        for name, heading in HEADINGS.items()
    ]
    return [section for section in found if section.entries]


def section_of(waiting: Waiting, access: Access) -> str:
    """ "" for what is only on Home, or is another person's task."""
    named = SECTIONS[waiting.reason]
    return named if isinstance(named, str) else named(waiting, access)


def _here(waiting: Waiting, access: Access) -> str:
    """What is overdue and another's reaches the lead after 14 days, and at once where nobody else would hear of it."""
    if waiting.days_overdue >= ESCALATE_TO_LEAD_DAYS or waiting.recommendation.has_no_owner:
        return "overdue"
    return "returned" if waiting.recommendation.returned_on else ""


def _action_here(waiting: Waiting, access: Access) -> str:
    assert isinstance(waiting.subject, Action)
    heard = waiting.days_overdue >= ESCALATE_TO_LEAD_DAYS or waiting.subject.has_no_owner
    return "actions" if heard else ""


def _due_soon(waiting: Waiting, access: Access) -> str:
    return "due" if waiting.recommendation.owner_id in access.owners else ""


def _plan_due(waiting: Waiting, access: Access) -> str:
    if waiting.days_overdue:
        return "overdue"
    return "due" if waiting.since <= access.on + datetime.timedelta(days=DIGEST_DAYS_AHEAD) else ""


SECTIONS: dict[str, str | Callable[[Waiting, Access], str]] = {
    Reason.OVERDUE: "overdue",
    Reason.OVERDUE_HERE: _here,
    Reason.ACTION_OVERDUE: "actions",
    Reason.ACTION_OVERDUE_HERE: _action_here,
    Reason.RETURNED: "returned",
    Reason.TO_DECIDE: "decide",
    Reason.EXTENSION: "decide",
    Reason.PLAN_TO_CLEAR: "decide",
    Reason.ASKED: "ask",
    Reason.ESCALATED: "escalated",
    Reason.DUE_SOON: _due_soon,
    Reason.ACTION_DUE_SOON: "due",
    Reason.ACTION_UNOWNED: "unplanned",
    Reason.PLAN_DUE: _plan_due,
    Reason.AT_RISK: "risk",
    Reason.FIGURE: "figure",
    Reason.UNPLANNED: "unplanned",
    Reason.EMPTY_ROLE: "role",
    Reason.LEFT: "left",
    Reason.UNANSWERED: "unanswered",
    Reason.PROMISED: "promised",
    Reason.LINEAGE: "lineage",
    Reason.SUSTAINED: "sustained",
}
