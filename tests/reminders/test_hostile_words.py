"""Whatever people type, the mail is a valid one: one header is one header, and only our own tags and links."""

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.asking import REGION, ask_of
from tests.reminders.everything import action, due, figure
from tests.reminders.sending import ScriptedSink, begin_anew, plan, queued, send
from tests.sampling import examples
from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import Access
from tracker.history.models import FreeText
from tracker.measures.models import Measure
from tracker.recommendations.models import Recommendation
from tracker.reminders import emails
from tracker.web.forms import OVERRIDES

# What the database lets in: anything but NUL (which PostgreSQL refuses) and halves of characters.
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)
HOSTILE = [
    "\r\nBcc: all@example.test\r\n\r\nBody",
    "\u202egnp.exe\u2066\u2067 \u0085\u2028\u2029 \x0b\x0c\x1b[31m",
    "</td></tr></table><img src=x onerror=alert(1)><a href='https://elsewhere.test'>here</a><!--",
    "=?utf-8?q?Urgent?= {{ person.email }} {% now %} %(n)s %s",
    "https://elsewhere.test/login javascript:alert(1)",
    "\u0301" * 200,
    "👩‍👩‍👧‍👦" * 40,
    "word " * 250_000,
    "x" * 1_000_000,
]


def mail(letter: emails.Letter) -> EmailMessage:
    """As it leaves, and as a strict reader takes it."""
    made = EmailMultiAlternatives(letter.subject, letter.text, "tracker@example.test", ["officer@example.test"])
    made.attach_alternative(letter.html, "text/html")
    parsed = email.message_from_bytes(made.message().as_bytes(), policy=email.policy.strict)
    assert isinstance(parsed, EmailMessage)
    return parsed


def sound(letter: emails.Letter) -> EmailMessage:
    parsed = mail(letter)
    names = [name.lower() for name in parsed]
    assert len(names) == len(set(names))
    assert set(names) <= {"content-type", "mime-version", "subject", "from", "to", "date", "message-id"}
    assert parsed["To"] == "officer@example.test"
    assert " ".join(str(parsed["Subject"]).split()) == letter.subject
    assert len(letter.subject) <= 70
    assert all(len(line) < 998 for line in parsed.as_bytes().splitlines())
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert text is not None
    assert html is not None
    for words in (letter.subject, letter.text, letter.html):
        assert not set(OVERRIDES) & set(words)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", words)
    assert len(letter.text) < 20_000
    page = read(HttpResponse(letter.html))
    assert all(link.attrs["href"].startswith(f"{settings.SITE_URL}/") for link in page.all("a"))
    tags = {node.tag for node in page.all()}
    assert tags <= {"html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td"} | {
        *("h1", "h2", "h3", "p", "a", "strong", "span", "br")
    }
    return parsed


def typed(cast: Cast, text: str) -> None:
    """Into everything that a letter may say."""
    FreeText.objects.update(text=text or "Words")
    Recommendation.objects.filter(pk=recommendation(4).pk).update(text=text)
    Measure.objects.update(name=text[:300] or "x")
    name = (text[:100], text[:120])
    User.objects.filter(pk=cast.officer.pk).update(name=name[0])
    Organisation.objects.filter(pk=recommendation(4).addressee_id).update(name=name[1])


def world(cast: Cast) -> None:
    due(4, -30, cast.officer)
    action(cast, -20, cast.officer)
    ask_of(4, REGION, cast.head)
    figure(cast)


@quickly(max_examples=examples(12, 40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY)
def test_any_text_makes_a_valid_email(cast: Cast, text: str) -> None:
    if not Measure.objects.exists():
        world(cast)
    typed(cast, text)
    for person in User.objects.filter(pk__in=[cast.officer.pk, cast.head.pk]):
        letter = emails.digest(Access(person, TODAY, NOON))
        assert letter is not None
        sound(letter)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_makes_a_valid_email_to_everybody(cast: Cast, text: str) -> None:
    world(cast)
    typed(cast, text)
    for name in ("officer", "head", "operations", "director", "supplier"):
        letter = emails.digest(Access(User.objects.get(pk=getattr(cast, name).pk), TODAY, NOON))
        assert letter is not None
        sound(letter)
    cast.officer.name = text[:100]
    assert "\n" not in emails.invitation(cast.officer).text.split("Hello ")[1].split(",\n")[0]


@pytest.mark.parametrize("text", ["A\0B", "\0"])
def test_nul_in_the_database_is_not_sent(cast: Cast, text: str) -> None:
    """SQLite keeps it; PostgreSQL refuses it, so nothing is saved here."""
    cast.officer.name = text
    access = Access(cast.officer, TODAY, NOON)
    plan(4, cast.officer, -1)
    letter = emails.digest(access)
    assert letter is not None
    sound(letter)


@example(text=HOSTILE[0])
@quickly(max_examples=examples(2, 5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY)
def test_hostile_text_does_not_stop_other_emails(cast: Cast, sink: ScriptedSink, text: str) -> None:
    begin_anew()
    sink.letters.clear()
    plan(5, cast.colleague, -1)
    due(4, -30, cast.officer)
    typed(cast, text)
    queued()
    sent = send()
    names = ("officer", "colleague", "head", "director", "national")
    assert sink.to() == sorted(f"{name}@example.test" for name in names)
    assert sent == {"sent": 5}
