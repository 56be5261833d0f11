"""The mail page shows, in the embedded mode only, what would have gone out, and sends today's digests."""

import datetime
import os
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from tests.base import NOON, TODAY, Cast, recommendation
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan
from tracker.reminders.mailfolder import EmailBackend
from tracker.reminders.models import Delivery
from tracker.reminders.operations.queueing import queue_digests
from tracker.reminders.operations.sending import send_due

pytestmark = pytest.mark.usefixtures("few_people", "db", "at_noon")
SEND = "/mail/send-todays-digests/"


@pytest.fixture
def folder(folder: Path) -> Path:
    """That of all these tests, there before its first letter."""
    folder.mkdir()
    return folder


@pytest.fixture
def embedded(settings: Settings, folder: Path) -> Path:
    """The folder of the letters, in a tracker that says it is embedded."""
    settings.EMBEDDED = True
    return folder


def arrive(subject: str = "Hello", text: str = "Words\n", html: str = "", to: str = "officer@example.test") -> None:
    message = EmailMultiAlternatives(subject, text, "tracker@example.test", [to])
    if html:
        message.attach_alternative(html, "text/html")
    EmailBackend().send_messages([message])


def overdue(cast: Cast, number: int = 4, owner: User | None = None) -> None:
    item = recommendation(number)
    plan = Plan(owner or cast.officer, TODAY.replace(day=20))
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, plan=plan)


# -- only there ------------------------------------------------------------------------------------------------------
def test_outside_the_embedded_mode_there_is_no_mail_page_for_anybody(cast: Cast, client: Client, folder: Path) -> None:
    arrive()
    [letter] = folder.iterdir()
    overdue(cast)
    for person in (None, cast.head, cast.top_admin):
        if person:
            client.force_login(person)
        assert client.get("/mail/").status_code == 404
        assert client.get(f"/mail/{letter.stem}/").status_code == 404
        assert client.post(SEND).status_code == 404
    assert not Delivery.objects.exists()
    assert "/mail/" not in client.get("/").text


def test_mail_page_is_open_in_embedded_mode(client: Client, embedded: Path) -> None:
    answer = client.get("/mail/")
    assert answer.status_code == 200
    assert "No emails yet." in answer.text
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("place", ["192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", ""])
def test_mail_page_is_open_only_on_the_machine_itself(cast: Cast, embedded: Path, place: str) -> None:
    arrive()
    [letter] = embedded.iterdir()
    overdue(cast)
    client = Client(REMOTE_ADDR=place)
    client.force_login(cast.top_admin)
    headers = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}
    for path in ("/mail/", f"/mail/{letter.stem}/"):
        assert client.get(path, headers=headers).status_code == 404
    assert client.post(SEND, headers=headers).status_code == 404
    assert not Delivery.objects.exists()
    assert Client(REMOTE_ADDR="::1").get("/mail/").status_code == 200


