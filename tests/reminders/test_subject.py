"""What a phone shows of a digest before it is opened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.reminders.emails.sections import HEADINGS
from tracker.reminders.emails.subject import FIGURES, LONGEST, digest_subject

WEST, KSS, EAST = "West Kent PDU", "Kent, Surrey and Sussex", "East Kent PDU"


@pytest.mark.parametrize(
    ("counts", "places", "subject"),
    [
        ({"overdue": 3, "due": 2}, [WEST], "West Kent PDU: 3 overdue, 2 due this week"),
        ({"overdue": 1}, [WEST], "West Kent PDU: 1 overdue"),
        # Actions are overdue as well, and count with the rest.
        ({"overdue": 2, "actions": 1}, [WEST], "West Kent PDU: 3 overdue"),
        ({"decide": 2}, [KSS], "Kent, Surrey and Sussex: 2 decisions to make"),
        ({"decide": 1}, [WEST], "West Kent PDU: 1 decision to make"),
        ({"ask": 1}, [KSS], "Kent, Surrey and Sussex: 1 request to answer"),
        ({"ask": 4, "overdue": 1}, [KSS], "Kent, Surrey and Sussex: 1 overdue, 4 requests to answer"),
        ({"figure": 1}, [WEST], "West Kent PDU: 1 figure to supply"),
        ({"figure": 3}, [WEST], "West Kent PDU: 3 figures to supply"),
        ({"returned": 1}, [WEST], "West Kent PDU: 1 returned to you"),
        ({"risk": 2}, [WEST], "West Kent PDU: 2 at risk"),
        ({"unplanned": 11}, [WEST], "West Kent PDU: 11 missing owner or date"),
        ({"role": 1}, [WEST], "West Kent PDU: 1 role to fill"),
        ({"role": 2}, [WEST, KSS], "West Kent PDU and 1 other: 2 roles to fill"),
        ({"unanswered": 1}, [WEST], "West Kent PDU: 1 of your requests overdue"),
        ({"promised": 3}, [KSS], "Kent, Surrey and Sussex: 3 overdue from region or HMPPS"),
        ({"lineage": 1}, [WEST], "West Kent PDU: 1 possible repeat to confirm"),
        ({"sustained": 1}, [WEST], "West Kent PDU: 1 sign-off to confirm"),
        ({"escalated": 24}, [WEST, EAST, KSS], "West Kent PDU and 2 others: 24 overdue by 28 days or more"),
        (
            {"overdue": 3, "returned": 1, "due": 2, "risk": 4, "unplanned": 5},
            [WEST],
            "West Kent PDU: 3 overdue, 1 returned to you, 11 other tasks",
        ),
        (
            {"decide": 2, "escalated": 9, "sustained": 1},
            [KSS, WEST],
            "2 organisations: 2 decisions to make, 10 other tasks",
        ),
        ({"overdue": 2, "cover": 3}, [WEST], "West Kent PDU: 2 overdue, 3 for someone away"),
        ({"overdue": 2}, ["Covering Head"], "Covering Head: 2 overdue"),
        ({"overdue": 2}, [], "2 overdue"),
        ({}, [], ""),
        ({"overdue": 1}, ["X" * 120], "X" * 58 + "…: 1 overdue"),
    ],
)
def test_subject_gives_figures_first_then_the_organisation(
    counts: dict[str, int], places: list[str], subject: str
) -> None:
    assert digest_subject(counts, places) == subject


def test_every_section_has_a_figure_in_the_subject() -> None:
    assert {name for names, _words in FIGURES for name in names} == {*HEADINGS, "cover"}


COUNTS = st.dictionaries(st.sampled_from(list(HEADINGS)), st.integers(1, 9999), min_size=1)
PLACES = st.lists(st.text("abcdefg ", min_size=1, max_size=120).map(str.strip).filter(bool), max_size=50, unique=True)


@given(counts=COUNTS, places=PLACES)
def test_any_subject_fits_a_lock_screen_and_counts_everything(counts: dict[str, int], places: list[str]) -> None:
    subject = digest_subject(counts, places)
    assert len(subject) <= LONGEST
    figures = subject.rpartition(": ")[2]
    assert sum(int(part.split()[0]) for part in figures.split(", ")) == sum(counts.values())
    assert (": " in subject) == bool(places)
