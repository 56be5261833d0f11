"""An organisation ends: from that day it is no longer offered, and what it had stays."""

import uuid

import pytest

from tests.base import KSS, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Membership, Organisation

pytestmark = pytest.mark.usefixtures("at_noon")
WEST = f"{KSS}west-kent-pdu/"


def url(path: str = WEST) -> str:
    return f"/people/organisations/{place(path).pk}/end/"


@pytest.mark.verb
def test_it_ends_today_and_what_was_addressed_to_it_stays(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    answer = client.post(url(), sent(client.get(url()), url()))
    assert (answer.status_code, answer["Location"]) == (302, "/people/organisations/")
    ended = place(WEST)
    assert ended.ended_on == TODAY
    assert recommendation(1).addressee == ended
    *roles, event = events_since(before)
    # The head, two contributors and the supplier have no role there from today.
    assert [role.verb for role in roles] == ["role.ended"] * 4
    assert not Membership.objects.active(TODAY).filter(organisation=ended).exists()
    assert (event.verb, event.subject_id, event.actor) == ("organisation.ended", ended.pk, cast.admin)
    assert event.changes == {"ended_on": [None, "2026-11-23"], "version": [1, 2]}
    rows = read(client.get("/people/organisations/")).one("tbody").all("tr")
    (row,) = [row for row in rows if row.text.startswith("West Kent PDU")]
    assert "Ended on 23 November 2026" in row.text
    assert not row.all("a")
    assert "West Kent PDU" not in read(client.get("/people/add/")).one("select", name="organisation").text


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    assert is_part(client.get(url(), headers=HTMX), "end-organisation")
    assert client.post(url(), {"version": "1"}, headers=HTMX)["HX-Redirect"] == "/people/organisations/"
    answer = client.post(url(), {"version": "2"}, headers=HTMX)
    assert problems(answer) == ["This organisation has already ended."]
    assert is_part(answer, "end-organisation")


@pytest.mark.parametrize(
    ("path", "said"),
    [(KSS, "End the organisations below it first."), ("hmpps/", "You cannot end the national service.")],
)
def test_no_organisation_above_others_or_at_the_top(signed_in: SignedIn, cast: Cast, path: str, said: str) -> None:
    before = last_event()
    assert problems(signed_in("top_admin").post(url(path), {"version": "1"})) == [said]
    assert last_event() == before


def test_organisation_without_current_children_can_end(signed_in: SignedIn, cast: Cast) -> None:
    Organisation.objects.filter(parent=place(KSS)).update(ended_on=TODAY)
    assert signed_in("admin").post(url(KSS), {"version": "1"}).status_code == 302


def test_a_form_sent_twice_ends_it_once_and_answers_alike(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    form = {"version": "1", "request_key": str(uuid.uuid4())}
    client = signed_in("admin")
    assert [client.post(url(), form).status_code for _ in range(2)] == [302, 302]
    assert len([event for event in events_since(before) if event.verb == "organisation.ended"]) == 1


def test_conflicting_change_is_reported_and_the_end_date_can_be_finished(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    form = sent(client.get(url()), url())
    Organisation.objects.filter(path=WEST).update(name="Maidstone PDU", version=2)
    answer = client.post(url(), form)
    assert problems(answer) == ["Someone else has changed this since you opened it."]
    assert read(answer).one("h1").text == "End Maidstone PDU"
    assert place(WEST).ended_on is None
    assert client.post(url(), sent(answer, url())).status_code == 302


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    keeps_out(signed_in, url(), {"version": "1"})
