"""What a refusal means, and that every letter comes to an end whatever happens to whoever sends it."""

import datetime
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection
from django.db.models.signals import post_init
from pytest_django import Settings

from tests.base import NOON, Cast
from tests.reminders.sending import (
    MINUTE,
    SECOND,
    Meanwhile,
    ScriptedSink,
    State,
    plan,
    queued,
    send,
    use_server,
    waiting_row,
)
from tests.rig import spare_port
from tracker.reminders import mailfolder, tasks
from tracker.reminders.models import LEASE, Delivery, Heartbeat
from tracker.reminders.operations import sending
from tracker.reminders.refusals import is_about_us, is_final, keeps_connection, words_of

DAY = datetime.timedelta(days=1)
WORDS = b"5.1.1 Words"

pytestmark = pytest.mark.usefixtures("few_people")


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@example.test": (code, WORDS)})


# -- what an answer means ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "final", "ours", "stays_open"),
    [
        (refused(550), True, False, True),
        (refused(553), True, False, True),
        (refused(451), False, False, True),
        (refused(452), False, False, True),
        # A full mailbox may be emptied.
        (refused(552), False, False, True),
        (refused(530), False, True, True),
        (refused(421), False, False, False),
        (smtplib.SMTPDataError(554, WORDS), True, False, True),
        (smtplib.SMTPDataError(552, WORDS), True, False, True),
        (smtplib.SMTPDataError(451, WORDS), False, False, True),
        (smtplib.SMTPDataError(421, WORDS), False, False, False),
        (smtplib.SMTPDataError(530, WORDS), False, True, True),
        (smtplib.SMTPSenderRefused(421, WORDS, "t@example.test"), False, True, False),
        (smtplib.SMTPSenderRefused(550, WORDS, "t@example.test"), False, True, False),
        # "Too big" is said to the sender where the size stands in the command.
        (smtplib.SMTPSenderRefused(552, WORDS, "t@example.test"), True, False, False),
        (smtplib.SMTPAuthenticationError(535, WORDS), False, True, False),
        (smtplib.SMTPConnectError(554, WORDS), False, False, False),
        (smtplib.SMTPHeloError(550, WORDS), False, False, False),
        (smtplib.SMTPServerDisconnected("gone"), False, False, False),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), False, False, False),
        (TimeoutError("timed out"), False, False, False),
        (OSError(27, "File too large"), False, False, False),
        (ValueError("poison"), False, False, False),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, Exception) else None,
)
def test_refusal_is_classified_by_its_code(error: Exception, final: bool, ours: bool, stays_open: bool) -> None:
    assert (is_final(error), is_about_us(error), keeps_connection(error)) == (final, ours, stays_open)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused(550), "550 5.1.1 Words"),
        (smtplib.SMTPDataError(451, b"Later"), "451 Later"),
        (ValueError("no"), "ValueError: no"),
        (smtplib.SMTPDataError(554, b"\xff\0\0x"), "554 \ufffdx"),
        (ValueError("\ud800\0" + "x" * 900), "ValueError: ?" + "x" * 487),
    ],
)
def test_text_of_a_refusal_fits_its_column(error: Exception, said: str) -> None:
    assert words_of(error) == said
    assert len(said) <= 500


def test_refusal_with_invalid_bytes_does_not_stop_others(cast: Cast, sink: ScriptedSink) -> None:
    sink.at_data["officer@example.test"] = ["550 \0\0 no"]
    waiting_row(cast.officer, "one").save()
    waiting_row(cast.colleague, "two").save()
    assert send() == {"sent": 1, "failed": 1}
    assert "\0" not in Delivery.objects.get(key="one").last_error


# -- whoever sends it dies ---------------------------------------------------------------------------------------------
def test_delivery_is_abandoned_after_max_attempts(cast: Cast, sink: ScriptedSink) -> None:
    """As one does that uses up all memory: it never comes to say what went wrong."""
    waiting_row(cast.officer, "deadly", state=State.SENDING, claimed_until=NOON, attempts=6).save()
    waiting_row(cast.colleague, "good").save()
    assert send() == {"set_aside": 1, "sent": 1}
    row = Delivery.objects.get(key="deadly")
    assert (row.state, row.ended_at, row.claimed_until) == ("set_aside", NOON, None)
    assert row.last_error == "Whoever tried to send it ended before it was sent."
    assert sink.to() == ["colleague@example.test"]


def test_last_attempt_is_made_after_five_killed_senders(cast: Cast, sink: ScriptedSink) -> None:
    waiting_row(cast.officer, "lucky", state=State.SENDING, claimed_until=NOON, attempts=5).save()
    assert send() == {"sent": 1}


def test_claim_made_with_a_wrong_clock_expires(cast: Cast, sink: ScriptedSink) -> None:
    waiting_row(cast.officer, "next year", state=State.SENDING, claimed_until=NOON + 365 * DAY, attempts=1).save()
    assert send() == {"sent": 1}
    # One that may be going on is left alone.
    waiting_row(cast.colleague, "now", state=State.SENDING, claimed_until=NOON + LEASE, attempts=1).save()
    assert send(NOON + SECOND) == {}


