"""The page of one recommendation: printed words, what is promised about it, findings, and who says what."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import NOON, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import Node, in_status, read, roots, unstamped
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation, Report

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def shown(client: Client, item: Recommendation) -> Node:
    answer = client.get(f"/recommendations/{item.pk}/")
    assert answer.status_code == 200
    return read(answer)


def facts(page: Node) -> dict[str, str]:
    """What the summary list says."""
    rows = page.all(class_="govuk-summary-list__row")
    return {row.one("dt").text: row.one("dd").text for row in rows}


def test_it_shows_the_words_as_printed(signed_in: SignedIn, cast: Cast) -> None:
    page = shown(signed_in("head"), recommendation(4))
    assert page.one("h1").text == "Recommendation 4"
    assert recommendation(4).text in page.text
    assert "West Kent PDU should" in page.text
    assert recommendation(4).place in page.text
    assert [a.attrs["href"] for a in page.one(class_="govuk-breadcrumbs").all("a")] == [
        "/inspections/",
        f"/inspections/{west_kent().pk}/",
    ]


def test_unknown_values_are_shown_as_such(signed_in: SignedIn, cast: Cast) -> None:
    assert facts(shown(signed_in("head"), recommendation(4))) == {
        "Response": "No response yet",
        "Owner": "No owner",
        "Due date": "No due date",
        "Forecast": "No forecast yet",
        "Status": "Open",
    }
    assert "No update yet" in shown(signed_in("head"), recommendation(4)).one(class_="app-voices").text


def test_it_shows_what_was_promised_and_reported(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    first = Plan(cast.officer, TODAY)
    change(item, by=Actor(cast.head), at=NOON, seen_version=1, plan=first)
    moved = Plan(cast.officer, TODAY - datetime.timedelta(days=1))
    Recommendation.objects.filter(pk=item.pk).update(original_due_on=TODAY)
    change(item, by=Actor(cast.head), at=NOON, seen_version=2, plan=moved)
    change(item, by=Actor(cast.officer), at=NOON, seen_version=3, report=Report("some", "Begun."))
    page = shown(signed_in("reader"), item)
    said = page.one(class_="app-voices").text
    assert "Some progress" in said
    assert "23 November 2026 “Begun.”" in said
    assert facts(page) == {
        "Response": "No response yet",
        "Forecast": "No forecast yet",
        "Owner": "Officer",
        "Due date": "22 November 2026 Overdue by 1 day originally 23 November 2026",
        "Status": "Open",
    }


def test_due_today_is_not_overdue(signed_in: SignedIn, cast: Cast) -> None:
    change(recommendation(4), by=Actor(cast.head), at=NOON, seen_version=1, plan=Plan(cast.officer, TODAY))
    assert facts(shown(signed_in("head"), recommendation(4)))["Due date"] == "23 November 2026 provisional"


def test_what_is_finished_is_not_overdue_and_lacks_no_owner(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_on="2026-01-01", original_due_on="2026-01-01")
    in_status(recommendation(4), "signed_off", cast.director)
    said = facts(shown(signed_in("head"), recommendation(4)))
    assert said["Due date"] == "1 January 2026 Signed off 23 November 2026 Past first due date"
    assert said["Status"] == "Signed off"
    assert "No owner" not in said["Owner"]


def test_an_owner_who_left_counts_as_none_and_is_remembered(signed_in: SignedIn, cast: Cast) -> None:
    change(recommendation(4), by=Actor(cast.head), at=NOON, seen_version=1, plan=Plan(cast.officer, TODAY))
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert facts(shown(signed_in("head"), recommendation(4)))["Owner"] == "No owner was Officer"


def test_a_previous_one_shows_what_hmip_found(signed_in: SignedIn, cast: Cast) -> None:
    item = previous(2)
    page = shown(signed_in("head"), item)
    finding = item.findings.get()
    assert page.one("h1").text == "Previous recommendation 2"
    assert finding.text in page.text
    assert "No progress HMIP found, May 2022" in page.text
    assert "No update yet" in page.one(class_="app-voices").text


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "number", "words"),
    [
        ("head", 4, "Set an owner and due date"),
        ("operations", 6, "Set an owner and due date"),
        *((name, 4, "") for name in ("officer", "supplier", "operations", "director", "policy", "reader", "top_admin")),
        ("head", 6, ""),
    ],
)
def test_links_to_change_are_shown_only_to_those_who_may(
    signed_in: SignedIn, cast: Cast, who: str, number: int, words: str
) -> None:
    item = recommendation(number)
    links = [a for a in shown(signed_in(who), item).all("a") if a.attrs["href"].endswith(f"{item.pk}/change/")]
    assert [link.text for link in links] == ([words] if words else [])


def button(page: Node) -> list[str]:
    """The one next step of the person who looks."""
    return [link.text for link in page.one("main").all("a", class_="govuk-button")]


def test_each_person_has_one_next_step_at_the_most(signed_in: SignedIn, cast: Cast) -> None:
    assert button(shown(signed_in("head"), recommendation(4))) == ["Record your response"]
    Recommendation.objects.filter(pk=recommendation(4).pk).update(response="agreed")
    assert button(shown(signed_in("head"), recommendation(4))) == ["Set an owner and due date"]
    change(recommendation(4), by=Actor(cast.head), at=NOON, seen_version=1, plan=Plan(cast.officer, TODAY))
    for who in ("head", "officer"):
        assert button(shown(signed_in(who), recommendation(4))) == ["Send an update"]
    change(recommendation(4), by=Actor(cast.officer), at=NOON, seen_version=2, report=Report("sufficient", "Done."))
    assert button(shown(signed_in("head"), recommendation(4))) == ["Submit for sign-off"]
    in_status(recommendation(4), "submitted", cast.head)
    assert button(shown(signed_in("head"), recommendation(4))) == []
    assert button(shown(signed_in("director"), recommendation(4))) == ["Review submission"]
    in_status(recommendation(4), "signed_off", cast.director)
    for who in ("head", "officer", "director", "reader"):
        assert button(shown(signed_in(who), recommendation(4))) == []


@pytest.mark.parametrize("who", ["neighbour", "stranger", "strange_admin", "nobody"])
def test_invisible_page_is_not_found(signed_in: SignedIn, cast: Cast, who: str) -> None:
    client = signed_in(who)
    answers = [client.get(f"/recommendations/{pk}/") for pk in (recommendation(4).pk, 99999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    # There or not there, the answer is the same.
    assert len({unstamped(answer) for answer in answers}) == 1


def test_the_part_has_one_root(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").get(f"/recommendations/{recommendation(4).pk}/", headers={"HX-Request": "true"})
    (root,) = roots(read(answer))
    assert root.attrs["id"] == f"recommendation-{recommendation(4).pk}"


def test_detail_page_refuses_post(signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in("head").post(f"/recommendations/{recommendation(4).pk}/", {"progress": "no"}).status_code == 405
