"""What letters say. Each is composed once, in text and in HTML, from the same context."""

import datetime
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation
from tracker.recommendations.queries.waiting import (
    DIGEST_DAYS_AHEAD,
    ESCALATE_TO_LEAD_DAYS,
    ESCALATE_TO_REVIEWER_DAYS,
    Reason,
    Waiting,
    waiting_for,
)

# Days late that are news again.
CROSSINGS = (ESCALATE_TO_LEAD_DAYS, ESCALATE_TO_REVIEWER_DAYS)
AT_LEAST_EVERY = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """What a person's last digest told, and on which day."""

    day: datetime.date
    marks: frozenset[str]


def digest_items(access: Access) -> dict[str, list[Waiting]]:
    """What today's digest of this person holds, by section; empty where there is nothing to say.

    What is overdue and has an owner reaches the lead only after 14 days, the reviewer after 28.
    """
    waiting = waiting_for(access, days_ahead=DIGEST_DAYS_AHEAD)
    sections = {
        "overdue": [w for w in waiting if w.reason == Reason.OVERDUE or _lead_hears(w, access)],
        "due": [w for w in waiting if w.reason == Reason.DUE_SOON and w.recommendation.owner_id == access.user.pk],
        "escalated": [w for w in waiting if w.reason == Reason.ESCALATED],
    }
    return {name: items for name, items in sections.items() if items}


def marks_of(sections: dict[str, list[Waiting]]) -> list[str]:
    """What a digest tells, so that the next can be compared: a growing number of days is not new, 14 and 28 are."""
    return [
        mark
        for name, items in sections.items()
        for waiting in items
        for mark in (
            f"{name}:{waiting.recommendation.pk}",
            *(f"{name}:{waiting.recommendation.pk}:{days} days" for days in CROSSINGS if waiting.days_overdue >= days),
        )
    ]


def has_news(access: Access, sections: dict[str, list[Waiting]], last: Told | None) -> bool:
    """Something in today's digest is new to the person, or something is overdue and a week has gone by."""
    if last is None:
        return bool(sections)
    is_late = "overdue" in sections or "escalated" in sections
    return bool(set(marks_of(sections)) - last.marks) or (is_late and access.on - last.day >= AT_LEAST_EVERY)


def _lead_hears(waiting: Waiting, access: Access) -> bool:
    if waiting.reason != Reason.OVERDUE_HERE:
        return False
    return waiting.recommendation.has_no_owner or (access.on - waiting.since).days >= ESCALATE_TO_LEAD_DAYS


def digest(access: Access, *, last: Told | None = None) -> Letter | None:
    """None when nothing in it is new since the `last` one; without a last one everything is."""
    sections = digest_items(access)
    if not has_news(access, sections, last):
        return None
    escalated = sorted(
        sections.get("escalated", []), key=lambda w: (w.recommendation.addressee.name, w.since, w.recommendation.pk)
    )
    context = {
        "person": access.user,
        "day": access.on,
        "overdue": [_row(w.recommendation, access.on) for w in sections.get("overdue", [])],
        "due": [_row(w.recommendation, access.on) for w in sections.get("due", [])],
        "escalated": [
            (name, [_row(w.recommendation, access.on) for w in group])
            for name, group in groupby(escalated, key=lambda w: w.recommendation.addressee.name)
        ],
        "home_url": absolute(reverse("reviews:home")),
    }
    subject = digest_subject({name: len(items) for name, items in sections.items()}, _only_place(sections))
    return replace(compose("digest", subject, context), told=marks_of(sections))


def digest_subject(counts: dict[str, int], place: str = "") -> str:
    """The figures first, for a lock screen; then the one organisation they are about, if it is one."""
    late = counts.get("overdue", 0)
    due = counts.get("due", 0)
    very_late = counts.get("escalated", 0)
    parts = [
        ngettext("%(n)s overdue", "%(n)s overdue", late) % {"n": late} if late else "",
        ngettext("%(n)s due in 7 days", "%(n)s due in 7 days", due) % {"n": due} if due else "",
        ngettext("%(n)s overdue by 28 days or more", "%(n)s overdue by 28 days or more", very_late) % {"n": very_late}
        if very_late
        else "",
    ]
    text = ", ".join(filter(None, parts))
    return f"{text}: {place}" if place else _("Inspection actions: %(figures)s") % {"figures": text}


def _only_place(sections: dict[str, list[Waiting]]) -> str:
    places = {waiting.recommendation.addressee.name for items in sections.values() for waiting in items}
    return places.pop() if len(places) == 1 else ""


def _row(item: Recommendation, on: datetime.date) -> dict[str, Any]:
    return {
        "item": item,
        "url": absolute(reverse("recommendations:detail", args=[item.pk])),
        "days": item.days_overdue(on),
        "moved": item.was_moved,
    }


def invitation(person: User) -> Letter:
    context = {"person": person, "url": absolute(reverse("account_reset_password")), "home_url": absolute("/")}
    return compose("invitation", _("You can now sign in to the inspection action tracker"), context)


def compose(kind: str, subject: str, context: dict[str, Any]) -> Letter:
    context |= {"subject": subject}
    text = render_to_string(f"reminders/email/{kind}/body.txt", context)
    return Letter(subject, text.strip() + "\n", render_to_string(f"reminders/email/{kind}/body.html", context))


def absolute(path: str) -> str:
    """A link to our own host, from a setting and never from a request."""
    return settings.SITE_URL + path
