"""Letters by GOV.UK Notify, over HTTP to a stand-in: each once, followed until it is known how it ended."""

import datetime
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.base import NOON, TODAY, Cast
from tests.reminders.sending import MINUTE, State, plan, queued, send, the_letter, waiting_row
from tests.rig import spare_port
from tracker.history.operations import Actor
from tracker.reminders.models import Delivery, Heartbeat
from tracker.reminders.operations.following import follow_up
from tracker.reminders.operations.letters import resend

pytest.importorskip("notifications_python_client")
from tests.reminders.notify import KEY, SECRET, SERVICE, TEMPLATE, StandIn

DAY = datetime.timedelta(days=1)


@pytest.fixture
def notify(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setenv("NO_PROXY", "*")
    with StandIn() as server:
        settings.EMAIL_BACKEND = "tracker.reminders.notify.EmailBackend"
        settings.NOTIFY_API_KEY, settings.NOTIFY_TEMPLATE_ID, settings.NOTIFY_URL = KEY, TEMPLATE, server.url
        yield server


def follow(at: datetime.datetime) -> dict[str, int]:
    return follow_up(clock=lambda: at)


# -- sending -----------------------------------------------------------------------------------------------------------
def test_digest_is_sent_to_notify_with_its_key_as_reference(cast: Cast, notify: StandIn) -> None:
    plan(4, cast.officer, -3)
    queued()
    assert send() == {"sent": 1}
    [letter] = notify.letters
    row = the_letter()
    assert letter["email_address"] == "officer@example.test"
    assert letter["reference"] == row.key == f"digest:{cast.officer.pk}:{TODAY}"
    assert letter["personalisation"] == {"subject": row.subject, "body": row.body_text}
    assert (row.state, row.remote_id, row.look_at) == ("sent", letter["id"], NOON + MINUTE)
    assert notify.asked == []


@pytest.mark.parametrize(
    ("answer", "state"), [(400, "failed"), (403, "waiting"), (429, "waiting"), (500, "waiting"), (503, "waiting")]
)
def test_notify_refusal_is_classified_by_its_code(cast: Cast, notify: StandIn, answer: int, state: str) -> None:
    waiting_row(cast.officer, "one", kind="invitation").save()
    notify.answers = [answer]
    assert send() == {state: 1}
    row = Delivery.objects.get()
    assert (row.state, row.last_code, row.attempts) == (state, answer, 1)
    assert row.last_error.startswith(f"GOV.UK Notify {answer}: ")
    assert send(NOON + MINUTE) == ({"sent": 1} if state == "waiting" else {})


@pytest.mark.parametrize("answer", [403, 429, 500, 503])
def test_refusal_of_all_emails_is_retried_with_one_and_shown(cast: Cast, notify: StandIn, answer: int) -> None:
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"n{n}") for n in range(5)])
    notify.answers = [answer] * 5
    assert send() == {"waiting": 1}
    assert len(notify.answers) == 4
    assert f"GOV.UK Notify {answer}" in Heartbeat.objects.get(name="mail").error


def test_email_that_notify_rejects_does_not_stop_others(cast: Cast, notify: StandIn) -> None:
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"n{n}") for n in range(3)])
    notify.answers = [400]
    assert send() == {"failed": 1, "sent": 2}


@pytest.mark.parametrize(
    "key", [f"tracker-{SERVICE}-{SERVICE}", f"tracker-{SECRET}-{SECRET}"], ids=["wrong secret", "wrong service"]
)
def test_unknown_notify_key_is_reported_as_our_fault(cast: Cast, notify: StandIn, settings: Settings, key: str) -> None:
    settings.NOTIFY_API_KEY = key
    waiting_row(cast.officer, "one").save()
    assert send() == {"waiting": 1}
    assert "API key not found" in Heartbeat.objects.get(name="mail").error
    settings.NOTIFY_API_KEY = KEY
    assert send(NOON + MINUTE) == {"sent": 1}


def test_emails_wait_while_notify_is_unavailable(cast: Cast, notify: StandIn, settings: Settings) -> None:
    settings.NOTIFY_URL = f"http://127.0.0.1:{spare_port()}"
    waiting_row(cast.officer, "one").save()
    assert send() == {"waiting": 1}
    assert Delivery.objects.get().last_code == 503
    settings.NOTIFY_URL = notify.url
    assert send(NOON + MINUTE) == {"sent": 1}
    assert len(notify.letters) == 1


# -- after a crash -----------------------------------------------------------------------------------------------------
def test_email_accepted_without_an_answer_is_not_sent_again(cast: Cast, notify: StandIn) -> None:
    waiting_row(cast.officer, "one", kind="invitation").save()
    notify.forgetful = 1
    assert send() == {"waiting": 1}
    assert len(notify.letters) == 1
    assert send(NOON + MINUTE) == {"sent": 1}
    assert len(notify.letters) == 1
    assert notify.asked == ["/v2/notifications?template_type=email&reference=one"]
    assert Delivery.objects.get().remote_id == notify.letters[0]["id"]