def test_stopped_worker_leaves_its_email_claimed_and_closes_the_connection(
    cast: Cast, meanwhile: type[Meanwhile]
) -> None:
    def stop() -> None:
        raise SoftTimeLimitExceeded

    meanwhile.happens = stop
    waiting_row(cast.officer, "one").save()
    with pytest.raises(SoftTimeLimitExceeded):
        send()
    row = Delivery.objects.get()
    assert (row.state, row.claimed_until, row.attempts) == ("sending", NOON + LEASE, 1)
    assert send(NOON + LEASE) == {"sent": 1}


def test_sender_that_lost_its_claim_does_not_overwrite_the_result(
    cast: Cast, meanwhile: type[Meanwhile], settings: Settings
) -> None:
    """The first hangs until its claim has run out and is then refused; the second has sent it."""

    def second_sender_then_refusal() -> None:
        assert send(NOON + LEASE + MINUTE) == {"sent": 1}
        raise refused(550)

    meanwhile.happens = second_sender_then_refusal
    waiting_row(cast.officer, "one").save()
    assert send() == {}
    row = Delivery.objects.get()
    assert (row.state, row.last_error, row.attempts) == ("sent", "", 2)
    assert len(mailfolder.letters()) == 1


def test_sender_that_lost_its_claim_while_composing_changes_nothing(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(4, cast.officer, -3)
    queued()
    done: list[dict[str, int]] = []

    def overtake(instance: Delivery, **_signal: Any) -> None:
        # Between the claim and the composing, which is when the sender has just read the row.
        if instance.state == State.SENDING and not done and instance.person_id == cast.officer.pk:
            done.append({})
            done.append(send(NOON + LEASE + MINUTE))

    post_init.connect(overtake, sender=Delivery)
    try:
        send()
    finally:
        post_init.disconnect(overtake, sender=Delivery)
    row = Delivery.objects.get(person=cast.officer)
    assert done[1]["sent"] == 1
    assert (row.state, row.attempts, row.composed_at) == ("sent", 2, NOON + LEASE + MINUTE)
    assert [letter.to for letter in mailfolder.letters()] == ["officer@example.test"]


# -- the database is away ----------------------------------------------------------------------------------------------
def test_result_is_recorded_after_a_short_database_outage(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_row(cast.officer, "one").save()
    failures = [OperationalError("terminating connection"), OperationalError("the database system is starting up")]

    def away(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if failures and sql.startswith("UPDATE") and "ended_at" in sql:
            raise failures.pop()
        return execute(sql, *rest)

    # A test stands in a transaction, which an error spoils; a server does not.
    monkeypatch.setattr("time.sleep", lambda _seconds: connection.set_rollback(False))
    with connection.execute_wrapper(away):
        assert send() == {"sent": 1}
    assert failures == []
    assert Delivery.objects.get().state == "sent"


# -- the mail server lets nobody in ------------------------------------------------------------------------------------
def test_server_that_refuses_everything_is_tried_with_one_email_a_run(cast: Cast, sink: ScriptedSink) -> None:
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"n{n}") for n in range(5)])
    sink.at_mail = ["550 5.7.1 Not from you"] * 3
    for minute in range(3):
        assert send(NOON + minute * MINUTE) == {"waiting": 1}
    assert sum(Delivery.objects.values_list("attempts", flat=True)) == 3
    assert send(NOON + 9 * MINUTE) == {"sent": 5}


def test_no_attempt_is_counted_while_the_server_is_unavailable(cast: Cast, settings: Settings, folder: Path) -> None:
    use_server(settings, spare_port())
    waiting_row(cast.officer, "one").save()
    for hour in range(12):
        assert send(NOON + hour * 60 * MINUTE) == {}
    assert Delivery.objects.get().attempts == 0
    assert Heartbeat.objects.get(name="mail").error.startswith("ConnectionRefusedError")


# -- runs --------------------------------------------------------------------------------------------------------------
def test_a_run_goes_on_until_nothing_is_due(cast: Cast, sink: ScriptedSink) -> None:
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"n{n}") for n in range(2 * sending.HANDFUL + 7)])
    assert sending.send_due(clock=lambda: NOON) == ({"sent": 2 * sending.HANDFUL + 7}, False)
    assert sink.connections == 1


def test_run_that_is_out_of_time_says_that_more_is_due(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"n{n}") for n in range(3)])
    monkeypatch.setattr(sending, "LONGEST_RUN", -1)
    assert sending.send_due(clock=lambda: NOON) == ({}, True)
    assert Delivery.objects.filter(state="waiting", attempts=0).count() == 3


@pytest.mark.usefixtures("at_noon")
def test_tick_is_recorded_queues_and_sends_without_a_broker(cast: Cast, sink: ScriptedSink) -> None:
    """Nothing listens where the broker should be: with many letters due it is asked for help, in vain."""
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"n{n}") for n in range(tasks.MANY + 1)])
    plan(4, cast.officer, -3)
    tasks.tick()
    assert Heartbeat.objects.get(name="tick").at >= NOON
    assert len(sink.letters) == tasks.MANY + 2
    assert not Delivery.objects.exclude(state__in=["sent", "nothing"]).exists()
