"""What letters say: the digest by its sections, the invitation, and the letter that sets a password."""

import datetime
import re
from html import unescape

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from tests.base import TODAY, Cast, previous, recommendation
from tests.factories import Node, in_status, read
from tests.sampling import examples
from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation
from tracker.recommendations.task.line import short
from tracker.reminders.emails import Letter, digest, invitation
from tracker.reminders.emails.sections import entries_for
from tracker.reminders.models import Delivery
from tracker.web.forms import clean_text

HOSTILE = "<script>alert(\"1\")</script> & <a href='https://elsewhere.test'>"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)
NAMES = TEXTS.map(lambda text: clean_text(text, lines=False)[:100]).filter(bool)

pytestmark = pytest.mark.usefixtures("few_people")


def plan(number: int, *, late: int, owner: User | None, first: int | None = None) -> Recommendation:
    """Overdue by that many days (negative: due in as many); `first` is how late it would be by its original date."""
    due_on = TODAY - datetime.timedelta(days=late)
    original = due_on if first is None else TODAY - datetime.timedelta(days=first)
    item = recommendation(number)
    Recommendation.objects.filter(pk=item.pk).update(owner=owner, due_on=due_on, original_due_on=original)
    return recommendation(number)


def sections(person: User) -> dict[str, list[str]]:
    """By section, the numbers of the recommendations in it."""
    found: dict[str, list[str]] = {}
    for entry in entries_for(Access(person, TODAY)):
        found.setdefault(entry.section, []).append(entry.line.waiting.recommendation.number)
    return found


def letter_to(person: User) -> Letter:
    found = digest(Access(person, TODAY))
    assert found is not None
    return found


def tree(letter: Letter) -> Node:
    return read(HttpResponse(letter.html))


def shape(node: Node) -> list[tuple[str, dict[str, str]]]:
    return [(found.tag, found.attrs) for found in node.all()]


def links(letter: Letter) -> list[str]:
    in_html = [link.attrs["href"] for link in tree(letter).all("a")]
    return in_html + re.findall(r"\w+://\S+", letter.text)


def test_owner_gets_overdue_and_due_items_longest_overdue_first(cast: Cast) -> None:
    plan(1, late=1, owner=cast.officer)
    item = plan(2, late=12, owner=cast.officer, first=40)
    plan(3, late=0, owner=cast.officer)
    plan(4, late=-7, owner=cast.officer, first=3)
    plan(5, late=-8, owner=cast.officer)
    assert sections(cast.officer) == {"overdue": ["2", "1"], "due": ["3", "4"]}
    letter = letter_to(cast.officer)
    assert letter.subject == "West Kent PDU: 2 overdue, 2 due this week"
    assert letter.text.startswith("Your tasks on 23 November 2026\n\nHello Officer,\n\nOverdue (2)\n\n")
    for said in (
        f"\nRecommendation 2, West Kent PDU, May 2022\n{item.text[:60]}",
        "\n12 days late (due 11 November 2026, originally 14 October 2026).\n",
        "\n1 day late (due 22 November 2026).\n",
        "\n\nDue in the next 7 days (2)\n\n",
        "\nDue today.\n",
        "\nDue 30 November 2026, originally 20 November 2026.\n",
        f"\n{settings.SITE_URL}/recommendations/{item.pk}/\n",
        "You get this email because you own, lead, review or supply figures for these.",
    ):
        assert said in letter.text
    assert "Owner:" not in letter.text
    assert "\n\n\n" not in letter.text


def test_provisional_date_shows_no_earlier_date(cast: Cast) -> None:
    item = plan(1, late=1, owner=cast.officer)
    Recommendation.objects.filter(pk=item.pk).update(original_due_on=None)
    assert "\n1 day late (due 22 November 2026).\n" in letter_to(cast.officer).text


def test_due_month_is_shown_as_a_month(cast: Cast) -> None:
    item = plan(1, late=-7, owner=cast.officer)
    Recommendation.objects.filter(pk=item.pk).update(due_is_month=True)
    assert "\nDue November 2026.\n" in letter_to(cast.officer).text


def test_text_and_html_parts_have_the_same_content(cast: Cast) -> None:
    plan(1, late=30, owner=cast.officer, first=31)
    plan(2, late=-2, owner=cast.head)
    for person in (cast.officer, cast.head, cast.director):
        letter = letter_to(person)
        shown = tree(letter).one("body").text
        for line in letter.text.splitlines():
            words = " ".join(line.split())
            if words not in ("", "--") and settings.SITE_URL not in words:
                assert words in shown


