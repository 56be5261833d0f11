"""What a cover does for who is away: told with both names, where it was not their own right to do it."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.accounts.covering import away
from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import place, read
from tests.people.pages import SignedIn, events_since, last_event
from tests.recommendations.reporting import own, report_url, updates
from tests.recommendations.reviewing import submitted
from tracker.accounts.models import Membership, User
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.measures.models import Measure
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.timeline.queries import history_of

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"progress": "some", "what_changed": "Ten staff were trained."}


def done_for(before: Event | None) -> set[User | None]:
    return {event.in_place_of for event in events_since(before)}


def page(client: Client, number: int = 4) -> str:
    return read(client.get(f"/recommendations/{recommendation(number).pk}/")).one(id="main-content").text


def test_update_by_a_cover_has_both_names(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    away(cast.officer, cast.colleague)
    before = last_event()
    client = signed_in("colleague")
    assert client.post(report_url(), TYPED).status_code == 302
    assert done_for(before) == {cast.officer}
    # It is the owner's word, given by another.
    assert (updates()[0].author, updates()[0].speaker) == (cast.colleague, "owner")
    assert history_of(recommendation(4))[0].by == "Colleague, covering for Officer"
    said = page(client)
    assert "Owner reports: Colleague, 23 November 2026 (covering for Officer)" in said
    assert "by Colleague, covering for Officer" in said


@pytest.mark.parametrize("right", ["owner", "lead"])
def test_cover_acting_in_their_own_right_has_one_name(signed_in: SignedIn, cast: Cast, right: str) -> None:
    own(cast.colleague if right == "owner" else cast.officer, 4)
    away(cast.head, cast.colleague)
    away(cast.officer, cast.colleague)
    if right == "lead":
        Membership.objects.create(user=cast.colleague, role="lead", organisation=place(f"{KSS}west-kent-pdu/"))
    before = last_event()
    assert signed_in("colleague").post(report_url(), TYPED).status_code == 302
    assert done_for(before) == {None}
    assert history_of(recommendation(4))[0].by == "Colleague"


def test_shared_update_records_the_capacity_for_each_item(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    own(cast.colleague, 5)
    away(cast.officer, cast.colleague)
    before = last_event()
    typed = TYPED | {"also": [str(recommendation(5).pk)]}
    assert signed_in("colleague").post(report_url(), typed).status_code == 302
    found = {event.recommendation_id: event.in_place_of for event in events_since(before)}
    assert found == {recommendation(4).pk: cast.officer, recommendation(5).pk: None}


def test_capacity_used_is_the_one_that_was_needed(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.colleague, 4)
    away(cast.head, cast.colleague)
    item, before = recommendation(4), last_event()
    row = {"owner": "officer@example.test", "due_on": "", "version": str(item.version)}
    form = {f"r{item.pk}-{name}": value for name, value in row.items()}
    assert signed_in("colleague").post(f"/recommendations/{item.pk}/change/", form).status_code == 302
    assert recommendation(4).owner == cast.officer
    assert done_for(before) == {cast.head}


def test_figures_are_given_in_the_place_of_the_supplier(signed_in: SignedIn, cast: Cast) -> None:
    mine, theirs = (
        Measure.objects.create(
            name=str(person), unit="%", better="down", organisation=recommendation(4).addressee, supplier=person
        )
        for person in (cast.colleague, cast.supplier)
    )
    away(cast.supplier, cast.colleague)
    before = last_event()
    form = read(signed_in("colleague").get("/figures/")).one("form", action="/figures/").sent()
    for measure in (mine, theirs):
        form |= {f"value_{measure.pk}": ["12"]}
    form |= {"as_of": ["31/10/2026"], "source": ["Audit"]}
    answer = signed_in("colleague").post("/figures/", form)
    assert answer.status_code == 302, read(answer).text
    assert [event.in_place_of for event in events_since(before)] == [None, cast.supplier]
    Measure.objects.filter(pk=theirs.pk).update(supplier=cast.officer)
    assert f"value_{theirs.pk}" not in signed_in("colleague").get("/figures/").text


def test_reviewers_cover_decides_and_either_ones_part_bars(signed_in: SignedIn, cast: Cast) -> None:
    item = submitted(4, cast)
    away(cast.director, cast.operations)
    url = f"/recommendations/{item.pk}/return/"
    client = signed_in("operations")
    form = read(client.get(url)).one("form", action=url).sent() | {"reason": ["No proof."]}
    before = last_event()
    answer = client.post(url, form)
    assert answer.status_code == 302, read(answer).text
    assert done_for(before) == {cast.director}
    assert "Returned by Operations, covering for Director, 23 November 2026" in page(client)
    # The cover of the lead who is a reviewer as well has no say in it.
    Membership.objects.create(user=cast.supplier, role="reviewer", organisation=place(KSS))
    away(cast.head, cast.supplier)
    assert signed_in("supplier").get(f"/recommendations/{item.pk}/check/").status_code == 403


def test_home_and_digest_say_for_whom_a_task_is(signed_in: SignedIn, cast: Cast) -> None:
    yesterday = TODAY - datetime.timedelta(days=1)
    for number, owner in ((4, cast.officer), (5, cast.colleague)):
        item = recommendation(number)
        change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, plan=Plan(owner, yesterday, ""))
    client = signed_in("colleague")
    assert "Recommendation 4" not in read(client.get("/")).one(id="home").all("ul")[0].text
    away(cast.officer, cast.colleague)
    home = read(client.get("/")).one(id="home")
    assert "You are covering for Officer until 3 December 2026." in home.text
    rows = {row.one("a").text: "for Officer" in row.text for row in home.all("ul")[0].all("li")}
    assert rows == {"Recommendation 4": True, "Recommendation 5": False}
    assert "for Officer" not in read(signed_in("officer").get("/")).one(id="home").text


def test_the_page_says_that_the_owner_is_away(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 4)
    client = signed_in("head")
    assert "away until" not in page(client)
    away(cast.officer, cast.colleague)
    assert "Officer (away until 3 December 2026; covered by Colleague)" in page(client)
    Membership.objects.filter(user=cast.colleague).update(ends_on=TODAY)
    assert "away until" not in page(client)


def test_pages_cost_no_query_more_for_a_cover(signed_in: SignedIn, cast: Cast) -> None:
    """But for what whoever covers is shown and asked more: where they lead now."""
    own(cast.officer, 4, 5)

    def costs(who: str) -> list[int]:
        client, found = signed_in(who), []
        client.get("/inspections/")
        for url in ("/", "/recommendations/", f"/recommendations/{recommendation(4).pk}/"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            found.append(len(asked))
        return found

    own(cast.colleague, 6)
    before = {who: costs(who) for who in ("head", "colleague")}
    away(cast.officer, cast.colleague)
    assert {who: costs(who) for who in ("head", "colleague")} == before


def test_seen_event_is_still_the_latest(cast: Cast) -> None:
    """To name a cover is nothing that happened to a recommendation."""
    own(cast.officer, 4)
    seen = last_event_id(recommendation(4))
    away(cast.officer, cast.colleague)
    assert last_event_id(recommendation(4)) == seen
    assert Recommendation.objects.filter(inspection=west_kent()).exists()
