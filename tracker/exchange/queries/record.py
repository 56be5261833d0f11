"""Plain data for documents: one recommendation with everything recorded about it."""

import datetime
from dataclasses import dataclass

from tracker.recommendations.decision.progress_by_source import Voices
from tracker.recommendations.timeline.queries import Entry


@dataclass(frozen=True)
class Said:
    """An update, check, submission or extension request: who, when, and the text."""

    day: datetime.date
    title: str
    by: str
    words: str
    answer: str = ""


@dataclass(frozen=True)
class Proof:
    """A piece of evidence. `state` is why it does not count, or ""; `stored` is the name of its file in the store.

    Withdrawn, removed or infected evidence has neither a file nor a link here.
    """

    pk: int
    caption: str
    speaks_of: datetime.date
    given_on: datetime.date
    author: str
    name: str = ""
    kind: str = ""
    size: int = 0
    sha256: str = ""
    link: str = ""
    host: str = ""
    state: str = ""
    why: str = ""
    stored: str = ""


@dataclass(frozen=True)
class Value:
    """A reading. `is_other_method`: it cannot be compared with the baseline."""

    as_of: datetime.date
    value: str
    source: str
    method: str
    caution: str
    is_other_method: bool


@dataclass(frozen=True)
class RecordedFigure:
    """A measure with its current readings, newest first. `change` compares the latest with the baseline."""

    name: str
    better: str
    baseline: str
    baseline_place: str
    target: str
    caution: str
    change: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Step:
    words: str
    who: str
    due: str
    state: str
    days_overdue: int


@dataclass(frozen=True)
class Asked:
    words: str
    asked_of: str
    asked_on: datetime.date
    wanted_on: datetime.date
    state: str
    answer: str
    days_overdue: int


@dataclass(frozen=True)
class Found:
    """What HMIP printed about it in one report."""

    report: str
    published: str
    progress: str
    text: str


@dataclass(frozen=True)
class Dossier:
    """`due`, `original_due` and `lateness` are in words, or ""."""

    pk: int
    inspection_pk: int
    title: str
    number: str
    is_previous: bool
    report: str
    published: str
    addressee: str
    addressee_printed: str
    text: str
    place: str
    standards: str
    repeats: str
    status: str
    response: str
    response_part: str
    response_reason: str
    owner: str
    due: str
    original_due: str
    is_draft_date: bool
    lateness: str
    is_late: bool
    more_facts: tuple[tuple[str, str], ...]
    voices: Voices
    verified: str
    findings: tuple[Found, ...]
    updates: tuple[Said, ...]
    checks: tuple[Said, ...]
    submissions: tuple[Said, ...]
    extensions: tuple[Said, ...]
    evidence: tuple[Proof, ...]
    figures: tuple[RecordedFigure, ...]
    steps: tuple[Step, ...]
    asks: tuple[Asked, ...]
    history: tuple[Entry, ...]
    internal_comments: int
