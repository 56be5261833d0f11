"""An administrator gives somebody a role, and never themselves."""

import datetime
import uuid

import pytest

from tests.base import KSS, NORTH, Cast
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Membership, User

pytestmark = pytest.mark.usefixtures("at_noon")
EAST = f"{KSS}east-kent-pdu/"


def url(person: User) -> str:
    return f"/people/{person.pk}/give-role/"


def typed(**more: str) -> dict[str, str]:
    return {"organisation": str(place(EAST).pk), "role": "reader", "ends_on": ""} | more


@pytest.mark.verb
def test_it_holds_from_now_on(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    page = client.get(url(cast.officer))
    assert "Reviews the organisations below this one" in read(page).text
    answer = client.post(url(cast.officer), sent(page, url(cast.officer), **typed(ends_on="1 April 2027")))
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{cast.officer.pk}/")
    role = Membership.objects.get(user=cast.officer, role="reader")
    assert (role.organisation, role.ends_on) == (place(EAST), datetime.date(2027, 4, 1))
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("role.given", role.pk, cast.admin)
    assert event.organisation_id == place(EAST).pk
    assert event.after["user_id"] == cast.officer.pk


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    assert is_part(client.get(url(cast.officer), headers=HTMX), "give-role")
    answer = client.post(url(cast.officer), typed(role=""), headers=HTMX)
    assert problems(answer) == ["Select role"]
    assert is_part(answer, "give-role")
    answer = client.post(url(cast.officer), typed(), headers=HTMX)
    assert answer["HX-Redirect"] == f"/people/{cast.officer.pk}/"


def test_a_form_sent_twice_gives_once(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    form = typed(request_key=str(uuid.uuid4()))
    assert [client.post(url(cast.officer), form).status_code for _ in range(2)] == [302, 302]
    assert Membership.objects.filter(user=cast.officer, role="reader").count() == 1


def test_own_role_cannot_be_given(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    answer = signed_in("admin").post(url(cast.admin), typed(role="lead"))
    assert problems(answer) == ["You cannot give yourself a role. Ask another administrator."]
    assert last_event() == before


def test_a_role_is_held_once(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    answer = signed_in("admin").post(url(cast.neighbour), typed(role="lead"))
    assert problems(answer) == ["Neighbour already has this role there."]
    assert last_event() == before


def test_one_that_ended_can_be_given_again(signed_in: SignedIn, cast: Cast) -> None:
    ended = datetime.date(2026, 11, 23)
    Membership.objects.create(user=cast.officer, role="reader", organisation=place(EAST), ends_on=ended)
    assert signed_in("admin").post(url(cast.officer), typed()).status_code == 302
    assert Membership.objects.filter(user=cast.officer, role="reader").count() == 2


def test_only_administrators_of_the_place(signed_in: SignedIn, cast: Cast) -> None:
    for path in (NORTH, "hmpps/"):
        (said,) = problems(signed_in("admin").post(url(cast.officer), typed(organisation=str(place(path).pk))))
        assert said.startswith("Select a valid choice.")


def test_not_to_somebody_whose_account_is_closed(signed_in: SignedIn, cast: Cast) -> None:
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    client = signed_in("admin")
    assert client.get(url(cast.officer)).status_code == 404
    assert client.post(url(cast.officer), typed()).status_code == 404


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    keeps_out(signed_in, url(cast.officer), typed())
