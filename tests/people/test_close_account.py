"""Somebody leaves: their access ends at once, whatever is still theirs."""

import uuid
from typing import Any

import pytest
from django.test import Client

from tests.base import NOON, PASSWORD, TODAY, Cast, recommendation
from tests.factories import in_status, place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Membership, User
from tracker.history.operations import Actor
from tracker.people.models import RoleRequest
from tracker.people.role_requests import confirm_role
from tracker.recommendations.models import Recommendation, status_filters

pytestmark = pytest.mark.usefixtures("at_noon")


def url(person: User) -> str:
    return f"/people/{person.pk}/close/"


def own(person: User, *numbers: int) -> None:
    Recommendation.objects.filter(pk__in=[recommendation(n).pk for n in numbers]).update(owner=person)


def place_of(person: User) -> int:
    return Membership.objects.get(user=person).organisation_id


def successor_link(page: Any) -> str:
    (link,) = [one for one in page.all("a") if one.text.startswith("Choose who will take over")]
    return str(link.attrs["href"])


@pytest.mark.verb
def test_they_cannot_sign_in_and_their_roles_end(signed_in: SignedIn, cast: Cast) -> None:
    role, before = Membership.objects.get(user=cast.officer), last_event()
    client = signed_in("admin")
    answer = client.post(url(cast.officer), sent(client.get(url(cast.officer)), url(cast.officer)))
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{cast.officer.pk}/")
    cast.officer.refresh_from_db()
    role.refresh_from_db()
    assert (cast.officer.is_active, role.ends_on) == (False, TODAY)
    ended, closed = events_since(before)
    assert (ended.verb, ended.subject_id) == ("role.ended", role.pk)
    assert (closed.verb, closed.subject_id, closed.actor) == ("person.account_closed", cast.officer.pk, cast.admin)
    assert closed.changes == {"is_active": [True, False], "version": [1, 2]}
    assert ended.operation_id == closed.operation_id


def test_a_session_that_is_open_ends_with_the_account(signed_in: SignedIn, cast: Cast) -> None:
    theirs = Client()
    assert theirs.login(username=cast.officer.email, email=cast.officer.email, password=PASSWORD)
    assert theirs.get("/recommendations/").status_code == 200
    assert signed_in("admin").post(url(cast.officer), {"version": "1"}).status_code == 302
    assert theirs.get("/recommendations/").status_code == 302
    assert not theirs.login(username=cast.officer.email, email=cast.officer.email, password=PASSWORD)


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    assert is_part(client.get(url(cast.officer), headers=HTMX), "close-account")
    answer = client.post(url(cast.officer), {"version": "1"}, headers=HTMX)
    assert answer["HX-Redirect"] == f"/people/{cast.officer.pk}/"
    answer = client.post(url(cast.officer), {"version": "2"}, headers=HTMX)
    assert problems(answer) == ["This account is already closed."]
    assert is_part(answer, "close-account")


def test_open_items_are_listed_and_do_not_keep_the_account_open(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4)
    client = signed_in("admin")
    page = read(client.get(url(cast.officer))).one(id="close-account")
    links = {link.attrs["href"] for link in page.all("a", class_="govuk-link")}
    assert {f"/recommendations/{recommendation(n).pk}/" for n in (1, 4)} < links
    assert f"/people/{cast.officer.pk}/hand-over/" in links
    assert client.post(url(cast.officer), {"version": "1"}).status_code == 302
    assert Recommendation.objects.filter(status_filters(TODAY)["no_owner"], owner=cast.officer).count() == 2
    # Afterwards as well, by the administrator and by the lead.
    assert client.get(f"/people/{cast.officer.pk}/hand-over/").status_code == 200
    assert signed_in("head").get(f"/hand-over/{cast.officer.pk}/").status_code == 200
    assert "was Officer" in signed_in("head").get("/recommendations/?mark=no_owner").text


def test_the_only_lead_is_named_with_a_link_to_who_follows(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("admin").get(url(cast.head))).one(id="close-account")
    assert "Nobody else is lead of West Kent PDU. Choose who will take over" in page.text
    form = read(signed_in("admin").get(successor_link(page)))
    chosen = [option.attrs["value"] for option in form.all("option") if "selected" in option.attrs]
    assert chosen == [str(recommendation(4).addressee_id), "lead"]
    assert "Nobody else is" not in read(signed_in("admin").get(url(cast.officer))).text


