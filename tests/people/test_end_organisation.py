"""An organisation ends: from that day it is no longer offered, and what it had stays."""

import uuid

import pytest

from tests.base import KSS, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Organisation
from tracker.recommendations.models import Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")
WEST = f"{KSS}west-kent-pdu/"
EAST = f"{KSS}east-kent-pdu/"
UNDER_EAST = f"{EAST}west-kent-pdu/"


def url(path: str = WEST) -> str:
    return f"/people/organisations/{place(path).pk}/end/"


def to_east(**more: str) -> dict[str, str]:
    return {"version": "1", "successor": str(place(EAST).pk)} | more


@pytest.mark.verb
def test_page_lists_what_is_open_and_a_successor_takes_over(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(1).pk).update(owner=cast.officer)
    before = last_event()
    client = signed_in("admin")
    page = client.get(url())
    text = read(page).one(id="end-organisation").text
    count = Recommendation.objects.unfinished().filter(addressee=place(WEST)).count()
    assert f"{count} recommendations" in text
    assert "1 report" in text
    assert "Lead: Head" in text
    assert "West Kent PDU" not in read(page).one("select", name="successor").text
    answer = client.post(url(), sent(page, url()) | to_east())
    assert (answer.status_code, answer["Location"]) == (302, "/people/organisations/")
    ended = place(UNDER_EAST)
    assert (ended.ended_on, ended.successor, ended.parent) == (TODAY, place(EAST), place(EAST))
    verbs = [event.verb for event in events_since(before)]
    assert verbs == ["role.ended"] * 4 + ["organisation.ended"] + ["role.given"] * 4
    rows = read(client.get("/people/organisations/")).one("tbody").all("tr")
    (row,) = [row for row in rows if row.text.startswith("West Kent PDU")]
    assert "Ended on 23 November 2026 now part of East Kent PDU" in " ".join(row.text.split())
    assert "West Kent PDU" not in read(client.get("/people/add/")).one("select", name="organisation").text


def test_without_a_successor_it_does_not_end(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    answer = signed_in("admin").post(url(), {"version": "1", "successor": ""})
    assert problems(answer) == ["Select which organisation takes over"]
    assert last_event() == before


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    assert is_part(client.get(url(), headers=HTMX), "end-organisation")
    there = url()
    assert client.post(there, to_east(), headers=HTMX)["HX-Redirect"] == "/people/organisations/"
    answer = client.post(there, to_east(version="2"), headers=HTMX)
    assert "This organisation has already ended." in problems(answer)
    assert is_part(answer, "end-organisation")


def test_one_where_nothing_is_open_ends_without_a_successor(signed_in: SignedIn, cast: Cast) -> None:
    there = url(f"{KSS}surrey-pdu/")
    client = signed_in("admin")
    page = client.get(there)
    assert "Nothing is open there and nobody has a role" in read(page).text
    assert client.post(there, sent(page, there)).status_code == 302
    assert place(f"{KSS}surrey-pdu/").ended_on == TODAY


def test_a_form_sent_twice_ends_it_once_and_answers_alike(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    form, there = to_east(request_key=str(uuid.uuid4())), url()
    client = signed_in("admin")
    assert [client.post(there, form).status_code for _ in range(2)] == [302, 302]
    assert len([event for event in events_since(before) if event.verb == "organisation.ended"]) == 1


def test_conflicting_change_is_reported_and_the_end_can_be_finished(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    form = sent(client.get(url()), url()) | to_east()
    Organisation.objects.filter(path=WEST).update(name="Maidstone PDU", version=2)
    answer = client.post(url(), form)
    assert problems(answer) == ["Someone else has changed this since you opened it."]
    assert read(answer).one("h1").text == "End Maidstone PDU"
    assert place(WEST).ended_on is None
    assert client.post(url(), sent(answer, url())).status_code == 302


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    keeps_out(signed_in, url(), {"version": "1"})
