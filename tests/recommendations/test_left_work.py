"""What people who have left are still named for is a task of the lead at once, in one line for each of them."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.accounts.covering import away
from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import calm, place, read
from tests.recommendations.asking import REGION, answered, ask_of, later
from tests.recommendations.planning import step
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.measures.models import Measure
from tracker.recommendations.models import Action, Recommendation
from tracker.recommendations.task.delegation import instead_of
from tracker.recommendations.task.left import LeftWork, left_work
from tracker.recommendations.task.queries import Reason, count_waiting, waiting_for

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def close(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def measure_of(person: User) -> Measure:
    named = {"name": "Oversight", "unit": "%", "better": "down", "supplier": person}
    return Measure.objects.create(organisation=recommendation(4).addressee, **named)


def told(cast: Cast) -> dict[str, list[tuple[str, int]]]:
    """By person: whose work they are asked to reassign, and how many items."""
    found = {name: left_work(Access(person, TODAY)) for name, person in vars(cast).items()}
    return {name: [(one.person.name, one.count) for one in left] for name, left in found.items() if left}


def test_action_of_whoever_left_is_a_task_of_the_lead_before_it_is_late(cast: Cast) -> None:
    made = step(cast, 4, owner=cast.officer)
    Action.objects.filter(pk=made.pk).update(due_on=TODAY)
    assert told(cast) == {}
    close(cast.officer)
    assert told(cast) == {"head": [("Officer", 1)]}
    Action.objects.filter(pk=made.pk).update(due_on=None)
    assert told(cast) == {"head": [("Officer", 1)]}
    # From here on it stands among the overdue actions.
    Action.objects.filter(pk=made.pk).update(due_on=TODAY - datetime.timedelta(days=1))
    assert told(cast) == {}
    assert Reason.ACTION_OVERDUE_HERE in {one.reason for one in waiting_for(Access(cast.head, TODAY))}


@pytest.mark.parametrize("role", ["reader", ""])
def test_whoever_lost_every_role_that_may_own_has_left(cast: Cast, role: str) -> None:
    step(cast, 4, owner=cast.officer)
    held = Membership.objects.filter(user=cast.officer)
    held.update(role=role) if role else held.update(ends_on=TODAY)
    assert told(cast) == {"head": [("Officer", 1)]}
    held.update(role="administrator", ends_on=None)
    assert told(cast) == {}


def test_figures_of_whoever_left_are_a_task_of_the_lead(cast: Cast) -> None:
    measure = measure_of(cast.supplier)
    assert told(cast) == {}
    close(cast.supplier)
    assert told(cast) == {"head": [("Supplier", 1)]}
    Measure.objects.filter(pk=measure.pk).update(ended_on=TODAY)
    assert told(cast) == {}


def test_promised_request_of_whoever_left_is_a_task_of_the_lead_asked(cast: Cast) -> None:
    ask = ask_of(4, REGION, cast.head, person=cast.director)
    close(cast.director)
    # Not answered: a task of the lead by itself.
    assert told(cast) == {}
    assert [one.reason for one in waiting_for(Access(cast.operations, TODAY)) if one.subject == ask] == [Reason.ASKED]
    answered(ask, cast.operations, "by_a_day", promised_on=TODAY)
    assert told(cast) == {"operations": [("Director", 1)]}
    ask.refresh_from_db()
    type(ask).objects.filter(pk=ask.pk).update(promised_on=later(-1))
    assert told(cast) == {}
    type(ask).objects.filter(pk=ask.pk).update(promised_on=TODAY)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=recommendation(5))
    assert told(cast) == {}


def test_line_counts_all_that_the_page_reassigns(signed_in: SignedIn, cast: Cast) -> None:
    calm()
    Recommendation.objects.filter(pk=recommendation(1).pk).update(owner=cast.officer)
    step(cast, 4, owner=cast.officer)
    measure_of(cast.officer)
    close(cast.officer)
    assert told(cast) == {"head": [("Officer", 3)]}
    client = signed_in("head")
    (section,) = [one for one in read(client.get("/")).all("section") if "have left" in one.text]
    assert section.text.startswith("Work of people who have left (1) Reassign work of Officer 3 items")
    link = section.one("a").attrs["href"]
    assert link == f"/hand-over/{cast.officer.pk}/"
    assert "Officer : 3 items" in read(client.get("/hand-over/")).text
    assert len(read(client.get(link)).one(id="hand-over").all("li")) == 3
    assert count_waiting(Access(cast.head, TODAY)) == len(waiting_for(Access(cast.head, TODAY)))


def test_one_line_for_each_person_and_none_for_recommendations_alone(cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(1).pk).update(owner=cast.officer)
    made = step(cast, 4, owner=cast.officer)
    Action.objects.filter(pk=made.pk).update(state="done", done_on=TODAY)
    close(cast.officer)
    assert told(cast) == {}
    Action.objects.filter(pk=made.pk).update(state="open", done_on=None)
    measure_of(cast.supplier)
    close(cast.supplier)
    assert told(cast) == {"head": [("Officer", 2), ("Supplier", 1)]}


def test_without_a_lead_it_is_a_task_of_the_lead_above(cast: Cast) -> None:
    step(cast, 4, owner=cast.officer)
    close(cast.officer)
    Membership.objects.filter(user=cast.head).update(ends_on=TODAY)
    assert told(cast) == {"operations": [("Officer", 1)]}


def test_only_lead_who_left_is_named_to_the_lead_above(cast: Cast) -> None:
    step(cast, 4, owner=cast.head)
    close(cast.head)
    assert told(cast) == {"operations": [("Head", 1)]}


def test_what_is_under_embargo_is_not_told(cast: Cast) -> None:
    step(cast, 4, owner=cast.officer)
    close(cast.officer)
    Inspection.objects.filter(pk=west_kent().pk).update(embargo_until=NOON.replace(year=2027))
    assert told(cast) == {}


def test_cover_of_a_lead_is_told_for_whom(cast: Cast) -> None:
    step(cast, 4, owner=cast.officer)
    close(cast.officer)
    away(cast.head, cast.colleague)
    access = Access(cast.colleague, TODAY)
    (one,) = [one for one in waiting_for(access) if isinstance(one.subject, LeftWork)]
    covered = instead_of(access, one)
    assert covered is not None
    assert covered.person_id == cast.head.pk


def test_place_with_most_of_it_is_named(cast: Cast) -> None:
    Membership.objects.create(user=cast.head, role="lead", organisation=place(KSS))
    measure_of(cast.officer)
    Measure.objects.create(organisation=place(KSS), name="Other", unit="%", better="up", supplier=cast.officer)
    step(cast, 4, owner=cast.officer)
    close(cast.officer)
    (left,) = left_work(Access(cast.head, TODAY))
    assert (left.place.name, left.count, len(left.place_ids)) == ("West Kent PDU", 3, 2)


def test_it_costs_one_query_and_none_for_who_leads_nothing(cast: Cast) -> None:
    for number in (1, 2, 4):
        step(cast, number, owner=cast.officer)
    measure_of(cast.supplier)
    close(cast.officer)
    close(cast.supplier)
    for name, queries in (("head", 1), ("director", 0), ("colleague", 0)):
        access = Access(getattr(cast, name), TODAY)
        _ = access.led_ids, access.at, access.request_cache
        known = {"left": left_work(access)}
        with CaptureQueriesContext(connection) as asked:
            assert left_work(access) == known["left"]
        assert len(asked) == queries, name


# -- actions that nobody is named for ----------------------------------------------------------


def unowned(cast: Cast) -> dict[str, list[str]]:
    found = {name: waiting_for(Access(person, TODAY)) for name, person in vars(cast).items()}
    lines = {name: [str(one.subject) for one in all_ if one.reason == "action_unowned"] for name, all_ in found.items()}
    return {name: titles for name, titles in lines.items() if titles}


def test_action_that_nobody_does_is_a_task_of_the_lead_at_once(signed_in: SignedIn, cast: Cast) -> None:
    calm()
    made = step(cast, 4)
    assert unowned(cast) == {"head": ["Train every officer"]}
    (section,) = read(signed_in("head").get("/")).one(id="home").all("section")
    assert "Missing owner or due date (1) Train every officer" in section.text
    assert "No owner no due date" in section.text
    Action.objects.filter(pk=made.pk).update(due_on=TODAY)
    assert "No owner due 23 November 2026" in read(signed_in("head").get("/")).text
    Action.objects.filter(pk=made.pk).update(due_on=TODAY - datetime.timedelta(days=1))
    assert unowned(cast) == {}


def test_action_that_a_body_without_accounts_does_needs_no_owner(cast: Cast) -> None:
    step(cast, 4, done_by="Kent Police")
    step(cast, 5, owner=cast.officer)
    assert unowned(cast) == {}
