"""The run of a day: everybody once, nobody again, and nothing that was missed comes as a burst."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import NOON, TODAY, Cast
from tests.reminders.sending import MINUTE, ScriptedSink, State, names, plan, queued, send, the_letter, waiting_row
from tracker.accounts.models import Membership
from tracker.reminders.emails import Letter
from tracker.reminders.models import Delivery, DigestRun
from tracker.reminders.operations.queueing import Queued, queue_account_letter, queue_what_is_due

DAY = datetime.timedelta(days=1)
SATURDAY = TODAY + 5 * DAY

pytestmark = pytest.mark.usefixtures("few_people")


# -- once --------------------------------------------------------------------------------------------------------------
def test_daily_run_is_recorded_and_not_repeated(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    now, _before = queued()
    run = DigestRun.objects.get()
    assert (run.day, run.started_at, run.ended_at, run.queued) == (TODAY, NOON, NOON, now)
    with CaptureQueriesContext(connection) as asked:
        assert queued() == Queued(0, now)
    assert len(asked) == 1
    assert Delivery.objects.count() == now


def test_daily_run_without_emails_is_recorded(cast: Cast, sink: ScriptedSink) -> None:
    count = queued().now
    assert DigestRun.objects.get().queued == Delivery.objects.count() == count
    assert send() == {}
    assert set(Delivery.objects.values_list("state", "reason")) <= {("nothing", "no_news")}
    assert queued() == Queued(0, count)


def test_interrupted_run_is_resumed_without_duplicates(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    plan(5, cast.colleague, -1)
    count = queued().now
    DigestRun.objects.update(ended_at=None, queued=0)
    Delivery.objects.filter(person=cast.colleague).delete()
    assert queued() == Queued(1, count - 1)
    assert DigestRun.objects.get().queued == Delivery.objects.count() == count
    assert DigestRun.objects.get().ended_at == NOON


def test_weekends_and_the_button_record_no_run(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    queued(SATURDAY)
    queued(on_any_day=True)
    assert not DigestRun.objects.exists()


def test_run_does_not_queue_what_the_button_queued(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    queued(on_any_day=True)
    send()
    queued()
    assert Delivery.objects.filter(person=cast.officer).count() == 1
    assert the_letter().state == State.SENT


# -- missed days -------------------------------------------------------------------------------------------------------
def test_days_without_a_clock_are_followed_by_one_digest(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -1)
    queued()
    assert send() == {"sent": 1}
    # Nobody ticks on Tuesday and Wednesday, on which two things become overdue.
    plan(5, cast.officer, 0)
    plan(3, cast.officer, 1)
    later = NOON + 3 * DAY
    queue_what_is_due(on=TODAY + 3 * DAY, at=later)
    assert send(later) == {"sent": 1}
    assert [str(letter["Subject"])[:24] for letter in sink.letters if letter["To"] == "officer@example.test"] == [
        "West Kent PDU: 1 overdue",
        "West Kent PDU: 3 overdue",
    ]


def test_unsent_digests_are_replaced_by_those_of_the_next_day(cast: Cast, sink: ScriptedSink) -> None:
    """The clock went on and the worker did not: one letter each, of today."""
    plan(4, cast.officer, -1)
    for days in range(3):
        queued(TODAY + days * DAY)
    assert send(NOON + 2 * DAY) == {"sent": 1}
    states = Delivery.objects.filter(person=cast.officer).order_by("day").values_list("state", "reason")
    assert list(states) == [("nothing", "passed"), ("nothing", "passed"), ("sent", "")]
    assert sink.to() == ["officer@example.test"]


def test_digest_left_on_friday_is_sent_on_monday(cast: Cast, sink: ScriptedSink) -> None:
    friday = TODAY + 4 * DAY
    plan(4, cast.officer, -1)
    queued(friday)
    assert send(NOON + 5 * DAY) == {}
    assert the_letter().reason == "passed"
    queued(TODAY + 7 * DAY)
    assert send(NOON + 7 * DAY) == {"sent": 1}
    assert len(sink.letters) == 1


def test_item_that_is_only_due_is_not_repeated(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, 7)
    queued()
    assert send() == {"sent": 1}
    # The date moves, so that it is due within a week once more, three weeks later.
    Delivery.objects.update(day=TODAY - 21 * DAY)
    DigestRun.objects.all().delete()
    assert names() == set()
    queued()
    assert send() == {}


# -- whose access has ended --------------------------------------------------------------------------------------------
def test_somebody_without_a_role_on_that_day_gets_no_digest_and_the_reason_is_kept(
    cast: Cast, sink: ScriptedSink
) -> None:
    plan(4, cast.officer, -3)
    queued()
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY)
    send()
    assert "officer@example.test" not in sink.to()
    assert (the_letter().state, the_letter().reason) == ("nothing", "no_access")


def test_account_email_needs_no_role(cast: Cast, sink: ScriptedSink) -> None:
    waiting_row(cast.nobody, "account:1").save()
    assert send() == {"sent": 1}


# -- who goes first ----------------------------------------------------------------------------------------------------
def test_account_emails_go_before_invitations_and_digests(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    rows = [
        waiting_row(cast.colleague, f"invitation:{n}", kind="invitation", rank=1, subject="Second", next_try_at=NOON)
        for n in range(2)
    ]
    Delivery.objects.bulk_create(rows)
    queue_account_letter(cast.head, Letter("First", "Text\n", ""), on=TODAY, at=NOON)
    send(NOON + MINUTE)
    subjects = [str(letter["Subject"]) for letter in sink.letters]
    assert subjects[:3] == ["First", "Second", "Second"]
    assert len(subjects) == 4


@pytest.mark.parametrize("kind", Delivery.Kind)
def test_every_kind_of_email_has_a_rank(kind: Delivery.Kind) -> None:
    assert kind in Delivery.RANKS


def test_ranks_in_the_table_are_those_of_the_kinds(cast: Cast) -> None:
    plan(4, cast.officer, -3)
    queued()
    assert set(Delivery.objects.values_list("kind", "rank")) == {("digest", 3)}