def test_sender_killed_before_sending_loses_no_email(cast: Cast, notify: StandIn) -> None:
    waiting_row(cast.officer, "one", state=State.SENDING, claimed_until=NOON, attempts=1).save()
    assert send() == {"sent": 1}
    assert [letter["reference"] for letter in notify.letters] == ["one"]
    assert len(notify.asked) == 1


# -- what became of it -------------------------------------------------------------------------------------------------
@pytest.fixture
def handed_over(cast: Cast, notify: StandIn) -> StandIn:
    waiting_row(cast.officer, "one", kind="invitation").save()
    assert send() == {"sent": 1}
    return notify


def test_status_is_polled_less_often_until_it_is_final(handed_over: StandIn) -> None:
    handed_over.now_says("sending")
    times, at = [], NOON
    for _asked in range(5):
        at = Delivery.objects.get().look_at or at
        times.append(round((at - NOON) / MINUTE))
        assert follow(at - MINUTE / 2) == {}
        assert follow(at) == {"sending": 1}
    assert times == [1, 2, 4, 8, 16]
    handed_over.now_says("delivered")
    at = Delivery.objects.get().look_at or at
    assert follow(at) == {"delivered": 1}
    row = Delivery.objects.get()
    assert (row.state, row.remote_status, row.look_at, row.ended_at) == ("sent", "delivered", None, NOON)
    assert follow(at + DAY) == {}


def test_polling_for_the_status_ends(handed_over: StandIn) -> None:
    handed_over.now_says("sending")
    assert follow(NOON + 3 * DAY) == {"sending": 1}
    assert Delivery.objects.get().look_at is None


def test_permanent_failure_is_a_permanent_refusal(handed_over: StandIn) -> None:
    handed_over.now_says("permanent-failure")
    at = NOON + 2 * MINUTE
    assert follow(at) == {"permanent-failure": 1}
    row = Delivery.objects.get()
    assert (row.state, row.last_error, row.ended_at) == ("failed", "GOV.UK Notify: permanent-failure", at)
    assert send(at + DAY) == {}


@pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
def test_temporary_failure_is_sent_again_under_a_new_reference(handed_over: StandIn, status: str) -> None:
    handed_over.now_says(status)
    at = NOON + 2 * MINUTE
    assert follow(at) == {status: 1}
    row = Delivery.objects.get()
    assert (row.state, row.next_try_at, row.remote_id) == ("waiting", at + MINUTE, "")
    assert send(at + MINUTE) == {"sent": 1}
    assert [letter["reference"] for letter in handed_over.letters] == ["one", "one#2"]


def test_repeated_temporary_failure_is_set_aside(handed_over: StandIn) -> None:
    at = NOON
    for _round in range(6):
        handed_over.now_says("temporary-failure")
        follow(at + MINUTE)
        at = max(Delivery.objects.get().next_try_at, at) + MINUTE
        send(at)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("set_aside", 6, "GOV.UK Notify: temporary-failure")
    assert len({letter["reference"] for letter in handed_over.letters}) == len(handed_over.letters) == 6


def test_failed_sign_in_email_is_set_aside_because_its_text_is_deleted(cast: Cast, notify: StandIn) -> None:
    waiting_row(cast.officer, "account:1").save()
    send()
    notify.now_says("temporary-failure")
    follow(NOON + MINUTE)
    assert Delivery.objects.get().state == "set_aside"


def test_email_resent_by_an_administrator_is_not_confused_with_the_failed_one(cast: Cast, handed_over: StandIn) -> None:
    handed_over.now_says("permanent-failure")
    follow(NOON + MINUTE)
    resend(Delivery.objects.get(), by=Actor(cast.top_admin), at=NOON + 2 * MINUTE)
    handed_over.answers = [500]
    assert send(NOON + 2 * MINUTE) == {"waiting": 1}
    assert send(NOON + 3 * MINUTE) == {"sent": 1}
    assert [letter["reference"] for letter in handed_over.letters] == ["one", "one#2"]


def test_status_that_notify_no_longer_has_changes_nothing(handed_over: StandIn) -> None:
    handed_over.letters.clear()
    assert follow(NOON + MINUTE) == {"unknown": 1}
    row = Delivery.objects.get()
    assert (row.state, row.remote_status, row.look_at) == ("sent", "unknown", None)


def test_status_still_pending_changes_nothing(handed_over: StandIn, settings: Settings) -> None:
    settings.NOTIFY_URL = f"http://127.0.0.1:{spare_port()}"
    assert follow(NOON + MINUTE) == {}
    row = Delivery.objects.get()
    assert (row.state, row.look_at) == ("sent", NOON + MINUTE)
    assert "GOV.UK Notify 503" in Heartbeat.objects.get(name="mail").error


def test_status_of_emails_sent_by_smtp_is_never_polled(cast: Cast, notify: StandIn) -> None:
    waiting_row(cast.officer, "smtp", state="sent", ended_at=NOON).save()
    assert follow(NOON + DAY) == {}
    assert notify.asked == []
