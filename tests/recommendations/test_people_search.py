"""Who is suggested as an owner: people of the addressee first, and only to who may name one."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import Cast, recommendation
from tracker.accounts.models import User

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def asked(client: Client, number: int, typed: str) -> list[str]:
    answer = client.get("/recommendations/people/", {"for": str(recommendation(number).pk), "q": typed})
    assert answer.status_code == 200
    return [row["label"] for row in answer.json()]


def test_the_answer_is_a_list_of_labels_and_hints(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").get("/recommendations/people/", {"for": str(recommendation(4).pk), "q": "officer"})
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == [{"label": "Officer (officer@example.test)", "hint": ""}]


def test_people_of_the_addressee_come_first(signed_in: SignedIn, cast: Cast) -> None:
    names = [label.partition(" (")[0] for label in asked(signed_in("head"), 4, "e")]
    assert names[:4] == ["Colleague", "Head", "Officer", "Supplier"]
    assert names[4:] == sorted(names[4:])
    assert len(names) == 10
    names = [label.partition(" (")[0] for label in asked(signed_in("operations"), 6, "e")]
    assert names[:4] == ["Admin", "Director", "Operations", "Colleague"]


@pytest.mark.parametrize("name", ["nobody", "reader", "inspector"])
def test_read_only_person_is_not_suggested(signed_in: SignedIn, cast: Cast, name: str) -> None:
    assert asked(signed_in("operations"), 6, name) == []


def test_every_word_must_fit_the_name_or_the_address(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    assert asked(client, 4, "admin top") == ["Top admin (top_admin@example.test)"]
    assert asked(client, 4, "TOP_ADMIN@") == ["Top admin (top_admin@example.test)"]
    assert asked(client, 4, "top nobody") == []


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "\u200b", "%", "\\"])
def test_empty_query_suggests_nobody(signed_in: SignedIn, cast: Cast, typed: str) -> None:
    assert asked(signed_in("head"), 4, typed) == []


def test_inactive_person_is_not_suggested(signed_in: SignedIn, cast: Cast) -> None:
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert asked(signed_in("head"), 4, "officer") == []


@pytest.mark.parametrize(
    ("who", "number", "status"),
    [
        ("head", 4, 200),
        ("head", 6, 403),
        ("operations", 6, 200),
        ("operations", 4, 403),
        ("policy", 11, 200),
        ("officer", 4, 403),
        ("director", 4, 403),
        ("reader", 4, 403),
        ("top_admin", 4, 403),
        ("neighbour", 4, 404),
        ("nobody", 4, 404),
    ],
)
def test_only_planners_may_search_people(signed_in: SignedIn, cast: Cast, who: str, number: int, status: int) -> None:
    answer = signed_in(who).get("/recommendations/people/", {"for": str(recommendation(number).pk), "q": "o"})
    assert answer.status_code == status
    assert (b"example.test" in answer.content) == (status == 200)


def test_owner_may_not_search_people(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    type(item).objects.filter(pk=item.pk).update(owner=cast.officer)
    assert signed_in("officer").get("/recommendations/people/", {"for": str(item.pk), "q": "o"}).status_code == 403


def test_without_a_recommendation_there_is_nothing(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    queries: tuple[dict[str, str], ...] = ({}, {"for": ""}, {"for": "0"}, {"for": "x"}, {"for": "²"}, {"for": "9" * 30})
    for query in queries:
        assert client.get("/recommendations/people/", query | {"q": "o"}).status_code == 404


def test_signed_out_person_signs_in_first(client: Client, cast: Cast) -> None:
    address = f"/recommendations/people/?for={recommendation(4).pk}&q=o"
    assert client.get(address).status_code == 302
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 401


def test_huge_number_finds_nobody(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("head").get("/recommendations/people/", {"for": "9" * 5000, "q": "o"}).status_code == 404