def test_html_is_a_page_of_its_own_that_fits_a_phone(cast: Cast) -> None:
    plan(1, late=3, owner=cast.officer)
    letter = letter_to(cast.officer)
    page = tree(letter)
    assert letter.html.lstrip().startswith("<!DOCTYPE html>")
    assert page.one("html").attrs["lang"] == settings.LANGUAGE_CODE
    assert page.one("title").text == letter.subject
    assert page.one("meta", name="viewport").attrs["content"].startswith("width=device-width")
    assert all(table.attrs["role"] == "presentation" and table.attrs["width"] == "100%" for table in page.all("table"))
    assert not page.all("img") + page.all("script") + page.all("link") + page.all("div")
    # Dark mode: said in the head, for programs that ask it of there, and by a style for those that do.
    assert page.one("meta", name="color-scheme").attrs["content"] == "light dark"
    assert "prefers-color-scheme: dark" in page.one("style").text
    headings = [node.tag for node in page.all() if node.tag in ("h1", "h2", "h3")]
    assert headings == ["h1", "h2"]


def test_no_email_when_there_is_nothing_to_say(cast: Cast) -> None:
    for person in (cast.officer, cast.head, cast.director, cast.reader, cast.nobody):
        assert digest(Access(person, TODAY)) is None
    plan(1, late=-8, owner=cast.officer)
    plan(2, late=13, owner=cast.colleague)
    assert digest(Access(cast.officer, TODAY)) is None
    assert digest(Access(cast.head, TODAY)) is None


@pytest.mark.parametrize("status", ["submitted", "signed_off", "not_agreed", "no_longer_applies", "superseded"])
def test_only_what_is_open_is_chased(cast: Cast, status: str) -> None:
    item = plan(1, late=40, owner=cast.officer)
    in_status(Recommendation.objects.get(pk=item.pk), status, cast.head)
    for person in (cast.officer, cast.head, cast.director):
        assert sections(person) == ({"decide": ["1"]} if (person, status) == (cast.director, "submitted") else {})


@pytest.mark.parametrize(("late", "hears"), [(13, False), (14, True), (27, True), (28, True)])
def test_lead_is_emailed_after_14_days(cast: Cast, late: int, hears: bool) -> None:
    plan(1, late=late, owner=cast.officer)
    assert sections(cast.head) == ({"overdue": ["1"]} if hears else {})
    if hears:
        assert f"\n{late} days late (due" in letter_to(cast.head).text
        assert ". Owner: Officer.\n" in letter_to(cast.head).text


def test_lead_is_emailed_at_once_when_nobody_else_would_be(cast: Cast) -> None:
    plan(1, late=1, owner=None)
    plan(2, late=1, owner=cast.colleague)
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    assert sections(cast.head) == {"overdue": ["1", "2"]}
    assert "). No owner.\n" in letter_to(cast.head).text
    assert "). No owner (was Colleague).\n" in letter_to(cast.head).text


@pytest.mark.parametrize(("late", "hears"), [(27, False), (28, True), (400, True)])
def test_reviewer_is_emailed_after_28_days(cast: Cast, late: int, hears: bool) -> None:
    plan(1, late=late, owner=cast.officer)
    for person in (cast.director, cast.national):
        assert sections(person) == ({"escalated": ["1"]} if hears else {})
    if hears:
        letter = letter_to(cast.director)
        assert letter.subject.startswith("West Kent PDU: 1 overdue by 28 days or more")
        assert "\nOverdue by 28 days or more in your organisations (1)\n" in letter.text
        assert ". Owner: Officer.\n" in letter.text


@pytest.mark.everybody
def test_reviewer_gets_all_below_longest_overdue_first_with_the_addressee(cast: Cast) -> None:
    east = Organisation.objects.get(name="East Kent PDU")
    Recommendation.objects.filter(pk=plan(1, late=29, owner=cast.neighbour).pk).update(addressee=east)
    plan(2, late=28, owner=cast.officer)
    plan(3, late=90, owner=None)
    # To the region itself, which its own reviewer reviews too.
    plan(6, late=50, owner=cast.operations)
    assert sections(cast.director)["escalated"] == ["3", "6", "1", "2"]
    assert sorted(sections(cast.national)["escalated"]) == ["1", "2", "3", "6"]
    letter = letter_to(cast.director)
    assert "29 days late (due 25 October 2026). Addressed to East Kent PDU. Owner: Neighbour." in letter.text
    assert letter.subject == "West Kent PDU and 2 others: 4 overdue by 28 days or more"


