"""An administrator adds an organisation below one of theirs."""

import uuid

import pytest

from tests.base import KSS, NORTH, Cast
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Organisation

pytestmark = pytest.mark.usefixtures("at_noon")
URL = "/people/organisations/add/"


def typed(**more: str) -> dict[str, str]:
    return {"name": "Medway PDU", "kind": "pdu", "parent": str(place(KSS).pk)} | more


@pytest.mark.verb
def test_it_stands_below_its_parent(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    answer = client.post(URL, sent(client.get(URL), URL, **typed()))
    assert (answer.status_code, answer["Location"]) == (302, "/people/organisations/")
    made = Organisation.objects.get(name="Medway PDU")
    assert (made.kind, made.parent, made.path) == ("pdu", place(KSS), f"{KSS}medway-pdu/")
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("organisation.added", made.pk, cast.admin)
    assert event.organisation_id == made.pk
    assert "Medway PDU" in read(client.get("/people/organisations/")).one(id="organisations").text


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn) -> None:
    client = signed_in("admin")
    assert is_part(client.get(URL, headers=HTMX), "add-organisation")
    answer = client.post(URL, typed(name=""), headers=HTMX)
    assert problems(answer) == ["Enter name"]
    assert is_part(answer, "add-organisation")
    assert client.post(URL, typed(), headers=HTMX)["HX-Redirect"] == "/people/organisations/"


def test_a_form_sent_twice_adds_once(signed_in: SignedIn) -> None:
    before = last_event()
    form = typed(request_key=str(uuid.uuid4()))
    client = signed_in("admin")
    assert [client.post(URL, form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("west kent  pdu", "West Kent PDU already has this name."),
        ("KSS", "Kent, Surrey and Sussex already has this name."),
        ("West-Kent PDU!", "There is already an organisation with a very similar name."),
    ],
)
def test_name_belongs_to_one_organisation(signed_in: SignedIn, name: str, said: str) -> None:
    before = last_event()
    answer = signed_in("admin").post(URL, typed(name=name))
    assert problems(answer) == [said]
    assert last_event() == before


@pytest.mark.parametrize("wrong", [{"kind": "national"}, {"kind": "team"}, {"parent": "west"}, {"parent": "999999"}])
def test_what_is_not_offered_cannot_be_chosen(signed_in: SignedIn, wrong: dict[str, str]) -> None:
    (said,) = problems(signed_in("admin").post(URL, typed(**wrong)))
    assert said.startswith("Select a valid choice.")


@pytest.mark.parametrize("path", [NORTH, "hmpps/", f"{KSS}west-kent-pdu/"])
def test_not_outside_nor_below_a_pdu(signed_in: SignedIn, path: str) -> None:
    (said,) = problems(signed_in("admin").post(URL, typed(parent=str(place(path).pk))))
    assert said.startswith("Select a valid choice.")


def test_other_people_are_refused(signed_in: SignedIn) -> None:
    keeps_out(signed_in, URL, typed(), unseen=False)
