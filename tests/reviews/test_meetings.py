"""The list of meetings, the ways to it, and what the pages of a meeting cost."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, Cast, west_kent
from tests.factories import everywhere, place, read, scattered
from tests.reviews.meeting import EAST, LIST, WEST, agenda, held, opened, start_url, url
from tests.sampling import MANY
from tracker.history.operations import Actor
from tracker.reviews.models import ReviewSession, SessionItem
from tracker.reviews.operations.session import close_meeting, note

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def rows(client: Client, query: str = "") -> list[list[str]]:
    table = read(client.get(LIST + query)).one(id="meetings").all("table")[-1]
    return [[cell.text for cell in row.all()[:1] + row.all("td")] for row in table.one("tbody").all("tr")]


def test_past_meetings_are_listed_newest_first_by_organisation(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    held(cast, 60)
    west = held(cast, 30)
    close_meeting(opened(cast, EAST), by=Actor(cast.director), at=NOON)
    opened(cast)
    client = signed_in("director")
    days = [row[0].split(" ,")[0].split(",")[0] for row in rows(client)]
    assert days == ["23 November 2026", "24 October 2026", "24 September 2026"]
    assert len(rows(client, f"?organisation={west.organisation_id}")) == 2
    page = read(client.get(LIST))
    assert "Continue the meeting" in page.one(id="meetings").all("table")[0].text
    # The head sees those of West Kent, and the one that is under way.
    page = read(signed_in("head").get(LIST)).one(id="meetings")
    assert "The meeting about West Kent PDU is under way" in page.text
    assert "East Kent" not in page.text


def test_many_stand_on_several_pages(signed_in: SignedIn, cast: Cast) -> None:
    for days_ago in range(30):
        held(cast, 40 - days_ago)
    client = signed_in("director")
    page = read(client.get(LIST))
    assert len(rows(client)) == 25
    assert len(rows(client, page.one("a", rel="next").attrs["href"])) == 5


def test_person_without_covers_is_told_so(signed_in: SignedIn) -> None:
    assert "No meetings have been held yet." in read(signed_in("head").get(LIST)).text
    assert read(signed_in("director").get(LIST)).one(id="meetings").text.count("none yet") == 5


def test_links_to_the_page(signed_in: SignedIn) -> None:
    links = {a.attrs["href"] for a in read(signed_in("director").get("/review/")).all("a")}
    assert LIST in links
    here = read(signed_in("director").get(LIST)).one("a", class_="moj-sub-navigation__link", aria_current="page")
    assert here.attrs["href"] == LIST
    assert LIST in {a.attrs["href"] for a in read(signed_in("head").get("/")).all("a")}
    for who in ("reader", "admin"):
        assert LIST not in {a.attrs["href"] for a in read(signed_in(who).get("/review/")).all("a")}


def test_only_leads_and_reviewers_have_meetings(client: Client, cast: Cast) -> None:
    found = set()
    for who in vars(cast):
        client.force_login(getattr(cast, who))
        status = client.get(LIST).status_code
        assert status in (200, 403), who
        found |= {who} if status == 200 else set()
    assert found == {"head", "neighbour", "operations", "director", "policy", "national", "stranger"}


def costs(client: Client, session: ReviewSession) -> dict[str, int]:
    first = SessionItem.objects.filter(session=session).earliest("position")
    found = {}
    pages = {"list": LIST, "start": start_url(EAST), "meeting": url(session), "talk": url(session, first)}
    client.get(LIST)
    for name, path in pages.items():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200, name
        found[name] = len(asked)
    return found


def test_a_page_costs_the_same_for_few_rows_and_for_many(signed_in: SignedIn, cast: Cast) -> None:
    owners, places = [cast.head, cast.officer], [place(WEST), place(EAST)]
    agenda(cast)
    held(cast, 28, n5="Booked.")
    scattered(1, west_kent(), places, owners, 12)
    session = opened(cast)
    note(SessionItem.objects.filter(session=session).earliest("position"), "Soon.", by=Actor(cast.director), at=NOON)
    client = signed_in("director")
    few = costs(client, session)
    close_meeting(session, by=Actor(cast.director), at=NOON)
    scattered(2, west_kent(), places, owners, MANY)
    session = opened(cast, at=NOON + datetime.timedelta(minutes=1))
    assert session.items.count() > MANY / 10
    for item in session.items.select_related("recommendation")[:30]:
        note(item, "Soon.", by=Actor(cast.director), at=NOON + datetime.timedelta(minutes=2))
    assert costs(client, session) == few
    assert few == {"list": 11, "start": 11, "meeting": 15, "talk": 21}


def test_thirty_organisations_cost_no_more_than_five(signed_in: SignedIn, cast: Cast) -> None:
    everywhere(5, 40, [cast.officer], (WEST, EAST, KSS))
    client = signed_in("director")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    region = place(KSS)
    for number in range(25):
        name = f"Small PDU {number}"
        type(region).objects.create(name=name, kind="pdu", parent=region, path=type(region).path_for(name, region))
    with CaptureQueriesContext(connection) as many:
        assert len(read(client.get(LIST)).one(id="meetings").all("table")[0].one("tbody").all("tr")) == 30
    assert len(many) == len(few)
