"""Composes the daily digest of one person: their tasks, the most urgent first."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.recommendations.task.line import short
from tracker.recommendations.task.queries import Waiting
from tracker.reminders.emails.letter import Letter, absolute, compose
from tracker.reminders.emails.news import AT_LEAST_EVERY, PreviousDigest
from tracker.reminders.emails.sections import DigestSection, Entry, Group, entries_for, in_groups
from tracker.reminders.emails.subject import all_figures, digest_subject

LONG = 10
# Sections in which overdue items are the person's own or theirs to chase.
CHASED = ("overdue", "actions", "ask", "escalated")


def digest(access: Access, *, last: PreviousDigest | None = None, on_request: bool = False) -> Letter | None:
    """None when nothing in it is new since the `last` one; without a last one everything is.

    One that was asked for holds everything, new or not, and is None only when there is nothing at all.
    """
    entries = entries_for(access, last)
    if not entries or not (on_request or _is_news(entries, access, last)):
        return None
    context = {
        # A long email begins with a summary.
        "contents": all_figures(_counted(entries)) if len(entries) > LONG else "",
        "day": access.on,
        "last": last,
        "new": sum(entry.is_new for entry in entries),
        "on_request": on_request,
        "groups": [_group(group) for group in in_groups(entries, everything=on_request or last is None)],
        "home_url": absolute(reverse("reviews:home")),
        "digest_url": absolute(reverse("reminders:digest")),
    }
    letter = compose("digest", subject_of(entries), access.user, context)
    return replace(letter, told=[mark for entry in entries for mark in entry.marks])


def _is_news(entries: list[Entry], access: Access, last: PreviousDigest | None) -> bool:
    """Something is new, or something of theirs is overdue and the last digest is a week old."""
    if last is None or any(entry.is_new for entry in entries):
        return True
    late = any(entry.section in CHASED and entry.is_late and not entry.covers for entry in entries)
    return late and access.on - last.day >= AT_LEAST_EVERY


def subject_of(entries: list[Entry]) -> str:
    """From the person's own tasks or, if there are none, from those they cover."""
    own = [entry for entry in entries if not entry.covers]
    counts = _counted(entries)
    if own:
        # Each once, in the order of the email.
        places = dict.fromkeys(short(entry.line.place.name) for entry in own)
    else:
        places = dict.fromkeys(
            _("Covering %(name)s") % {"name": short(one.covers.name)} for one in entries if one.covers
        )
    # A name must not look like an encoded header.
    return digest_subject(counts, [place.replace("=?", "= ?") for place in places if place], covered=not own)


def _counted(entries: list[Entry]) -> dict[str, int]:
    """A count for each section. Tasks of covered people are one figure, unless there are no others."""
    own = [entry for entry in entries if not entry.covers]
    counts = Counter(entry.section for entry in own or entries)
    counts["cover"] = len(entries) - len(own) if own else 0
    return counts


def _group(group: Group) -> dict[str, Any]:
    away = group.covers
    return {
        "covers": {"name": short(away.name, 100), "until_on": away.until_on} if away else None,
        "before": group.before,
        "sections": [_shown(section) for section in group.sections],
    }


def _shown(section: DigestSection) -> dict[str, Any]:
    return {
        "heading": section.heading,
        "number": len(section.entries),
        "more": section.more,
        "more_new": section.more_new,
        "rows": [
            {
                "title": entry.title,
                "words": short(entry.line.words, 70),
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
    groups: list[Group]
    number: int
    unseen: int = 0


def preview(
    access: Access, *, last: PreviousDigest | None, seen: Callable[[list[Waiting]], list[bool]] | None = None
) -> Preview:
    """The digest this person would get today. `seen` says for each task whether the viewer can see it."""
    entries = entries_for(access, last)
    shown = entries
    if seen is not None:
        may = seen([entry.line.waiting for entry in entries])
        shown = [entry for entry, is_seen in zip(entries, may, strict=True) if is_seen]
    return Preview(subject_of(shown), in_groups(shown, everything=True), len(shown), len(entries) - len(shown))
