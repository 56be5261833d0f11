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


def test_no_digest_the_next_day_without_news(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    plan(5, cast.officer, 3)
    assert told(0) == {"officer"}
    assert told(1) == told(2) == set()


def test_new_item_the_next_day_sends_a_digest_with_both(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    plan(3, cast.colleague, -1)
    assert told(0) == {"officer", "colleague"}
    plan(5, cast.officer, -1)
    assert told(1) == {"officer"}
    letter = Delivery.objects.get(day=TODAY + DAY)
    assert letter.subject.startswith("West Kent PDU: 2 overdue")
    assert told(2) == set()


def test_item_that_becomes_overdue_is_new(cast: Cast) -> None:
    plan(4, cast.officer, 1)
    assert told(0) == {"officer"}
    # Due today is not overdue.
    assert told(1) == set()
    assert told(2) == {"officer"}
    assert told(3) == set()


def test_item_that_becomes_due_within_a_week_is_new_once(cast: Cast) -> None:
    plan(4, cast.officer, 8)
    assert told(0) == set()
    assert told(1) == {"officer"}
    assert [told(days) for days in range(2, 9)] == [set()] * 7
    assert told(9) == {"officer"}


@pytest.mark.parametrize(
    ("late", "hear"), [(13, {"officer", "head"}), (27, {"officer", "head", "director", "national"})]
)
def test_14_and_28_days_overdue_are_new_to_owner_lead_and_reviewer(cast: Cast, late: int, hear: set[str]) -> None:
    plan(4, cast.officer, -late)
    assert told(0) == ({"officer"} if late == 13 else {"officer", "head"})
    assert told(1) == hear
    assert told(2) == set()


def test_digest_is_sent_every_week_while_anything_is_overdue(cast: Cast) -> None:
    plan(4, cast.officer, -29)
    plan(5, cast.colleague, 6)
    everybody = {"officer", "head", "director", "national"}
    assert told(0) == everybody | {"colleague"}
    assert [told(days) for days in range(1, 7)] == [set()] * 6
    # The colleague's is overdue from this day on, and that is new.
    assert told(7) == everybody | {"colleague"}
    assert told(8) == set()
    assert told(14) == everybody | {"colleague"}


def test_week_counts_from_the_last_digest(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert told(0) == {"officer"}
    plan(5, cast.officer, -1)
    assert told(3) == {"officer"}
    assert told(7) == set()
    assert told(10) == {"officer"}


def test_item_that_is_only_due_is_not_repeated_after_a_week(cast: Cast) -> None:
    plan(4, cast.officer, 7)
    assert told(0) == {"officer"}
    # On its day it is still due, not overdue.
    assert told(7) == set()
    assert told(8) == {"officer"}


def test_item_that_becomes_due_again_is_new(cast: Cast) -> None:
    item = plan(4, cast.officer, -1)
    plan(5, cast.officer, -1)
    assert told(0) == {"officer"}
    in_status(item, "signed_off", cast.director)
    plan(3, cast.officer, -1)
    assert told(1) == {"officer"}
    in_status(Recommendation.objects.get(pk=item.pk), "open", cast.director)
    assert told(2) == {"officer"}


def test_update_or_fewer_items_are_not_news(cast: Cast) -> None:
    item = plan(4, cast.officer, -1)
    other = plan(5, cast.officer, -1)
    assert told(0) == {"officer"}
    change(item, by=Actor(cast.officer), at=NOON, seen_version=item.version, report=Report("some", "Begun."))
    in_status(other, "signed_off", cast.director)
    assert told(1) == set()


def test_new_owner_is_emailed_at_once(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert told(0) == {"officer"}
    plan(4, cast.colleague, -1)
    assert told(1) == {"colleague"}


def test_lead_is_emailed_when_the_owner_loses_their_role(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert told(0) == {"officer"}
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY + DAY)
    assert told(1) == {"head"}


def test_owner_with_a_read_only_role_or_none_is_not_emailed(cast: Cast) -> None:
    item = plan(4, cast.officer, -1)
    for person in (cast.reader, cast.inspector, cast.nobody):
        Recommendation.objects.filter(pk=item.pk).update(owner=person)
        queued()
        assert names() == {"head"}
        begin_anew()


def test_undelivered_digest_does_not_count_as_told(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -1)
    sink.at_rcpt["officer@example.test"] = ["550 5.1.1 Nobody here"]
    queued()
    assert send() == {"failed": 1}
    assert told(1) == {"officer"}
    assert told(2) == set()


def test_item_gone_by_noon_is_new_the_next_time(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    queued()
    plan(4, cast.officer, 90)
    assert send() == {}
    assert (the_letter().state, the_letter().reason) == ("nothing", "no_news")
    plan(4, cast.officer, -1)
    assert told(1) == {"officer"}


def test_resumed_day_is_composed_again(cast: Cast) -> None:
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


def test_lead_who_is_also_reviewer_gets_each_item_once(cast: Cast) -> None:
    Membership.objects.create(user=cast.head, role="reviewer", organisation=place(KSS))
    plan(4, cast.officer, -40)
    assert "head" in told(0)
    marks = Delivery.objects.get(person=cast.head).told
    pk = recommendation(4).pk
    assert marks == [f"overdue:{pk}", f"overdue:{pk}:14 days", f"overdue:{pk}:28 days"]
    assert told(1) == set()
