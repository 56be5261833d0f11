"""What came of every letter, counted from outside: by what the mail server accepted, and by what the table says.

Imports nothing of the tracker, whose sender it judges.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ENDED = {"sent", "failed", "set_aside", "nothing"}
QUERY = """
    SELECT person.email, letter.key, letter.state, letter.message_id, letter.last_code, letter.last_error
    FROM reminders_delivery letter JOIN accounts_user person ON person.id = letter.person_id
"""


class Accepted(NamedTuple):
    """One letter that a mail server took, as its headers said and when."""

    to: str
    message_id: str
    date: str
    at: datetime.datetime


class Row(NamedTuple):
    """One row of reminders_delivery, as QUERY gives it."""

    to: str
    key: str
    state: str
    message_id: str
    code: int | None
    reason: str


def rows(found: Iterable[Any]) -> list[Row]:
    return [Row(*columns) for columns in found]


@dataclass(frozen=True)
class Expected:
    """Who must get a letter; of them, whose address the mail server refuses for good, who never gets past "later", and
    whose letter is the end of every process that sends it."""

    people: frozenset[str]
    refused: frozenset[str] = frozenset()
    put_off: frozenset[str] = frozenset()
    deadly: frozenset[str] = frozenset()


@dataclass
class Verdict:
    """The figures, and the addresses behind those that must be none."""

    letters: int = 0
    repeats: int = 0
    repeats_allowed: int = 0
    lost: list[str] = field(default_factory=list)
    second_ids: list[str] = field(default_factory=list)
    second_dates: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    without_reason: list[str] = field(default_factory=list)
    ended_wrongly: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        """By its name, what must be none and is not."""
        found = {
            "lost": self.lost,
            "with a second Message-ID": self.second_ids,
            "with a second Date": self.second_dates,
            "not ended": self.unfinished,
            "without a reason": self.without_reason,
            "ended otherwise than the mail server answered": self.ended_wrongly,
        }
        if self.repeats > self.repeats_allowed:
            found["repeats"] = [f"{self.repeats} of at most {self.repeats_allowed}"]
        return {name: what for name, what in found.items() if what}


def count(accepted: list[Accepted], table: list[Row], expected: Expected, *, repeats_allowed: int) -> Verdict:
    taken: dict[str, list[Accepted]] = defaultdict(list)
    for letter in accepted:
        taken[letter.to].append(letter)
    by_person: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        by_person[row.to].append(row)
    return Verdict(
        letters=len(expected.people),
        repeats=sum(len(letters) - 1 for letters in taken.values()),
        repeats_allowed=repeats_allowed,
        lost=[to for to in sorted(expected.people) if not taken[to] and not _is_owned_up_to(by_person[to])],
        second_ids=[to for to, letters in sorted(taken.items()) if len({one.message_id for one in letters}) > 1],
        second_dates=[to for to, letters in sorted(taken.items()) if len({one.date for one in letters}) > 1],
        unfinished=[f"{row.key}: {row.state}" for row in table if row.state not in ENDED],
        without_reason=[row.key for row in table if row.state in ("failed", "set_aside") and not row.reason],
        ended_wrongly=[
            f"{row.key}: {row.state}, {row.code} {row.reason}"
            for row in table
            if row.state in ENDED and not _fits(row, bool(taken[row.to]), expected)
        ],
    )


def _is_owned_up_to(found: list[Row]) -> bool:
    """No letter came, and the table says so."""
    return any(row.state in ("failed", "set_aside") and row.reason for row in found)


def _fits(row: Row, was_taken: bool, expected: Expected) -> bool:
    """Whether the row ended as it had to: whoever can be written to was."""
    if row.to in expected.refused:
        return (row.state, row.code, was_taken) == ("failed", 550, False)
    if row.to in expected.put_off:
        return (row.state, row.code, was_taken) == ("set_aside", 451, False)
    if row.to in expected.deadly:
        return (row.state, was_taken) == ("set_aside", False)
    if row.to in expected.people:
        return row.state == "sent" and was_taken
    # Somebody of the demonstration, who may have had nothing to be told.
    return row.state == ("sent" if was_taken else "nothing")