@pytest.mark.parametrize(("who", "role"), [("head", "lead of West Kent PDU"), ("director", "reviewer of Kent, Surrey")])
def test_page_of_an_only_lead_or_reviewer_who_left_asks_who_follows(
    signed_in: SignedIn, cast: Cast, who: str, role: str
) -> None:
    left: User = getattr(cast, who)
    client = signed_in("admin")
    assert "Nobody is" not in client.get(f"/people/{left.pk}/").text
    page = read(client.post(url(left), {"version": "1"}, follow=True)).one(id="person")
    assert f"Nobody is {role}" in page.text
    kind = Membership.objects.get(user=left).role
    form = {"name": "New", "email": "new@example.test", "organisation": str(place_of(left)), "role": kind}
    assert client.get(successor_link(page)).status_code == 200
    assert client.post("/people/add/", form).status_code == 302
    for request in RoleRequest.objects.all():
        confirm_role(request, by=Actor(cast.top_admin), at=NOON)
    assert "Nobody is" not in client.get(f"/people/{left.pk}/").text


def test_page_of_whoever_left_leads_to_reassigning_what_is_still_theirs(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4)
    client = signed_in("admin")
    assert "reassign" not in read(client.get(f"/people/{cast.officer.pk}/")).text.lower()
    page = read(client.post(url(cast.officer), {"version": "1"}, follow=True)).one(id="person")
    assert "2 open items need to be reassigned. Reassign work" in page.text
    links = {link.attrs["href"] for link in page.all("a", class_="govuk-link")}
    assert f"/people/{cast.officer.pk}/hand-over/" in links
    own(cast.colleague, 1, 4)
    assert "reassign" not in read(client.get(f"/people/{cast.officer.pk}/")).text.lower()


def test_what_is_finished_keeps_its_owner_and_no_account_open(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1)
    in_status(recommendation(1), "signed_off", cast.director)
    assert signed_in("admin").post(url(cast.officer), {"version": "1"}).status_code == 302
    assert recommendation(1).owner == cast.officer


def test_a_form_sent_twice_closes_once_and_answers_alike(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    form = {"version": "1", "request_key": str(uuid.uuid4())}
    client = signed_in("admin")
    assert [client.post(url(cast.officer), form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 2


def test_conflicting_change_is_reported_and_nothing_is_half_done(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    form = sent(client.get(url(cast.officer)), url(cast.officer))
    User.objects.filter(pk=cast.officer.pk).update(version=2)
    answer = client.post(url(cast.officer), form)
    assert problems(answer) == ["Someone else has changed this since you opened it."]
    assert last_event() == before
    assert Membership.objects.get(user=cast.officer).ends_on is None
    assert client.post(url(cast.officer), sent(answer, url(cast.officer))).status_code == 302


def test_the_last_administrator_cannot_be_closed(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.create(user=cast.officer, role="administrator", organisation=place("hmpps/"))
    Membership.objects.filter(user=cast.top_admin).update(ends_on=TODAY)
    client = signed_in("admin")
    # Of the region, so not of whoever administers HMPPS.
    assert client.post(url(cast.officer), {"version": "1"}).status_code == 403
    Membership.objects.filter(user=cast.officer, role="administrator").delete()
    assert client.post(url(cast.officer), {"version": "1"}).status_code == 302


def test_neither_outsiders_nor_oneself_can_be_closed(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.create(user=cast.officer, role="reader", organisation=place("hmpps/"))
    client = signed_in("admin")
    for person in (cast.officer, cast.admin):
        assert client.get(url(person)).status_code == 403
        assert client.post(url(person), {"version": "1"}).status_code == 403
    assert b"also has a role outside your organisations" in client.get(f"/people/{cast.officer.pk}/").content
    assert signed_in("top_admin").post(url(cast.officer), {"version": "1"}).status_code == 302


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    keeps_out(signed_in, url(cast.officer), {"version": "1"})