def test_the_part_is_what_htmx_gets(client: Client, embedded: Path) -> None:
    arrive()
    part = client.get("/mail/", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="letters">')
    assert "<html" not in part


# -- letters ---------------------------------------------------------------------------------------------------------
def test_emails_are_listed_newest_first_and_can_be_read(client: Client, embedded: Path) -> None:
    arrive("First")
    [first] = embedded.iterdir()
    os.utime(first, (1_000_000_000, 1_000_000_000))
    arrive("Second", "See http://127.0.0.1:8000/recommendations/7/\n", "<p>See</p>")
    page = client.get("/mail/").text
    assert 0 < page.index("Second") < page.index("First")
    second = next(path for path in embedded.iterdir() if path != first)
    letter = client.get(f"/mail/{second.stem}/").text
    assert 'href="http://127.0.0.1:8000/recommendations/7/"' in letter


def test_partly_written_email_is_not_shown(client: Client, embedded: Path) -> None:
    arrive("Whole")
    (embedded / "abc.part").write_bytes(b"Subject: Half\n\n")
    page = client.get("/mail/").text
    assert "Whole" in page
    assert "Half" not in page


def test_text_of_an_email_cannot_become_markup(client: Client, embedded: Path) -> None:
    arrive("<script>alert(1)</script>", "<img src=x onerror=alert(2)> javascript:alert(3)\n", "<script>4</script>")
    [letter] = embedded.iterdir()
    for page in (client.get("/mail/").text, client.get(f"/mail/{letter.stem}/").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
    assert "&lt;script&gt;alert(1)" in page


def test_only_the_newest_hundred_are_shown_and_the_page_says_so(client: Client, embedded: Path) -> None:
    for number in range(101):
        arrive(f"Letter {number}")
    page = client.get("/mail/").text
    assert page.count("Letter ") == 100
    assert "Only the newest 100 are shown." in page


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "..",
        "..%2fsecret",
        "..%2F..%2Fsecret",
        "%2e%2e%2fsecret",
        "..%5csecret",
        "%00",
        "secret%00",
        "secret.eml",
        "secret.part",
        "*",
        "?",
        "%3f",
        "~",
        "%20",
        "-rf",
        "é",
        "١٢",
        "a" * 300,
    ],
)
def test_no_file_name_reaches_outside_the_folder(client: Client, embedded: Path, name: str) -> None:
    (embedded.parent / "secret").write_text("Subject: Secret\n\nsecret words\n")
    (embedded.parent / "secret.eml").write_text("Subject: Secret\n\nsecret words\n")
    (embedded / "secret.part").write_text("Subject: Secret\n\nsecret words\n")
    answer = client.get(f"/mail/{name}/")
    # "/mail/?/" is the list with a query.
    assert answer.status_code == (200 if name == "?" else 404)
    assert "secret words" not in answer.text


def test_symbolic_link_out_of_the_folder_is_the_only_way_out(client: Client, embedded: Path) -> None:
    (embedded / "secret").mkdir()
    (embedded / "secret.eml").mkdir()
    assert client.get("/mail/secret/").status_code == 404


# -- the button ------------------------------------------------------------------------------------------------------
def test_the_button_queues_and_says_how_many_and_then_why_not(cast: Cast, client: Client, embedded: Path) -> None:
    overdue(cast)
    answer = client.post(SEND, follow=True)
    assert answer.redirect_chain == [("/mail/", 302)]
    assert "1 email summary is being sent." in answer.text
    assert "1 email is on its way." in answer.text
    # The worker sends; the page never does.
    assert list(embedded.iterdir()) == []
    send_due(clock=lambda: NOON + datetime.timedelta(minutes=1))
    again = client.post(SEND, follow=True).text
    assert "Nothing to send. 1 person already has their email for today and nobody else has anything new." in again
    assert "on its way" not in again
    assert len(list(embedded.iterdir())) == 1


def test_the_button_counts_people_in_the_plural_too(cast: Cast, client: Client, embedded: Path) -> None:
    overdue(cast)
    overdue(cast, number=5, owner=cast.colleague)
    client.post(SEND)
    again = client.post(SEND, follow=True).text
    assert "Nothing to send. 2 people already have their email for today and nobody else has anything new." in again


def test_the_button_says_when_nothing_is_due_at_all(client: Client, embedded: Path) -> None:
    said = client.post(SEND, follow=True).text
    assert "Nothing to send. Nobody has anything new that is overdue or due in the next 7 days." in said


def test_the_button_works_on_a_sunday(cast: Cast, client: Client, embedded: Path, settings: Settings) -> None:
    settings.TODAY = TODAY.replace(day=22)
    overdue(cast)
    queue_digests(on=settings.TODAY, at=NOON)
    assert not Delivery.objects.exists()
    assert "1 email summary is being sent." in client.post(SEND, follow=True).text


def test_a_link_cannot_press_the_button_nor_another_site(cast: Cast, embedded: Path) -> None:
    overdue(cast)
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(SEND).status_code == 405
    assert strict.post(SEND, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert not Delivery.objects.exists()


def test_the_part_pressed_by_htmx_is_sent_on_by_a_header(client: Client, embedded: Path) -> None:
    answer = client.post(SEND, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/mail/")
