"""Somebody is named to act for a person who is away."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.accounts.covering import DAY, away
from tests.base import KSS, NOON, TODAY, Cast
from tests.factories import Answer, place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, last_event, problems, sent
from tracker.accounts.models import Cover, Membership, User
from tracker.accounts.operations import name_cover
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.people.policies import can_name_cover
from tracker.people.queries import all_roles

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"cover": "colleague@example.test", "from_on": "24/11/2026", "until_on": "3/12/2026"}
# Who may name a cover for whom: officer (contributor), supplier, head (lead), operations (lead of the region), director
# (reviewer of the region), inspector (reader of the region), admin.
WHO = ("officer", "supplier", "head", "operations", "director", "inspector", "admin")
GRID = """
officer        y------
supplier       -y-----
colleague      -------
head           yyy----
neighbour      -------
operations     ---y---
director       ----y--
policy         -------
national       -------
reader         -------
inspector      -------
nobody         -------
admin          yyyyy-y
top_admin      yyyyy-y
stranger       -------
strange_admin  -------
"""


def url(person: User) -> str:
    return f"/absence/{person.pk}/cover/"


def post(client: Client, person: User, **typed: str) -> Answer:
    return client.post(url(person), sent(client.get(url(person)), url(person), **(TYPED | typed)))


@pytest.mark.verb
def test_one_names_a_cover_for_oneself(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    answer = post(signed_in("officer"), cast.officer)
    assert (answer.status_code, answer["Location"]) == (302, "/absence/")
    cover = Cover.objects.get()
    assert (cover.person, cover.cover, cover.named_by) == (cast.officer, cast.colleague, cast.officer)
    assert (cover.from_on, cover.until_on, cover.ended_on) == (TODAY + DAY, datetime.date(2026, 12, 3), None)
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("cover.named", cover.pk, cast.officer)
    assert event.in_place_of is None
    assert event.after["cover_id"] == cast.colleague.pk


@pytest.mark.parametrize("line", GRID.strip().splitlines())
def test_who_may_name_a_cover_for_whom(cast: Cast, line: str) -> None:
    name, said = line.split()
    access = Access(getattr(cast, name), TODAY)
    people = [getattr(cast, who) for who in WHO]
    assert "".join("y" if can_name_cover(access, one, all_roles(one, TODAY)) else "-" for one in people) == said


def test_lead_cannot_reassign_items_of_others(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.create(user=cast.officer, role="reviewer", organisation=place(KSS))
    client = signed_in("head")
    assert client.get(url(cast.officer)).status_code == client.post(url(cast.officer), TYPED).status_code == 403
    assert "You cannot arrange cover because" in client.get(f"/absence/{cast.officer.pk}/").text
    assert "Officer is a reviewer." in post(signed_in("admin"), cast.officer).content.decode()
    Membership.objects.create(user=cast.colleague, role="reviewer", organisation=place(KSS))
    assert post(signed_in("admin"), cast.officer).status_code == 302


def test_leads_cover_names_covers_on_their_behalf(signed_in: SignedIn, cast: Cast) -> None:
    away(cast.head, cast.colleague)
    before = last_event()
    assert post(signed_in("colleague"), cast.officer, cover="supplier@example.test").status_code == 302
    (event,) = events_since(before)
    assert (event.actor, event.in_place_of) == (cast.colleague, cast.head)
    # But what is personal stays so: the head's own cover is the head's to name.
    assert signed_in("colleague").get(url(cast.head)).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"cover": ""}, "Enter who will cover"),
        ({"cover": "who is that"}, "No one with an account matches “who is that”. Try part of the name."),
        ({"cover": "Colle"}, "Did you mean Colleague (colleague@example.test)?"),
        ({"cover": "reader@example.test"}, "No one with an account matches “reader@example.test”."),
        ({"cover": "officer@example.test"}, "A person cannot cover for themselves. Choose someone else."),
        ({"cover": "head@example.test"}, "You cannot choose yourself as the cover. Choose someone else."),
        ({"from_on": ""}, "Enter first day of the absence"),
        ({"from_on": "22/11/2026"}, "First day must be today or in the future."),
        ({"from_on": "4/12/2026"}, "Last day must be the same as or after the first day."),
        ({"until_on": "23/1/2027"}, "Cover can last up to 60 days. For a longer absence, reassign the work."),
        (
            {"from_on": "23/1/2027", "until_on": "24/1/2027"},
            "You can arrange cover up to 60 days before the first day.",
        ),
        ({"from_on": "x"}, "Enter a date such as 31/10/2026"),
    ],
)
def test_each_refusal_is_shown_beside_its_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], said: str
) -> None:
    before = last_event()
    answer = post(signed_in("head"), cast.officer, **typed)
    assert answer.status_code == 422
    assert problems(answer)[0].startswith(said)
    assert last_event() == before
    kept = read(answer).one("form", action=url(cast.officer)).sent()
    assert all(kept[name] == [value] for name, value in (TYPED | typed).items())


@pytest.mark.parametrize(
    ("typed", "status"), [({"until_on": "22/1/2027"}, 302), ({"from_on": "22/1/2027", "until_on": "22/1/2027"}, 302)]
)
def test_sixty_days_long_and_sixty_ahead_are_taken(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], status: int
) -> None:
    assert post(signed_in("head"), cast.officer, **typed).status_code == status


@pytest.mark.parametrize(
    ("from_on", "until_on", "is_taken"),
    [
        ("24/11/2026", "25/11/2026", True),
        ("24/11/2026", "26/11/2026", False),
        ("28/11/2026", "29/11/2026", False),
        ("30/11/2026", "9/12/2026", False),
        ("24/11/2026", "9/12/2026", False),
        ("1/12/2026", "9/12/2026", True),
    ],
)
def test_one_person_has_one_cover_at_a_time(
    signed_in: SignedIn, cast: Cast, from_on: str, until_on: str, is_taken: bool
) -> None:
    away(cast.officer, cast.supplier, since=-3, until=7)
    answer = post(signed_in("officer"), cast.officer, from_on=from_on, until_on=until_on)
    assert answer.status_code == (302 if is_taken else 422)
    if not is_taken:
        (said,) = problems(answer)
        assert said.startswith("Supplier already covers from 26 November 2026 to 30 November 2026.")


def test_cover_who_is_away_then_needs_confirmation(signed_in: SignedIn, cast: Cast) -> None:
    away(cast.colleague, cast.head, since=-5, until=6)
    client = signed_in("officer")
    answer = post(client, cast.officer)
    days = "from 28 November 2026 to 29 November 2026"
    said = f"Colleague is also away, {days}. Choose someone else, or confirm below."
    assert problems(answer) == [said]
    assert not Cover.objects.filter(person=cast.officer).exists()
    again = sent(answer, url(cast.officer), **TYPED, confirm="on")
    assert client.post(url(cast.officer), again).status_code == 302
    assert Cover.objects.get(person=cast.officer).cover == cast.colleague


def test_a_form_sent_twice_names_one(signed_in: SignedIn, cast: Cast) -> None:
    client, key = signed_in("officer"), str(uuid.uuid4())
    answers = [client.post(url(cast.officer), TYPED | {"request_key": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Cover.objects.count() == 1


def test_person_without_a_role_is_not_covered(cast: Cast) -> None:
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY)
    for person, cover in ((cast.officer, cast.colleague), (cast.colleague, cast.officer)):
        with pytest.raises(ValidationError, match="Officer does not have a role that allows cover"):
            name_cover(person, cover, by=Actor(cast.admin), at=NOON, from_on=TODAY, until_on=TODAY)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_page_and_part_come_from_one_address(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    answer = client.get(url(cast.officer), headers=headers)
    assert ("<html" in answer.text) == (not headers)
    if headers:
        assert is_part(answer, "name-cover")
    assert "except embargoed reports" in read(answer).text
    refused = client.post(url(cast.officer), {}, headers=headers)
    assert (refused.status_code, "<html" in refused.text) == (422, not headers)
    done = client.post(url(cast.officer), TYPED, headers=headers)
    assert done.get("HX-Redirect" if headers else "Location") == f"/absence/{cast.officer.pk}/"


def test_names_are_suggested_the_nearest_first(signed_in: SignedIn, cast: Cast) -> None:
    address = f"/absence/{cast.officer.pk}/people/"
    client = signed_in("head")
    field = read(client.get(url(cast.officer))).one("input", name="cover")
    assert field.attrs["data-people-url"] == address
    labels = [one["label"] for one in client.get(address, {"q": "e"}).json()]
    assert labels[0] == "Colleague (colleague@example.test)"
    assert not {"Officer (officer@example.test)", "Head (head@example.test)"} & set(labels)
    assert client.get(address).json() == []
    assert signed_in("neighbour").get(address, {"q": "e"}).status_code == 404
