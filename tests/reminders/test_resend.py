"""The page on letters: who sees it and how much of whom, and sending again."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.base import NOON, PASSWORD, TODAY, Cast
from tests.factories import read
from tests.reminders.sending import MINUTE, ScriptedSink, plan, queued, send, the_letter, waiting_row
from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.reminders.models import Delivery, Heartbeat
from tracker.reminders.operations.letters import resend

pytestmark = pytest.mark.usefixtures("at_noon")
HTMX = {"HX-Request": "true"}


def ended(person: User, state: str = "set_aside", **more: Any) -> Delivery:
    values: dict[str, Any] = {"kind": "digest", "state": state, "ended_at": NOON, "tried_at": NOON, "attempts": 6}
    values |= {"last_error": "451 4.7.1 Later", "last_code": 451} | more
    row = waiting_row(person, f"{state}:{person.pk}", **values)
    row.save()
    return row


def the_page(client: Client, who: User) -> str:
    client.force_login(who)
    return str(client.get("/letters/").text)


def again(letter: Delivery) -> str:
    return f"/letters/{letter.pk}/send-again/"


# -- who sees it -------------------------------------------------------------------------------------------------------
def test_only_national_administrators_and_the_operator_see_the_emails_page(cast: Cast, client: Client) -> None:
    operator = User.objects.create_superuser("operator@example.test", "Operator", PASSWORD)
    letter = ended(cast.officer)
    for person in vars(cast).values():
        client.force_login(person)
        allowed = person == cast.top_admin
        assert client.get("/letters/").status_code == (200 if allowed else 403)
        assert client.get(again(letter)).status_code == (200 if allowed else 403)
        assert ('href="/letters/"' in client.get("/").text) is allowed
    assert "Last run of the scheduler" in the_page(client, operator)
    assert 'href="/letters/"' in client.get("/").text


def test_subject_address_and_text_are_shown_for_administered_people_only(cast: Cast, client: Client) -> None:
    operator = User.objects.create_superuser("operator@example.test", "Operator", PASSWORD)
    ended(cast.officer, subject="West Kent PDU: 1 overdue")
    ended(operator, "failed", subject="Of somebody without a role", last_error="550 operator@example.test")
    page = the_page(client, cast.top_admin)
    assert "officer@example.test" in page
    assert "West Kent PDU: 1 overdue" in page
    assert "451 4.7.1 Later" in page
    assert "Someone you do not administer" in page
    assert "Of somebody without a role" not in page
    assert "operator@example.test" not in page
    # The operator administers nobody, and still sees that letters fail and with which answer.
    page = the_page(client, operator)
    assert "officer@example.test" not in page
    assert "West Kent PDU" not in read(client.get("/letters/")).one(id="letters").text
    assert "451" in page


def test_emails_page_shows_the_current_state(cast: Cast, client: Client) -> None:
    Heartbeat.objects.create(name="tick", at=NOON)
    Heartbeat.objects.create(name="mail", at=NOON, error="ConnectionRefusedError: <b>no</b>")
    plan(4, cast.officer, -3)
    queued()
    page = the_page(client, cast.top_admin)
    assert "23 November 2026, 12:00:00" in page
    assert "people checked" in page
    assert "ConnectionRefusedError: &lt;b&gt;no&lt;/b&gt;" in page
    assert "Checked until 31 December 2030" in page


def test_the_part_is_what_htmx_gets(cast: Cast, client: Client) -> None:
    client.force_login(cast.top_admin)
    part = client.get("/letters/", headers=HTMX).text
    assert part.lstrip().startswith('<div id="letters">')
    assert "<html" not in part


# -- sending again -----------------------------------------------------------------------------------------------------
def test_resending_sends_the_same_email_and_is_recorded(cast: Cast, client: Client, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    sink.at_rcpt["officer@example.test"] = ["550 5.1.1 Nobody here"]
    send()
    letter = the_letter()
    assert letter.state == "failed"
    client.force_login(cast.top_admin)
    answer = client.post(again(letter), {"request_key": str(uuid.uuid4())})
    assert (answer.status_code, answer["Location"]) == (302, "/letters/")
    event = Event.objects.get(verb="delivery.resent")
    assert (event.actor, event.subject_id) == (cast.top_admin, letter.pk)
    assert event.changes == {"state": ["failed", "waiting"]}
    assert "officer@" not in str(event.after)
    assert send(NOON + 5 * MINUTE)["sent"] == 1
    [arrived] = [one for one in sink.letters if one["To"] == "officer@example.test"]
    assert arrived["Message-ID"] == letter.message_id


def test_resent_email_goes_to_the_current_address(cast: Cast, sink: ScriptedSink) -> None:
    letter = ended(cast.officer, "failed")
    User.objects.filter(pk=cast.officer.pk).update(email="right@example.test")
    resend(Delivery.objects.get(pk=letter.pk), by=Actor(cast.top_admin), at=NOON)
    assert send() == {"sent": 1}
    assert sink.to() == ["right@example.test"]


def test_the_same_form_twice_sends_once(cast: Cast, client: Client) -> None:
    letter, key = ended(cast.officer), str(uuid.uuid4())
    client.force_login(cast.top_admin)
    for _twice in range(2):
        assert client.post(again(letter), {"request_key": key}).status_code == 302
    assert Event.objects.filter(verb="delivery.resent").count() == 1


@pytest.mark.parametrize(
    ("state", "more", "why"),
    [
        ("sent", {}, "It was sent."),
        ("nothing", {}, "It has not been refused or set aside."),
        ("waiting", {"ended_at": None}, "It has not been refused or set aside."),
        ("set_aside", {"kind": "account"}, "It contained a sign-in link"),
        ("failed", {"day": TODAY.replace(day=20)}, "It is out of date."),
    ],
)
def test_email_that_cannot_be_resent_says_why(cast: Cast, state: str, more: dict[str, Any], why: str) -> None:
    letter = ended(cast.officer, state, **more)
    with pytest.raises(ValidationError, match=why):
        resend(letter, by=Actor(cast.top_admin), at=NOON)
    letter.refresh_from_db()
    assert letter.state == state
    assert not Event.objects.filter(verb="delivery.resent").exists()


def test_nothing_is_resent_to_a_closed_account(cast: Cast, client: Client) -> None:
    letter = ended(cast.officer)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    client.force_login(cast.top_admin)
    answer = client.post(again(letter), {"request_key": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "The person can no longer sign in." in answer.text
    assert "The person can no longer sign in." in the_page(client, cast.top_admin)


def test_two_simultaneous_resends_send_once(cast: Cast) -> None:
    letter = ended(cast.officer)
    stale = Delivery.objects.get(pk=letter.pk)
    resend(letter, by=Actor(cast.top_admin), at=NOON)
    with pytest.raises(ValidationError, match="Someone else has just sent it again"):
        resend(stale, by=Actor(cast.top_admin), at=NOON)


def test_resent_email_leaves_the_list_of_failures(cast: Cast, client: Client) -> None:
    letter = ended(cast.officer)
    assert f'id="letter-{letter.pk}"' in the_page(client, cast.top_admin)
    resend(letter, by=Actor(cast.top_admin), at=NOON)
    assert f'id="letter-{letter.pk}"' not in the_page(client, cast.top_admin)
    assert "It has not been refused or set aside." in client.get(again(letter)).text
