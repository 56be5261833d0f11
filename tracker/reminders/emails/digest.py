"""The one letter that a person gets on a day: what waits for them, the most urgent first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from tracker.accounts.policies import Access
from tracker.recommendations.queries.line import short
from tracker.recommendations.queries.waiting import Waiting
from tracker.reminders.emails.letter import Letter, absolute, compose
from tracker.reminders.emails.news import AT_LEAST_EVERY, Told
from tracker.reminders.emails.sections import Entry, Section, entries_for, in_sections
from tracker.reminders.emails.subject import digest_subject

# What is overdue there is the person's own doing, or theirs to chase.
CHASED = ("overdue", "actions", "ask", "escalated")


def digest(access: Access, *, last: Told | None = None, on_request: bool = False) -> Letter | None:
    """None when nothing in it is new since the `last` one; without a last one everything is.

    One that was asked for holds everything, new or not, and is None only when there is nothing at all.
    """
    entries = entries_for(access, last)
    if not entries or not (on_request or _is_news(entries, access, last)):
        return None
    context = {
        "day": access.on,
        "last": last,
        "new": sum(entry.is_new for entry in entries),
        "on_request": on_request,
        "sections": [_shown(section) for section in in_sections(entries)],
        "home_url": absolute(reverse("reviews:home")),
        "digest_url": absolute(reverse("reminders:digest")),
    }
    letter = compose("digest", subject_of(entries), access.user, context)
    return replace(letter, told=[mark for entry in entries for mark in entry.marks])


def _is_news(entries: list[Entry], access: Access, last: Told | None) -> bool:
    """Something is new, or something of theirs is overdue and a week has gone by."""
    if last is None or any(entry.is_new for entry in entries):
        return True
    late = any(entry.section in CHASED and entry.is_late for entry in entries)
    return late and access.on - last.day >= AT_LEAST_EVERY


def subject_of(entries: list[Entry]) -> str:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.section] = counts.get(entry.section, 0) + 1
    # In the order in which they stand, each once.
    places = dict.fromkeys(short(entry.line.place.name) for entry in entries)
    return digest_subject(counts, [place for place in places if place])


def _shown(section: Section) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "number": len(section.entries),
        "more": section.more,
        "more_new": section.more_new,
        "rows": [
            {
                "title": entry.title,
                "words": short(entry.line.words, 100),
                "facts": entry.facts,
                "url": absolute(entry.line.url),
                "is_late": entry.is_late,
                "is_new": entry.is_new,
            }
            for entry in section.shown
        ],
    }


@dataclass(frozen=True)
class Preview:
    """What a digest would hold today; of what the one who looks may not see only the number is told."""

    subject: str
    sections: list[Section]
    number: int
    unseen: int = 0


def preview(access: Access, *, last: Told | None, seen: Callable[[list[Waiting]], list[bool]] | None = None) -> Preview:
    """Of this person's. `seen` says of each thing that waits whether the one who looks may see it."""
    entries = entries_for(access, last)
    shown = entries
    if seen is not None:
        may = seen([entry.line.waiting for entry in entries])
        shown = [entry for entry, is_seen in zip(entries, may, strict=True) if is_seen]
    return Preview(subject_of(shown), in_sections(shown), len(shown), len(entries) - len(shown))
