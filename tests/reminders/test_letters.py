"""The command that sends the digests of a day, the letters of accounts, and the invitations."""

import datetime
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from tests.base import LOADED, NOON, TODAY, Cast, recommendation
from tests.reminders.sending import MINUTE, ScriptedSink, plan, queued, send, the_letter
from tracker.accounts.models import Membership, User
from tracker.history.operations import Actor
from tracker.people.operations import add_person
from tracker.reminders.emails import Letter
from tracker.reminders.models import Delivery
from tracker.reminders.operations.queueing import queue_account_letter, queue_invitations


# -- the command -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("at_noon")
def test_the_command_sends_the_digests_of_a_named_day_once(
    cast: Cast, sink: ScriptedSink, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(4, cast.officer, -3)
    call_command("send_digests", "--on", "2026-11-24")
    said = capsys.readouterr().out
    assert re.search(r"^\d+ digests queued for 2026-11-24; 0 were queued before.$", said, re.MULTILINE)
    assert "\n1 sent\n" in said
    call_command("send_digests", "--on", "2026-11-24")
    said = capsys.readouterr().out
    assert re.fullmatch(r"0 digests queued for 2026-11-24; \d+ were queued before.\n", said)
    assert sink.to() == ["officer@example.test"]
    [letter] = sink.letters
    assert "24 November 2026" in str(letter.get_body(("plain",)))


@pytest.mark.usefixtures("at_noon")
def test_the_command_says_why_it_sends_nothing_on_a_sunday(
    cast: Cast, sink: ScriptedSink, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(4, cast.officer, -3)
    call_command("send_digests", "--on", "2026-11-29")
    assert capsys.readouterr().out.startswith("2026-11-29 is not a working day: no digests.\n0 digests queued")
    assert sink.letters == []


@pytest.mark.usefixtures("at_noon")
def test_the_command_without_a_day_means_today(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    call_command("send_digests", verbosity=0)
    assert the_letter().day == TODAY


def test_command_refuses_an_invalid_day(db: None) -> None:
    with pytest.raises(CommandError, match="--on"):
        call_command("send_digests", "--on", "tomorrow")


# -- letters of accounts ---------------------------------------------------------------------------------------------
def ask_for_a_password(client: Client, address: str) -> None:
    answer = client.post("/accounts/password/reset/", {"email": address})
    assert answer.status_code == 302


def link_in(text: str) -> str:
    return next(urlsplit(word).path for word in text.split() if "/password/reset/key/" in word)


@pytest.mark.usefixtures("at_noon")
def test_sign_in_email_is_sent_and_its_text_deleted(cast: Cast, client: Client, sink: ScriptedSink) -> None:
    ask_for_a_password(client, "Officer@Example.test")
    delivery = the_letter()
    assert (delivery.kind, delivery.person, delivery.state) == ("account", cast.officer, "waiting")
    link = link_in(delivery.body_text)
    assert sink.letters == []
    assert send(NOON + MINUTE) == {"sent": 1}
    [letter] = sink.letters
    assert link in str(letter.get_body(("plain",)))
    assert client.get(link, follow=True).status_code == 200
    delivery.refresh_from_db()
    assert (delivery.body_text, delivery.body_html) == ("", "")
    assert link not in str(Delivery.objects.values())


@pytest.mark.usefixtures("at_noon")
def test_sign_in_email_is_kept_while_waiting_and_deleted_when_refused(
    cast: Cast, client: Client, sink: ScriptedSink
) -> None:
    ask_for_a_password(client, "officer@example.test")
    link = link_in(the_letter().body_text)
    sink.at_data["officer@example.test"] = ["451 Later", "550 No"]
    at = NOON + MINUTE
    assert send(at) == {"waiting": 1}
    assert link in the_letter().body_text
    assert send(at + MINUTE) == {"failed": 1}
    assert (the_letter().body_text, the_letter().body_html) == ("", "")
    assert link not in the_letter().last_error


@pytest.mark.usefixtures("at_noon")
def test_sign_in_email_to_a_closed_account_is_deleted_unsent(cast: Cast, client: Client, sink: ScriptedSink) -> None:
    ask_for_a_password(client, "officer@example.test")
    link = link_in(the_letter().body_text)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert send(NOON + MINUTE) == {}
    assert sink.letters == []
    assert (the_letter().state, the_letter().reason) == ("nothing", "no_access")
    assert link not in str(Delivery.objects.values())


@pytest.mark.usefixtures("at_noon")
def test_a_digest_keeps_its_words_after_sending(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    send()
    assert "Recommendation 4" in the_letter().body_text


@pytest.mark.usefixtures("at_noon")
def test_password_reset_does_not_reveal_whether_an_account_exists(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    for address in ("who@example.test", "colleague@example.test"):
        ask_for_a_password(client, address)
    assert not Delivery.objects.exists()


def test_two_sign_in_emails_are_both_sent(cast: Cast, sink: ScriptedSink) -> None:
    words = Letter("Subject", "Text\n", "")
    first = queue_account_letter(cast.officer, words, on=TODAY, at=NOON)
    second = queue_account_letter(cast.officer, words, on=TODAY, at=NOON)
    assert first.message_id != second.message_id
    assert send() == {"sent": 2}
    assert len({str(letter["Message-ID"]) for letter in sink.letters}) == 2


# -- invitations -----------------------------------------------------------------------------------------------------
@pytest.fixture
def newcomer(cast: Cast) -> User:
    # Of the cast nobody has signed in yet either.
    User.objects.update(last_login=LOADED)
    kent = recommendation(4).addressee
    return add_person(
        "new@example.test", name="Newcomer", role="contributor", organisation=kent, by=Actor(cast.admin), at=NOON
    )


def test_new_account_is_invited_once(newcomer: User, sink: ScriptedSink) -> None:
    for day in range(3):
        queue_invitations(on=TODAY + datetime.timedelta(days=day), at=NOON)
    assert the_letter("new").key == f"invitation:{newcomer.pk}"
    assert send() == {"sent": 1}
    queue_invitations(on=TODAY, at=NOON)
    assert send(NOON + MINUTE) == {}
    [letter] = sink.letters
    assert letter["To"] == "new@example.test"
    assert "/accounts/password/reset/" in str(letter.get_body(("plain",)))


def test_people_signed_in_made_up_without_role_or_gone_are_not_invited(newcomer: User) -> None:
    def invited_if(**values: Any) -> bool:
        with transaction.atomic():
            User.objects.filter(pk=newcomer.pk).update(**values)
            queue_invitations(on=TODAY, at=NOON)
            found = Delivery.objects.filter(kind="invitation").exists()
            transaction.set_rollback(True)
        return found

    assert invited_if(name="The same")
    assert not invited_if(last_login=NOON)
    assert not invited_if(is_demo=True)
    assert not invited_if(is_active=False)
    Membership.objects.filter(user=newcomer).delete()
    assert not invited_if(name="The same")


def test_an_invitation_to_an_account_closed_since_is_not_sent(newcomer: User, sink: ScriptedSink) -> None:
    queue_invitations(on=TODAY, at=NOON)
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    assert send() == {}
    assert the_letter("new").reason == "no_access"
    assert sink.letters == []
