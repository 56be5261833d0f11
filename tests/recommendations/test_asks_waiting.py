"""What is asked waits for who must answer, and once late for who asked; on the list, in what waits and on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import read
from tests.recommendations.asking import REGION, TOP, WEST_KENT, answered, ask_of, later
from tests.recommendations.changing import SignedIn
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.recommendations.ask.queries import AskRow, asked_by_person, asked_of_person, asks_waiting
from tracker.recommendations.models import Ask, Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")


def waiting(cast: Cast, name: str) -> list[AskRow]:
    return asks_waiting(Access(getattr(cast, name), TODAY, NOON))


def who(cast: Cast) -> set[str]:
    return {name for name in vars(cast) if waiting(cast, name)}


def test_request_is_a_task_of_the_person_asked_and_when_late_of_the_asker(cast: Cast) -> None:
    ask = ask_of(4, REGION, cast.head, wanted_on=TODAY)
    assert who(cast) == {"operations"}
    assert [row.days_overdue for row in waiting(cast, "operations")] == [0]
    Ask.objects.filter(pk=ask.pk).update(wanted_on=later(-3))
    assert who(cast) == {"operations", "head"}
    assert [(row.days_overdue, row.can_answer) for row in waiting(cast, "operations")] == [(3, True)]
    assert [(row.days_overdue, row.can_answer, row.can_pass_up) for row in waiting(cast, "head")] == [(3, False, True)]


def test_missed_promise_is_a_task_again(cast: Cast) -> None:
    ask = answered(ask_of(4, REGION, cast.head), cast.operations, "by_a_day", promised_on=TODAY)
    assert who(cast) == set()
    Ask.objects.filter(pk=ask.pk).update(promised_on=later(-1))
    assert who(cast) == {"operations", "head"}


@pytest.mark.parametrize("state", ["yes", "no"])
def test_answered_request_is_no_task(cast: Cast, state: str) -> None:
    ask = ask_of(4, REGION, cast.head, wanted_on=later(-5))
    answered(ask, cast.operations, state)
    assert who(cast) == set()


def test_requests_about_carried_closed_or_embargoed_items_are_no_tasks(cast: Cast) -> None:
    ask_of(4, REGION, cast.head, wanted_on=later(-5))
    rows = Recommendation.objects.filter(pk=recommendation(4).pk)
    rows.update(carried_by=recommendation(5))
    assert who(cast) == set()
    rows.update(carried_by=None, status="no_longer_applies")
    assert who(cast) == set()
    rows.update(status="open")
    assert who(cast) == {"operations", "head"}
    Inspection.objects.filter(pk=west_kent().pk).update(embargo_until=NOON.replace(year=2027))
    assert who(cast) == set()
    assert asked_of_person(Access(cast.operations, TODAY, NOON)).waiting == []


def test_request_is_a_task_of_the_named_person_or_the_lead_above(cast: Cast) -> None:
    ask_of(4, REGION, cast.head, person=cast.director)
    assert who(cast) == {"operations", "director"}
    Membership.objects.filter(user=cast.operations).update(ends_on=TODAY)
    assert who(cast) == {"policy", "director"}


def test_the_late_ones_stand_first(cast: Cast) -> None:
    for number, day in ((1, 3), (2, -2), (3, 1), (4, -9)):
        ask_of(number, REGION, cast.head, wanted_on=later(day))
    assert [row.ask.recommendation.number for row in waiting(cast, "operations")] == ["4", "2", "3", "1"]


def test_list_shows_requests_to_you_and_by_you(signed_in: SignedIn, cast: Cast) -> None:
    ask_of(4, REGION, cast.head, wanted_on=later(-5), words="Trainers, please.")
    answered(ask_of(5, REGION, cast.head, words="Laptops, please."), cast.operations, "no")
    ask_of(6, WEST_KENT, cast.operations, words="Your rotas, please.")
    page = read(signed_in("operations").get("/asks/"))
    of_you, by_you = page.all("section")
    assert "Requests to you (1)" in of_you.text
    assert "Overdue by 5 days" in of_you.text
    assert "Laptops, please." in of_you.one("details").text
    assert "Your rotas, please." in by_you.text
    of_head, by_head = read(signed_in("head").get("/asks/")).all("section")
    assert "Your rotas, please." in of_head.text
    assert "Trainers, please." in by_head.text


def test_empty_lists_say_so(signed_in: SignedIn, cast: Cast) -> None:
    text = read(signed_in("stranger").get("/asks/")).text
    assert "You have no requests to answer." in text
    assert "You have no requests waiting for an answer." in text


def test_strangers_see_no_requests(signed_in: SignedIn, cast: Cast) -> None:
    ask_of(4, TOP, cast.head)
    for name in ("stranger", "neighbour", "nobody"):
        access = Access(getattr(cast, name), TODAY, NOON)
        assert asked_of_person(access).waiting == asked_by_person(access).waiting == asks_waiting(access) == []


def test_the_page_of_the_recommendation_shows_the_open_ones_and_folds_the_rest(signed_in: SignedIn, cast: Cast) -> None:
    for n in range(5):
        answered(ask_of(4, REGION, cast.head, words=f"Wish {n}."), cast.operations, "yes")
    ask_of(4, REGION, cast.head, words="The open one.")
    section = read(signed_in("head").get(f"/recommendations/{recommendation(4).pk}/")).one(id="asks")
    folded = section.one("details").text
    assert ("Wish 0." in folded, "Wish 1." in folded, "Wish 4." in folded, "The open one." in folded) == (
        True,
        True,
        False,
        False,
    )
    assert section.all("summary")[0].text == "Requests to others 1 open"


def test_tasks_and_lists_cost_the_same_for_many(
    signed_in: SignedIn, cast: Cast, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = signed_in("operations")
    page = f"/recommendations/{recommendation(4).pk}/"
    counts = []
    for many in (1, 7):
        for n in range(many):
            ask_of(4, REGION, cast.head, wanted_on=later(-n), person=cast.director)
            answered(ask_of(4, REGION, cast.head), cast.operations, "no")
        found = []
        for path in ("/asks/", page):
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            found.append(len(queries))
        with django_assert_num_queries(7):
            waiting(cast, "operations")
        counts.append(found)
    assert counts[0] == counts[1]
