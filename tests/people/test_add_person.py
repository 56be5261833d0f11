"""An administrator adds somebody with a first role."""

import datetime
import uuid
from typing import Any

import pytest
from django.test import Client

from tests.base import KSS, NOON, NORTH, PASSWORD, TODAY, Cast
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Membership, User
from tracker.people.operations import add_person

pytestmark = pytest.mark.usefixtures("at_noon")
URL = "/people/add/"
WEST = f"{KSS}west-kent-pdu/"


def typed(**more: str) -> dict[str, str]:
    return {
        "name": "Noor Shah",
        "email": "Noor.Shah@Kent.Test",
        "organisation": str(place(WEST).pk),
        "role": "contributor",
        "ends_on": "",
    } | more


def test_operator_is_not_asked_whose_address_it_is(cast: Cast) -> None:
    given: dict[str, Any] = {"name": "Other", "role": "reader", "organisation": place(NORTH), "at": NOON}
    assert add_person(cast.officer.email, by=None, **given) == cast.officer
    assert Membership.objects.filter(user=cast.officer, role="reader").count() == 1


@pytest.mark.verb
def test_it_makes_an_account_without_a_password_and_a_role(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    answer = client.post(URL, sent(client.get(URL), URL, **typed(ends_on="31/3/2027")))
    assert (answer.status_code, answer["Location"]) == (302, "/people/")
    person = User.objects.get(email="noor.shah@kent.test")
    assert (person.name, person.is_active, person.has_usable_password()) == ("Noor Shah", True, False)
    role = Membership.objects.get(user=person)
    assert (role.role, role.organisation, role.ends_on) == ("contributor", place(WEST), datetime.date(2027, 3, 31))
    added, given = events_since(before)
    assert (added.verb, added.subject_id, added.actor) == ("person.added", person.pk, cast.admin)
    assert (given.verb, given.subject_id, given.organisation_id) == ("role.given", role.pk, place(WEST).pk)
    assert added.operation_id == given.operation_id
    assert added.changes["email"] == [None, "noor.shah@kent.test"]
    assert "Person added. If they are new, they will get an invitation by email." in client.get("/people/").text


def test_existing_account_keeps_its_name_and_gets_the_role(signed_in: SignedIn, cast: Cast) -> None:
    before, people = last_event(), User.objects.count()
    client = signed_in("admin")
    form = typed(name="Another Name", email="STRANGER@example.test")
    answer = client.post(URL, form)
    said = "This address belongs to Stranger, who has an account. Confirm below that you mean them."
    assert problems(answer) == [said]
    assert "is_known" not in sent(client.get(URL), URL)
    # A box that was ticked for another address confirms nothing.
    assert problems(client.post(URL, form | {"is_known": "other@example.test"})) == [said]
    (box,) = read(answer).all("input", name="is_known")
    form |= {"is_known": box.attrs["value"]}
    assert client.post(URL, form).status_code == 302
    person = User.objects.get(pk=cast.stranger.pk)
    assert (person.name, person.password, person.version) == ("Stranger", cast.stranger.password, 1)
    given = person.memberships.get(organisation=place(WEST))
    assert (given.role, person.memberships.count(), User.objects.count()) == ("contributor", 2, people)
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("role.given", given.pk, cast.admin)
    # Typed once more, as another form: the role is there already.
    assert problems(client.post(URL, form)) == ["Stranger already has this role there."]


def test_the_same_key_with_other_words_is_another_form(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    key = {"request_key": str(uuid.uuid4())}
    assert client.post(URL, typed() | key).status_code == 302
    assert client.post(URL, typed(name="Ann Lee", email="ann@kent.test") | key).status_code == 302
    assert User.objects.filter(email__in=["noor.shah@kent.test", "ann@kent.test"]).count() == 2


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    assert is_part(client.get(URL, headers=HTMX), "add-person")
    answer = client.post(URL, typed(name=""), headers=HTMX)
    assert problems(answer) == ["Enter name"]
    assert is_part(answer, "add-person")
    answer = client.post(URL, typed(), headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/people/")


def test_a_form_sent_twice_adds_once_and_answers_alike(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    form = typed(request_key=str(uuid.uuid4()))
    before = last_event()
    assert [client.post(URL, form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 2


@pytest.mark.grid
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "ADMIN@example.test"}, "You cannot give yourself a role. Ask another administrator."),
        (
            {"email": "Gone@example.test"},
            "This address belongs to Gone, whose account is closed. Confirm below to reopen it.",
        ),
        ({"email": "noor"}, "Enter a valid email address."),
        ({"name": "\u200b \u2800"}, "Enter name"),
        ({"role": "owner"}, "Select a valid choice. owner is not one of the available choices."),
        ({"organisation": ""}, "Select organisation"),
        ({"ends_on": "23/11/2026"}, "Enter a date after today, or leave this blank."),
        ({"ends_on": "soon"}, "Enter a date such as 31/10/2026"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(signed_in: SignedIn, wrong: dict[str, str], said: str) -> None:
    User.objects.create(email="gone@example.test", name="Gone", is_active=False)
    before, people = last_event(), User.objects.count()
    form = typed(**wrong)
    answer = signed_in("admin").post(URL, form)
    assert problems(answer) == [said]
    assert sent(answer, URL)["name"] == [form["name"]]
    assert read(answer).one("title").text.startswith("Error: Add a person")
    assert (last_event(), User.objects.count()) == (before, people)


def test_only_administered_organisations_are_offered(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    offered = read(client.get(URL)).one("select", name="organisation").text
    assert "West Kent PDU" in offered
    assert "North East" not in offered
    for path in (NORTH, "hmpps/"):
        (said,) = problems(client.post(URL, typed(organisation=str(place(path).pk))))
        assert said.startswith("Select a valid choice.")


def test_no_role_at_a_place_that_has_ended(signed_in: SignedIn) -> None:
    west = place(WEST)
    west.ended_on = TODAY
    west.save(update_fields=["ended_on"])
    (said,) = problems(signed_in("admin").post(URL, typed()))
    assert said.startswith("Select a valid choice.")


def test_other_people_are_refused(signed_in: SignedIn) -> None:
    keeps_out(signed_in, URL, typed(), unseen=False)


def test_whoever_left_comes_back_with_the_same_address(signed_in: SignedIn, cast: Cast) -> None:
    person = User.objects.create_user("gone@example.test", "Gone", PASSWORD)
    User.objects.filter(pk=person.pk).update(is_active=False)
    before = last_event()
    form = typed(email="gone@example.test", is_known="gone@example.test")
    assert signed_in("admin").post(URL, form).status_code == 302
    person.refresh_from_db()
    assert (person.is_active, person.name, person.has_usable_password()) == (True, "Gone", False)
    assert [event.verb for event in events_since(before)] == ["person.account_reopened", "role.given"]
    assert not Client().login(username=person.email, email=person.email, password=PASSWORD)