def test_a_recommendation_without_a_number_is_named_by_its_place(cast: Cast) -> None:
    item = previous(2)
    late = TODAY - datetime.timedelta(days=3)
    Recommendation.objects.filter(pk=item.pk).update(owner=cast.officer, due_on=late, original_due_on=late)
    assert "Previous recommendation 2, West Kent PDU, May 2022\n" in letter_to(cast.officer).text


def test_links_lead_to_our_own_site_only(cast: Cast) -> None:
    plan(1, late=30, owner=cast.officer)
    for letter in (letter_to(cast.officer), letter_to(cast.director), invitation(cast.officer)):
        found = links(letter)
        assert found
        assert all(link.startswith(f"{settings.SITE_URL}/") for link in found)


@pytest.fixture(scope="module")
def plain_shape() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Of the letters below, as they are without anything odd in them."""
    return {}


@quickly(max_examples=examples(15, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS.filter(short), name=NAMES, place=NAMES)
@example(text=HOSTILE, name=HOSTILE[:100], place=HOSTILE[:100])
@example(text="{{ person.email }} {% now %} %(name)s \r\nBcc: all@example.test", name="O'Brien & Co", place="A < B")
def test_what_people_wrote_stays_text(
    cast: Cast, plain_shape: dict[str, list[tuple[str, dict[str, str]]]], text: str, name: str, place: str
) -> None:
    item = plan(1, late=30, owner=cast.officer)
    if not plain_shape:
        plain_shape.update({"lead": shape(tree(letter_to(cast.head))), "invited": shape(tree(invitation(cast.head)))})
    Recommendation.objects.filter(pk=item.pk).update(text=text)
    Organisation.objects.filter(pk=item.addressee_id).update(name=place)
    User.objects.filter(pk=cast.officer.pk).update(name=name)
    letter = letter_to(cast.head)
    # Names of that length are cut, and what would change how they read is taken out; nothing else.
    where, who = short(place), short(name, 100)
    assert letter.subject.endswith(": 1 overdue")
    assert where.startswith(letter.subject.removesuffix(": 1 overdue").rstrip("… "))
    assert len(letter.subject) <= 70
    assert shape(tree(letter)) == plain_shape["lead"]
    assert f"Owner: {who}." in " ".join(tree(letter).text.split())
    assert f" Owner: {who}.\n" in letter.text
    assert f"\nRecommendation 1, {where}, May 2022\n" in letter.text
    cast.officer.name = name
    invited = invitation(cast.officer)
    assert "\n" not in invited.subject
    assert shape(tree(invited)) == plain_shape["invited"]
    assert invited.text.startswith(f"Hello {who},\n")


def test_an_invitation_says_how_to_sign_in(cast: Cast) -> None:
    letter = invitation(cast.officer)
    assert letter.subject == "You can now sign in to the inspection action tracker"
    assert letter.text.startswith("Hello Officer,\n")
    assert f"{settings.SITE_URL}/accounts/password/reset/" in letter.text
    assert "officer@example.test" in letter.text
    assert "12 characters or more" in letter.text
    assert "officer@example.test" in tree(letter).text


@pytest.fixture
def reset_letter(cast: Cast, client: Client, at_noon: datetime.datetime) -> Delivery:
    """Asked for by somebody whose name needs care in HTML, from an address of the site that is not the first."""
    User.objects.filter(pk=cast.officer.pk).update(name="Anne O'Brien & <Co>")
    answer = client.post("/accounts/password/reset/", {"email": cast.officer.email}, headers={"Host": "localhost:81"})
    assert answer.status_code == 302
    return Delivery.objects.get(person=cast.officer, kind=Delivery.Kind.ACCOUNT)


def test_password_email_is_plain_text(reset_letter: Delivery) -> None:
    text = reset_letter.body_text
    assert text.startswith("Hello Anne O'Brien & <Co>,\n")
    assert unescape(text) == text
    assert "officer@example.test" in text
    assert "If it was not you, ignore this email" in text
    assert reset_letter.subject.endswith("Set your password for the inspection action tracker")


def test_password_link_opens_the_page_to_choose_one(reset_letter: Delivery, client: Client) -> None:
    (link,) = re.findall(r"http://[^/\s]+(/\S+)", reset_letter.body_text)
    answer = client.get(link, follow=True)
    assert "Set a new password" in read(answer).one("h1").text


def test_password_email_ignores_the_host_of_the_request(reset_letter: Delivery) -> None:
    assert f"\n{settings.SITE_URL}/accounts/password/reset/key/" in reset_letter.body_text
    assert reset_letter.subject == "Set your password for the inspection action tracker"
    assert "localhost" not in reset_letter.body_text + reset_letter.subject
