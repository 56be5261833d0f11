"""What is new, against a last digest that told these marks on that day."""

import datetime
from collections.abc import Callable

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.recommendations.asking import REGION, answered, ask_of
from tests.recommendations.promising import asked, fixed
from tests.recommendations.reviewing import returned, submitted
from tests.reminders.everything import action, day, due, figure, late_ask, sustained
from tracker.accounts.policies import Access
from tracker.measures.models import Measure
from tracker.recommendations.models import Ask, Recommendation
from tracker.reminders import emails

pytestmark = pytest.mark.usefixtures("at_noon", "own_store")
LONG_AGO = datetime.date(2026, 1, 5)


def marks(cast: Cast, name: str, on: datetime.date = TODAY) -> frozenset[str]:
    letter = emails.digest(Access(getattr(cast, name), on))
    return frozenset(letter.told) if letter else frozenset()


def is_told(cast: Cast, name: str, on: datetime.date, last: datetime.date, told: frozenset[str]) -> bool:
    return emails.digest(Access(getattr(cast, name), on), last=emails.PreviousDigest(last, told)) is not None


@pytest.mark.parametrize(
    ("late", "told_at", "is_new"),
    [
        # Days late at the last digest and now, the last one yesterday.
        (2, 1, False),
        (13, 12, False),
        (14, 13, True),
        (15, 14, False),
        (27, 26, False),
        (28, 27, True),
        (29, 28, False),
        (400, 399, False),
    ],
)
def test_only_14_and_28_days_overdue_count_as_new(cast: Cast, late: int, told_at: int, is_new: bool) -> None:
    due(4, -told_at, cast.officer)
    told = marks(cast, "officer")
    due(4, -late, cast.officer)
    assert is_told(cast, "officer", TODAY, day(-1), told) is is_new


@pytest.mark.parametrize(
    ("days_since", "late", "comes"), [(6, -3, False), (7, -3, True), (60, -3, True), (7, 3, False), (60, 3, False)]
)
def test_digest_is_sent_weekly_while_anything_is_overdue(cast: Cast, days_since: int, late: int, comes: bool) -> None:
    due(4, late, cast.officer)
    assert is_told(cast, "officer", TODAY, day(-days_since), marks(cast, "officer")) is comes


@pytest.mark.parametrize(("section", "comes"), [("ask", True), ("unanswered", False)])
def test_person_asked_is_reminded_weekly_and_the_asker_is_not(cast: Cast, section: str, comes: bool) -> None:
    late_ask(cast, 4, 3)
    name = "operations" if section == "ask" else "head"
    told = marks(cast, name)
    assert {mark.partition(":")[0] for mark in told} == {section}
    assert is_told(cast, name, TODAY, LONG_AGO, told) is comes


def test_weekly_digest_says_that_nothing_is_new(cast: Cast) -> None:
    due(4, -3, cast.officer)
    last = emails.PreviousDigest(day(-7), marks(cast, "officer"))
    letter = emails.digest(Access(cast.officer, TODAY), last=last)
    assert letter is not None
    assert "Nothing is new since your email of 16 November 2026, but something is still overdue" in letter.text
    assert "New: " not in letter.text


def again_submitted(cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(submitted_on=day(2))


def again_returned(cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(returned_on=day(2))


def next_month(cast: Cast) -> None:
    Measure.objects.update(last_as_of=TODAY, next_on=day(2))


def promised_and_passed(cast: Cast) -> None:
    answered(Ask.objects.get(), cast.operations, "by_a_day", promised_on=day(1))


def asked_again(cast: Cast) -> None:
    Recommendation.objects.update(sustain_ask_on=day(2))


SITUATIONS: dict[str, tuple[str, Callable[[Cast], object], Callable[[Cast], object]]] = {
    "submitted again": ("director", lambda cast: submitted(4, cast), again_submitted),
    "returned again": ("officer", lambda cast: returned(4, cast), again_returned),
    "wanted for another month": ("supplier", figure, next_month),
    "promised, and the day has passed": ("operations", lambda cast: ask_of(4, REGION, cast.head), promised_and_passed),
    "sustained, asked once more": ("director", lambda cast: sustained(cast, 4), asked_again),
    "another thing in the same section": ("head", lambda cast: due(4, None, None), lambda cast: due(5, None, None)),
    "another action": (
        "officer",
        lambda cast: action(cast, -2, cast.officer),
        lambda cast: action(cast, -2, cast.officer, "Another"),
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_item_that_returns_is_new_and_one_that_stays_is_not(cast: Cast, situation: str) -> None:
    name, before, after = SITUATIONS[situation]
    before(cast)
    told = marks(cast, name)
    assert told
    later = day(9) if name == "supplier" else day(2)
    assert not is_told(cast, name, later, day(1), told)
    after(cast)
    assert is_told(cast, name, later, day(1), told)


@pytest.mark.parametrize(("waited", "is_new"), [(13, False), (14, True), (15, False), (28, True)])
def test_decision_waiting_14_and_28_days_is_listed_as_new(cast: Cast, waited: int, is_new: bool) -> None:
    submitted(4, cast)
    fixed(5, cast.head)
    asked(5, cast.head)
    told = marks(cast, "director", day(waited - 1))
    assert is_told(cast, "director", day(waited), day(waited - 1), told) is is_new


def test_overdue_item_that_is_returned_is_new(cast: Cast) -> None:
    item = returned(4, cast)
    late = {"due_on": day(-3), "original_due_on": day(-3)}
    Recommendation.objects.filter(pk=item.pk).update(**late, returned_on=None)
    told = marks(cast, "officer")
    assert told == {f"overdue:{item.pk}"}
    Recommendation.objects.filter(pk=item.pk).update(returned_on=NOON.date())
    assert is_told(cast, "officer", TODAY, day(-1), told)
    assert not is_told(cast, "officer", TODAY, day(-1), marks(cast, "officer"))
