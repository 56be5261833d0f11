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
        ({"overdue": 3, "due": 2}, [WEST], "3 overdue, 2 due this week: West Kent PDU"),
        ({"overdue": 1}, [WEST], "1 overdue: West Kent PDU"),
        # Actions are overdue as well, and count with the rest.
        ({"overdue": 2, "actions": 1}, [WEST], "3 overdue: West Kent PDU"),
        ({"decide": 2}, [KSS], "2 wait for your decision: Kent, Surrey and Sussex"),
        ({"decide": 1}, [WEST], "1 waits for your decision: West Kent PDU"),
        ({"ask": 1}, [KSS], "1 ask to answer: Kent, Surrey and Sussex"),
        ({"ask": 4, "overdue": 1}, [KSS], "1 overdue, 4 asks to answer: Kent, Surrey and Sussex"),
        ({"figure": 1}, [WEST], "1 figure to supply: West Kent PDU"),
        ({"figure": 3}, [WEST], "3 figures to supply: West Kent PDU"),
        ({"returned": 1}, [WEST], "1 returned to you: West Kent PDU"),
        ({"risk": 2}, [WEST], "2 at risk: West Kent PDU"),
        ({"unplanned": 11}, [WEST], "11 without owner or date: West Kent PDU"),
        ({"role": 1}, [WEST], "1 role to fill: West Kent PDU"),
        ({"role": 2}, [WEST, KSS], "2 roles to fill: West Kent PDU and 1 more"),
        ({"unanswered": 1}, [WEST], "1 ask unanswered: West Kent PDU"),
        ({"promised": 3}, [KSS], "3 promised to you and late: Kent, Surrey and Sussex"),
        ({"lineage": 1}, [WEST], "1 link to confirm: West Kent PDU"),
        ({"sustained": 1}, [WEST], "1 to look at again: West Kent PDU"),
        ({"escalated": 24}, [WEST, EAST, KSS], "24 overdue by 28 days: West Kent PDU and 2 more"),
        (
            {"overdue": 3, "returned": 1, "due": 2, "risk": 4, "unplanned": 5},
            [WEST],
            "3 overdue, 1 returned to you, 2 due this week, 9 more: West Kent PDU",
        ),
        (
            {"decide": 2, "escalated": 9, "sustained": 1},
            [KSS, WEST],
            "2 wait for your decision, 9 overdue by 28 days, 1 more: 2 places",
        ),
        ({"overdue": 2, "cover": 3}, [WEST], "2 overdue, 3 for somebody away: West Kent PDU"),
        ({"overdue": 2}, ["for Head"], "2 overdue: for Head"),
        ({"overdue": 2}, [], "2 overdue"),
        ({}, [], ""),
        ({"overdue": 1}, ["X" * 120], "1 overdue: " + "X" * 58 + "…"),
    ],
)
def test_the_figures_stand_first_and_then_where(counts: dict[str, int], places: list[str], subject: str) -> None:
    assert digest_subject(counts, places) == subject


def test_every_section_has_its_figure() -> None:
    assert {name for names, _words in FIGURES for name in names} == {*HEADINGS, "cover"}


COUNTS = st.dictionaries(st.sampled_from(list(HEADINGS)), st.integers(1, 9999), min_size=1)
PLACES = st.lists(st.text("abcdefg ", min_size=1, max_size=120).map(str.strip).filter(bool), max_size=50, unique=True)


@given(counts=COUNTS, places=PLACES)
def test_any_mixture_fits_a_lock_screen_and_tells_all_by_number(counts: dict[str, int], places: list[str]) -> None:
    subject = digest_subject(counts, places)
    assert len(subject) <= LONGEST
    figures = subject.partition(": ")[0]
    assert sum(int(part.split()[0]) for part in figures.split(", ")) == sum(counts.values())
    assert (": " in subject) == bool(places)
