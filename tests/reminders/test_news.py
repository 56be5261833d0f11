"""A digest comes when something in it is new to the person, or once a week while anything is overdue."""

import datetime
from pathlib import Path

import pytest

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import in_status, place
from tests.reminders.sending import MINUTE, ScriptedSink, begin_anew, names, plan, queued, send, the_letter
from tracker.accounts.models import Membership
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Recommendation, Report
from tracker.reminders.models import Delivery

DAY = datetime.timedelta(days=1)

pytestmark = pytest.mark.usefixtures("few_people")


@pytest.fixture(autouse=True)
def letters_go_somewhere(folder: Path) -> None:
    """Into a folder, unless a test asks for a mail server."""


def told(days: int) -> set[str]:
    """Who gets a digest so many days from TODAY, on a Sunday too."""
    on = TODAY + days * DAY
    queued(on, on_any_day=True)
    send(NOON + days * DAY)
    sent = Delivery.objects.filter(day=on, state="sent")
    assert names(on) == {delivery.person.email.removesuffix("@example.test") for delivery in sent}
    return names(on)


def test_the_next_day_with_nothing_new_brings_none(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    plan(5, cast.officer, 3)
    assert told(0) == {"officer"}
    assert told(1) == told(2) == set()


def test_a_second_item_on_the_next_day_brings_one_with_both(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    plan(3, cast.colleague, -1)
    assert told(0) == {"officer", "colleague"}
    plan(5, cast.officer, -1)
    assert told(1) == {"officer"}
    letter = Delivery.objects.get(day=TODAY + DAY)
    assert letter.subject.startswith("West Kent PDU: 2 overdue")
    assert told(2) == set()


def test_what_is_due_and_becomes_overdue_is_new(cast: Cast) -> None:
    plan(4, cast.officer, 1)
    assert told(0) == {"officer"}
    # Due today is not overdue.
    assert told(1) == set()
    assert told(2) == {"officer"}
    assert told(3) == set()


def test_what_comes_into_the_week_ahead_is_new_once(cast: Cast) -> None:
    plan(4, cast.officer, 8)
    assert told(0) == set()
    assert told(1) == {"officer"}
    assert [told(days) for days in range(2, 9)] == [set()] * 7
    assert told(9) == {"officer"}


@pytest.mark.parametrize(
    ("late", "hear"), [(13, {"officer", "head"}), (27, {"officer", "head", "director", "national"})]
)
def test_crossing_14_and_28_days_is_new_to_the_owner_and_to_who_hears_from_then_on(
    cast: Cast, late: int, hear: set[str]
) -> None:
    plan(4, cast.officer, -late)
    assert told(0) == ({"officer"} if late == 13 else {"officer", "head"})
    assert told(1) == hear
    assert told(2) == set()


def test_while_anything_is_overdue_one_comes_every_week(cast: Cast) -> None:
    plan(4, cast.officer, -29)
    plan(5, cast.colleague, 6)
    everybody = {"officer", "head", "director", "national"}
    assert told(0) == everybody | {"colleague"}
    assert [told(days) for days in range(1, 7)] == [set()] * 6
    # The colleague's is overdue from this day on, and that is new.
    assert told(7) == everybody | {"colleague"}
    assert told(8) == set()
    assert told(14) == everybody | {"colleague"}


def test_a_week_is_reckoned_from_the_last_letter_whatever_it_told(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert told(0) == {"officer"}
    plan(5, cast.officer, -1)
    assert told(3) == {"officer"}
    assert told(7) == set()
    assert told(10) == {"officer"}


def test_what_is_only_due_is_not_told_again_after_a_week(cast: Cast) -> None:
    plan(4, cast.officer, 7)
    assert told(0) == {"officer"}
    # On its day it is still due, not overdue.
    assert told(7) == set()
    assert told(8) == {"officer"}


def test_what_is_done_and_falls_due_once_more_is_new(cast: Cast) -> None:
    item = plan(4, cast.officer, -1)
    plan(5, cast.officer, -1)
    assert told(0) == {"officer"}
    in_status(item, "signed_off", cast.director)
    plan(3, cast.officer, -1)
    assert told(1) == {"officer"}
    in_status(Recommendation.objects.get(pk=item.pk), "open", cast.director)
    assert told(2) == {"officer"}


def test_a_report_or_fewer_items_are_no_news(cast: Cast) -> None:
    item = plan(4, cast.officer, -1)
    other = plan(5, cast.officer, -1)
    assert told(0) == {"officer"}
    change(item, by=Actor(cast.officer), at=NOON, seen_version=item.version, report=Report("some", "Begun."))
    in_status(other, "signed_off", cast.director)
    assert told(1) == set()


def test_a_new_owner_hears_at_once(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert told(0) == {"officer"}
    plan(4, cast.colleague, -1)
    assert told(1) == {"colleague"}


def test_the_lead_hears_when_the_owner_loses_the_role_that_let_them_own(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert told(0) == {"officer"}
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY + DAY)
    assert told(1) == {"head"}


def test_an_owner_who_may_only_read_or_has_no_role_hears_nothing(cast: Cast) -> None:
    item = plan(4, cast.officer, -1)
    for person in (cast.reader, cast.inspector, cast.nobody):
        Recommendation.objects.filter(pk=item.pk).update(owner=person)
        queued()
        assert names() == {"head"}
        begin_anew()


def test_a_letter_that_did_not_arrive_told_nothing(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -1)
    sink.at_rcpt["officer@example.test"] = ["550 5.1.1 Nobody here"]
    queued()
    assert send() == {"failed": 1}
    assert told(1) == {"officer"}
    assert told(2) == set()


def test_what_was_new_in_the_morning_and_gone_by_noon_is_new_the_next_time(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    queued()
    plan(4, cast.officer, 90)
    assert send() == {}
    assert (the_letter().state, the_letter().reason) == ("nothing", "no_news")
    plan(4, cast.officer, -1)
    assert told(1) == {"officer"}


def test_a_day_that_is_taken_up_again_is_composed_anew(cast: Cast) -> None:
    """A letter refused for now was composed; by then nothing was left to say, and later there is again."""
    plan(4, cast.officer, -1)
    queued()
    row = the_letter()
    Delivery.objects.filter(pk=row.pk).update(state="nothing", composed_at=NOON, body_text="Old words", ended_at=NOON)
    plan(5, cast.officer, -1)
    assert queued(on_any_day=True).now == 1
    row.refresh_from_db()
    assert (row.state, row.composed_at, row.attempts) == ("waiting", None, 0)
    assert send(NOON + MINUTE) == {"sent": 1}
    row.refresh_from_db()
    assert "Recommendation 5," in row.body_text
    assert set(row.told) == {f"overdue:{recommendation(number).pk}" for number in (4, 5)}


def test_a_lead_who_also_reviews_is_told_of_each_thing_once(cast: Cast) -> None:
    Membership.objects.create(user=cast.head, role="reviewer", organisation=place(KSS))
    plan(4, cast.officer, -40)
    assert "head" in told(0)
    marks = Delivery.objects.get(person=cast.head).told
    pk = recommendation(4).pk
    assert marks == [f"overdue:{pk}", f"overdue:{pk}:14 days", f"overdue:{pk}:28 days"]
    assert told(1) == set()
