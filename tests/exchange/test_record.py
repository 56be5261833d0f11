"""The record of an inspection: everything in order, nothing internal, and who looked at it is nobody's business."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, Cast, recommendation, west_kent
from tests.factories import Node, place, read, scattered, unstamped
from tests.recommendations.evidence import give
from tests.sampling import MANY
from tests.test_query_counts import pile
from tracker.exchange.queries.inspector import SHOWN
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.models import Report

SignedIn = Callable[[str], Client]
SECRET = "Between us: nobody has begun."
pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def url(page: int = 0) -> str:
    return f"/inspections/{west_kent().pk}/record/" + (f"?page={page}" if page else "")


def dossier(client: Client, number: int) -> Node:
    return read(client.get(url())).one("section", id=f"r{recommendation(number).pk}")


@pytest.mark.verb
@pytest.mark.parametrize("who", ["inspector", "reader", "head", "supplier", "director", "admin"])
def test_who_sees_the_inspection_sees_its_record(signed_in: SignedIn, who: str) -> None:
    page = read(signed_in(who).get(url()))
    assert len(page.all("section", class_="app-dossier")) == 19
    assert ("The people who were inspected cannot see" in page.text) == (who in ("inspector", "reader"))


@pytest.mark.parametrize("who", ["neighbour", "stranger", "nobody"])
def test_other_people_may_not(signed_in: SignedIn, who: str) -> None:
    assert signed_in(who).get(url()).status_code == 404


def test_record_shows_what_was_printed_promised_reported_and_checked(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    change(
        item,
        by=Actor(cast.head),
        at=NOON,
        seen_version=item.version,
        report=Report("some", "Every case has been read."),
    )
    give(cast.head, [4])
    one = dossier(signed_in("inspector"), 4)
    for words in (
        item.text,
        "West Kent PDU should",
        "Every case has been read.",
        "Some progress",
        "Not verified yet",
        "Added by Head, 23 November 2026",
        "No due date",
    ):
        assert words in one.text, words
    assert [link for link in one.all("a") if link.attrs["href"].startswith("/evidence/")]
    assert not one.all("form")


def test_only_the_number_of_internal_comments_is_shown(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("inspector")
    assert "No internal comments are withheld." in read(client.get(url())).text
    for number in (4, 4, 5):
        comment(recommendation(number), SECRET, is_internal=True, by=Actor(cast.head), at=NOON)
    for who in ("inspector", "head", "director"):
        client.force_login(getattr(cast, who))
        page = read(client.get(url()))
        assert SECRET not in page.text
        assert "3 internal comments are withheld." in page.one(id="record").all("p")[1].text
        assert "2 internal comments are withheld." in dossier(client, 4).text


def test_long_results_continue_on_the_next_page(signed_in: SignedIn, cast: Cast) -> None:
    scattered(3, west_kent(), [place(KSS)], [cast.head], SHOWN * 2 - 19 + 1)
    client = signed_in("director")
    shown: list[str] = []
    for number in (1, 2, 3):
        page = read(client.get(url(number)))
        shown += [section.attrs["id"] for section in page.all("section", class_="app-dossier")]
    assert len(shown) == len(set(shown)) == SHOWN * 2 + 1
    assert not page.all("a", rel="next")
    assert page.one("a", rel="prev").attrs["href"] == "?page=2"
    for odd in ("0", "-1", "x", "99", "9" * 30, "²"):
        assert client.get(url() + f"?page={odd}").status_code == 200


def test_inspectors_visits_are_hidden_from_those_inspected(signed_in: SignedIn, cast: Cast) -> None:
    places = {
        "head": ["/", "/recommendations/", f"/recommendations/{recommendation(4).pk}/"],
        "director": ["/", "/review/", f"/recommendations/{recommendation(4).pk}/"],
        "admin": ["/", f"/people/{cast.inspector.pk}/", "/people/"],
    }

    def seen() -> list[str]:
        pages = []
        for who, paths in places.items():
            client = Client()
            client.force_login(getattr(cast, who))
            pages += [unstamped(client.get(path)) for path in paths]
        return pages

    # That somebody signed in is seen by administrators of accounts; what they open is not.
    inspector = signed_in("inspector")
    seen()
    before = seen()
    for path in (url(), "/review/", f"/recommendations/{recommendation(4).pk}/", f"/inspections/{west_kent().pk}/"):
        assert inspector.get(path).status_code == 200
    assert seen() == before


def test_it_costs_as_many_queries_for_many_rows_as_for_few(signed_in: SignedIn, cast: Cast) -> None:
    scattered(3, west_kent(), [place(KSS)], [cast.head], SHOWN)
    pile(cast, 2)
    client = signed_in("inspector")

    def cost() -> int:
        client.get(url())
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url()).status_code == 200
        return len(asked)

    few = cost()
    scattered(4, west_kent(), [place(KSS)], [cast.head], MANY)
    assert cost() == few <= 32


def test_record_at_a_past_day(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    change(
        item,
        by=Actor(cast.head),
        at=NOON,
        seen_version=item.version,
        report=Report("some", "Every case has been read."),
    )
    page = read(signed_in("inspector").get(f"/as-at/2026-11-22{url()}"))
    assert "Every case has been read." not in page.text
    assert "As at 22 November 2026, 23:59" in page.text
