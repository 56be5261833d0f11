"""The badge of every page: as many as wait, whatever has happened since they were last counted."""

import datetime
import random
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import read
from tests.inspections.embargoed import embargoed
from tracker.accounts.models import Membership, User
from tracker.accounts.operations import give_role
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation
from tracker.recommendations.task.queries import waiting_for
from tracker.reviews.models import WaitingCount

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")
ELSEWHERE = "/inspections/"


def badge(client: Client) -> str:
    """Of a page that does not need to know what waits, once its script has asked for what was not counted yet."""
    link = read(client.get(ELSEWHERE)).all("a", class_="govuk-service-navigation__link")[0]
    later = [span.attrs["data-badge"] for span in link.all("span") if "data-badge" in span.attrs]
    return " ".join([link.text, *(read(client.get(url)).text for url in later)])


def shown(count: int) -> str:
    if count == 1:
        return "(1 task)"
    return f"({count} tasks)" if count else "Home"


def late(number: int, owner: User, days: int, by: User) -> None:
    item = recommendation(number)
    plan = Plan(owner, TODAY - datetime.timedelta(days=days))
    change(item, by=Actor(by), at=NOON, seen_version=item.version, plan=plan)


def test_it_follows_every_change(signed_in: SignedIn, cast: Cast) -> None:
    client, chance = signed_in("head"), random.Random(3)
    for number in (1, 2, 3, 4, 4, 3):
        late(number, chance.choice([cast.head, cast.officer]), chance.randint(-30, 30), cast.head)
        assert shown(len(waiting_for(Access(cast.head, TODAY)))) in badge(client), number


def test_it_follows_a_change_of_role(signed_in: SignedIn, cast: Cast) -> None:
    late(1, cast.officer, 3, cast.head)
    client = signed_in("nobody")
    assert "task" not in badge(client)
    give_role(
        cast.nobody, organisation=west_kent().organisation, role=Membership.Role.LEAD, by=Actor(cast.admin), at=NOON
    )
    waiting = len(waiting_for(Access(cast.nobody, TODAY)))
    assert waiting
    assert shown(waiting) in badge(client)


def test_it_follows_the_calendar(signed_in: SignedIn, cast: Cast) -> None:
    late(1, cast.officer, -15, cast.head)
    client = signed_in("officer")
    assert "task" not in badge(client)
    with time_machine.travel(NOON + datetime.timedelta(days=1), tick=True):
        client = signed_in("officer")
        assert shown(1) in badge(client)


def test_an_embargo_that_ends_is_noticed_within_a_minute(signed_in: SignedIn, cast: Cast) -> None:
    inspection = embargoed(cast, until=NOON + datetime.timedelta(seconds=30))
    assert Inspection.objects.count() == 2
    client = signed_in("head")
    before = badge(client)
    with time_machine.travel(NOON + datetime.timedelta(seconds=65), tick=True):
        after = badge(client)
    assert Recommendation.objects.filter(inspection=inspection).exists()
    assert before != after
    with time_machine.travel(NOON + datetime.timedelta(seconds=65), tick=True):
        assert shown(len(waiting_for(Access(cast.head, TODAY, NOON + datetime.timedelta(seconds=65))))) in after


def test_known_count_is_not_recomputed(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    with CaptureQueriesContext(connection) as first:
        client.get("/badge/")
    with CaptureQueriesContext(connection) as second:
        client.get("/badge/")
    assert len(second) < len(first) / 2
    assert not any(query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for query in second.captured_queries)
    assert WaitingCount.objects.get().person == cast.head


def test_two_people_have_each_their_own(signed_in: SignedIn, cast: Cast) -> None:
    late(1, cast.officer, 3, cast.head)
    assert shown(len(waiting_for(Access(cast.head, TODAY)))) in badge(signed_in("head"))
    assert shown(1) in badge(signed_in("officer"))
    assert shown(len(waiting_for(Access(cast.head, TODAY)))) in badge(signed_in("head"))
