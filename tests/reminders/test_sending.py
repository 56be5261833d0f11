"""A letter goes once, is never lost, and stops no other."""

import datetime
import email.utils
from collections import Counter
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
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
    the_letter,
    use_server,
    waiting_row,
)
from tests.rig import spare_port
from tracker.accounts.models import User
from tracker.reminders import mailfolder
from tracker.reminders.models import LEASE, Delivery, Heartbeat
from tracker.reminders.operations import sending
from tracker.reminders.operations.queueing import Queued

pytestmark = pytest.mark.usefixtures("few_people")


# -- claims ----------------------------------------------------------------------------------------------------------
def test_two_senders_at_once_do_not_both_send(cast: Cast, meanwhile: type[Meanwhile]) -> None:
    plan(4, cast.officer, -3)
    queued()
    second: list[dict[str, int]] = []
    meanwhile.happens = lambda: second.append(send(NOON + SECOND))
    assert send() == {"sent": 1}
    assert second == [{}]
    assert len(mailfolder.letters()) == 1
    assert the_letter().attempts == 1


def test_claim_is_taken_over_only_after_it_expires(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    # As a sender leaves it that was killed after claiming.
    Delivery.objects.update(state=State.SENDING, claimed_until=NOON + LEASE, attempts=1)
    assert send(NOON + LEASE - SECOND) == {}
    assert send(NOON + LEASE) == {"sent": 1}
    assert the_letter().attempts == 2
    assert len(sink.letters) == 1


def test_email_taken_over_keeps_its_message_id_date_and_text(
    cast: Cast, meanwhile: type[Meanwhile], folder: Path
) -> None:
    plan(4, cast.officer, -3)
    queued()
    # The first sender has composed and hangs so long that its claim runs out; what the letter says has changed by then.
    late = NOON + LEASE + MINUTE

    def second_sender() -> None:
        plan(5, cast.officer, -1)
        assert send(late) == {"sent": 1}

    meanwhile.happens = second_sender
    send()
    delivery = the_letter()
    raw = [path.read_bytes() for path in sorted(folder.glob("*.eml"))]
    assert len(raw) == 2
    heads = [{name: value for name, value in headers(text).items() if name != "content-type"} for text in raw]
    assert heads[0] == heads[1]
    assert heads[0]["message-id"] == delivery.message_id
    assert [letter.date for letter in mailfolder.letters()] == [NOON, NOON]
    assert len({letter.text for letter in mailfolder.letters()}) == 1
    assert "Recommendation 5," not in delivery.body_text


def headers(raw: bytes) -> dict[str, str]:
    parsed = email.message_from_bytes(raw)
    return {name.lower(): str(value) for name, value in parsed.items()}


def test_two_senders_with_the_same_batch_send_each_email_once(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    pk = the_letter().pk
    connection = mail.get_connection()
    assert sending.send(pk, at=NOON, connection=connection) == "sent"
    assert sending.send(pk, at=NOON, connection=connection) is None
    connection.close()
    assert len(sink.letters) == 1


# -- what is no longer to be said ------------------------------------------------------------------------------------
def test_digest_that_became_empty_is_not_sent(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    plan(4, cast.officer, 90)
    assert send() == {}
    assert sink.letters == []
    assert the_letter().reason == "no_news"
    assert (the_letter().state, the_letter().ended_at, the_letter().subject) == ("nothing", NOON, "")
    assert send(NOON + MINUTE) == {}


def test_item_reassigned_after_queueing_is_sent_to_the_new_owner_only(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    plan(4, cast.colleague, -3)
    send()
    assert "officer@example.test" not in sink.to()
    assert the_letter().reason == "no_news"


def test_account_closed_after_queueing_gets_no_email(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    send()
    assert "officer@example.test" not in sink.to()
    assert (the_letter().state, the_letter().reason) == ("nothing", "no_access")


def test_account_closed_after_a_first_attempt_gets_no_email(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    sink.at_rcpt["officer@example.test"] = ["451 4.7.1 Later"]
    assert send() == {"waiting": 1}
    assert the_letter().composed_at == NOON
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    send(NOON + MINUTE)
    assert "officer@example.test" not in sink.to()
    assert (the_letter().state, the_letter().reason) == ("nothing", "no_access")
    assert the_letter().ended_at == NOON + MINUTE


def test_empty_digest_can_be_sent_by_the_button_once_something_becomes_overdue(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    plan(4, cast.officer, 90)
    assert send() == {}
    assert queued(on_any_day=True).now == 0
    assert send(NOON + MINUTE) == {}
    plan(4, cast.officer, -1)
    assert queued().now == 0
    assert queued(on_any_day=True).now == 1
    assert send(NOON + 2 * MINUTE) == {"sent": 1}
    [letter] = sink.letters
    assert (letter["To"], letter["Subject"]) == ("officer@example.test", "West Kent PDU: 1 overdue")
    # One row still, and now that they have had theirs they get no second one.
    assert (the_letter().state, the_letter().ended_at) == ("sent", NOON + 2 * MINUTE)
    assert queued(on_any_day=True) == Queued(0, 1)
    assert send(NOON + 3 * MINUTE) == {}


# -- what goes wrong -------------------------------------------------------------------------------------------------
def test_email_that_cannot_be_composed_does_not_stop_others(cast: Cast, sink: ScriptedSink) -> None:
    # A week after the last day that Python knows cannot be reckoned.
    poison = waiting_row(
        cast.colleague, "poison", kind="digest", day=datetime.date.max, composed_at=None, next_try_at=NOON - MINUTE
    )
    poison.save()
    plan(4, cast.officer, -3)
    queued()
    assert send() == {"waiting": 1, "sent": 1}
    assert sink.to() == ["officer@example.test"]
    poison.refresh_from_db()
    assert poison.state == "waiting"
    assert poison.last_error.startswith("OverflowError")


def test_invalid_address_does_not_stop_other_emails(cast: Cast, sink: ScriptedSink) -> None:
    waiting_row(cast.colleague, "poison", address="a\nBcc: b@example.test", next_try_at=NOON - MINUTE).save()
    waiting_row(cast.officer, "good").save()
    assert send() == {"waiting": 1, "sent": 1}
    assert sink.to() == ["officer@example.test"]


@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_temporary_refusal_is_retried_after_the_backoff_with_the_same_email(
    cast: Cast, sink: ScriptedSink, stage: str
) -> None:
    plan(4, cast.officer, -3)
    queued()
    getattr(sink, stage)["officer@example.test"] = ["451 4.7.1 Later"]
    assert send() == {"waiting": 1}
    delivery = the_letter()
    assert (delivery.next_try_at, delivery.last_code, delivery.claimed_until) == (NOON + MINUTE, 451, None)
    assert send(NOON + MINUTE - SECOND) == {}
    assert send(NOON + MINUTE) == {"sent": 1}
    [letter] = sink.letters
    assert letter["Message-ID"] == delivery.message_id
    assert (letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert letter["List-Id"] == "Inspection action tracker <tracker.127.0.0.1>"
    assert email.utils.parsedate_to_datetime(str(letter["Date"])) == NOON


def test_email_is_set_aside_after_the_last_attempt(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    sink.refusal = "450 4.2.1 Mailbox busy"
    at = NOON
    waits = []
    for _attempt in range(5):
        assert send(at) == {"waiting": 1}
        waits.append(round((the_letter().next_try_at - at) / MINUTE))
        at = the_letter().next_try_at
    assert waits == [1, 2, 5, 15, 60]
    assert send(at) == {"set_aside": 1}
    assert (the_letter().attempts, the_letter().ended_at, the_letter().last_code) == (6, at, 450)
    sink.refusal = ""
    assert send(at + datetime.timedelta(days=1)) == {}
    assert sink.letters == []


def test_refusal_of_the_sender_is_not_a_refusal_of_the_email(cast: Cast, sink: ScriptedSink) -> None:
    """As when somebody has mistyped the tracker's own password: once that is put right, the letters go."""
    plan(4, cast.officer, -3)
    queued()
    sink.at_mail = ["530 5.7.0 Authentication required"]
    assert send() == {"waiting": 1}
    assert (the_letter().state, the_letter().last_code, the_letter().ended_at) == ("waiting", 530, None)
    assert sink.letters == []
    assert send(NOON + MINUTE) == {"sent": 1}
    assert sink.to() == ["officer@example.test"]


@pytest.mark.everybody
@pytest.mark.parametrize(
    ("stage", "answer"),
    [("at_rcpt", "550 5.1.1 Nobody here"), ("at_data", "550 5.7.1 Not wanted"), ("at_data", "554 5.6.0 Bad content")],
)
def test_permanent_refusal_fails_at_once_and_others_are_sent(
    cast: Cast, sink: ScriptedSink, stage: str, answer: str
) -> None:
    for number, owner in ((3, cast.colleague), (4, cast.officer), (5, cast.stranger)):
        plan(number, owner, -3)
    queued()
    getattr(sink, stage)["officer@example.test"] = [answer]
    assert send() == {"sent": 2, "failed": 1}
    refused = Delivery.objects.get(person=cast.officer)
    assert (refused.state, refused.last_code, refused.attempts) == ("failed", int(answer[:3]), 1)
    assert send(NOON + datetime.timedelta(days=1)) == {}
    assert sink.to() == ["colleague@example.test", "stranger@example.test"]


def test_connection_dropped_in_the_middle_loses_no_email(cast: Cast, sink: ScriptedSink) -> None:
    plan(3, cast.colleague, -3)
    plan(4, cast.officer, -3)
    queued()
    sink.at_data["officer@example.test"] = ["421 4.3.2 Going down"]
    assert send() == {"sent": 1, "waiting": 1}
    assert send(NOON + MINUTE) == {"sent": 1}
    assert sink.to() == ["colleague@example.test", "officer@example.test"]


def test_emails_wait_while_the_mail_server_is_unavailable(cast: Cast, settings: Settings) -> None:
    use_server(settings, spare_port())
    plan(4, cast.officer, -3)
    queued()
    assert send() == {}
    # Nobody was let in, so no letter was tried, and none has used up an attempt.
    assert (the_letter().state, the_letter().attempts, the_letter().last_error) == ("waiting", 0, "")
    knock = Heartbeat.objects.get(name="mail")
    assert knock.at == NOON
    assert "ConnectionRefusedError" in knock.error
    with ScriptedSink() as server:
        use_server(settings, server.controller.port)
        assert send(NOON + MINUTE) == {"sent": 1}
        assert server.to() == ["officer@example.test"]
    knock.refresh_from_db()
    assert (knock.at, knock.error) == (NOON + MINUTE, "")


# -- together --------------------------------------------------------------------------------------------------------
@pytest.mark.everybody
def test_every_email_is_accounted_for_after_many_failures(cast: Cast, sink: ScriptedSink) -> None:
    """Refusals of every kind at once, and ticks until nothing is left: each letter went once or says why not."""
    owners = [cast.officer, cast.colleague, cast.head, cast.stranger, cast.neighbour]
    for number, owner in zip((1, 2, 3, 4, 5), owners, strict=True):
        plan(number, owner, -2)
    queued()
    sink.at_rcpt = {"officer@example.test": ["451 Later"] * 2, "head@example.test": ["550 No"]}
    sink.at_data = {"colleague@example.test": ["421 Bye", "452 Full"], "stranger@example.test": ["451 Later"] * 9}
    for minute in range(0, 120, 1):
        send(NOON + minute * MINUTE)
    ended = Counter(Delivery.objects.exclude(state="nothing").values_list("state", flat=True))
    assert ended == {"sent": 3, "failed": 1, "set_aside": 1}
    assert sink.to() == ["colleague@example.test", "neighbour@example.test", "officer@example.test"]


def test_the_smtp_backend_in_these_tests_is_the_real_one(sink: ScriptedSink) -> None:
    assert isinstance(mail.get_connection(), SmtpBackend)
