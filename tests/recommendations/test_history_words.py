"""The history in words that a person reads."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import NOON, Cast, previous, recommendation
from tests.factories import read
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Report
from tracker.recommendations.timeline.queries import Line, history_of

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def plan(owner: User | None, due_on: datetime.date | None, reason: str, *, by: User) -> None:
    item = recommendation(4)
    change(item, by=Actor(by), at=NOON, seen_version=item.version, plan=Plan(owner, due_on, reason))


def test_history_lists_loading_once_without_columns(cast: Cast) -> None:
    (entry,) = history_of(recommendation(4))
    assert (entry.title, entry.by, entry.why, entry.lines) == (
        "Loaded from the report",
        "The tracker",
        "",
        [],
    )


def test_a_previous_one_was_rated_again(cast: Cast) -> None:
    assert [(entry.title, entry.lines) for entry in history_of(previous(2))] == [
        ("Rated again by HMIP", []),
        ("Loaded from the report", []),
    ]


def test_changes_show_before_and_after_newest_first(cast: Cast) -> None:
    plan(cast.officer, datetime.date(2026, 12, 1), "", by=cast.head)
    plan(cast.officer, datetime.date(2027, 1, 5), "The trainer left.", by=cast.head)
    change(
        recommendation(4),
        by=Actor(cast.officer),
        at=NOON,
        seen_version=3,
        report=Report("some", "Ten staff were trained."),
    )
    plan(None, datetime.date(2027, 1, 5), "", by=cast.head)
    told = [(entry.title, entry.by, entry.why, entry.lines) for entry in history_of(recommendation(4))]
    assert told[:-1] == [
        ("Owner removed", "Head", "", [Line("Owner", "Officer", "nobody")]),
        (
            "Update sent",
            "Officer",
            "Ten staff were trained.",
            [Line("Progress", "Not reported", "Some progress")],
        ),
        ("Due date moved later", "Head", "The trainer left.", [Line("Due date", "1 December 2026", "5 January 2027")]),
        (
            "Owner named, Due date set",
            "Head",
            "",
            [Line("Owner", "nobody", "Officer"), Line("Due date", "no date", "1 December 2026")],
        ),
    ]


def test_history_uses_present_names(cast: Cast) -> None:
    plan(cast.officer, datetime.date(2026, 12, 1), "", by=cast.head)
    User.objects.filter(pk=cast.officer.pk).update(name="Officer Newname", is_active=False)
    assert history_of(recommendation(4))[0].lines[0] == Line("Owner", "nobody", "Officer Newname")


def test_typed_text_is_escaped_on_the_page(signed_in: SignedIn, cast: Cast) -> None:
    plan(cast.officer, datetime.date(2026, 12, 1), "<script>alert('x')</script> & so on", by=cast.head)
    answer = signed_in("head").get(f"/recommendations/{recommendation(4).pk}/")
    assert "<script>alert" not in answer.text
    item = read(answer).all(class_="moj-timeline__item")[0]
    assert item.one(class_="moj-timeline__title").text == "Owner named, Due date set"
    assert item.one(class_="moj-timeline__byline").text == "by Head"
    assert item.one("time").text == "23 November 2026, 12:00"
    assert "Owner: nobody → Officer" in item.text
    assert "“<script>alert('x')</script> & so on”" in item.text


def test_times_are_shown_in_london_time(signed_in: SignedIn, cast: Cast) -> None:
    evening = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=datetime.UTC)
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=evening, seen_version=1, plan=Plan(cast.officer, None))
    page = read(signed_in("head").get(f"/recommendations/{item.pk}/"))
    assert page.all("time")[0].text == "2 July 2026, 00:30"


def test_a_long_history_costs_no_more_than_a_short_one(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            history_of(item)
        return len(queries)

    plan(cast.officer, datetime.date(2026, 12, 1), "", by=cast.head)
    item = recommendation(4)
    first = cost()
    for owner in (cast.colleague, cast.officer) * 10:
        plan(owner, datetime.date(2026, 12, 1), "Turns.", by=cast.head)
    assert len(history_of(item)) == 22
    assert cost() == first == 2
