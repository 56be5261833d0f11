"""An organisation gets another name; the old one still finds it."""

import uuid

import pytest

from tests.base import KSS, Cast
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Organisation
from tracker.accounts.operations import organisation_called

pytestmark = pytest.mark.usefixtures("at_noon")
PATH = f"{KSS}west-kent-pdu/"


def url() -> str:
    return f"/people/organisations/{place(PATH).pk}/rename/"


def typed(name: str = "Maidstone PDU", version: int = 1) -> dict[str, str]:
    return {"name": name, "version": str(version)}


@pytest.mark.verb
def test_the_old_name_stays_as_another_name(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    page = client.get(url())
    assert sent(page, url())["name"] == ["West Kent PDU"]
    answer = client.post(url(), sent(page, url(), name="Maidstone PDU"))
    assert (answer.status_code, answer["Location"]) == (302, "/people/organisations/")
    renamed = place(PATH)
    assert (renamed.name, renamed.version) == ("Maidstone PDU", 2)
    assert organisation_called("west kent pdu") == organisation_called("Maidstone PDU") == renamed
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("organisation.renamed", renamed.pk, cast.admin)
    assert event.changes == {"name": ["West Kent PDU", "Maidstone PDU"], "version": [1, 2]}


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    assert is_part(client.get(url(), headers=HTMX), "rename-organisation")
    answer = client.post(url(), typed(""), headers=HTMX)
    assert problems(answer) == ["Enter name"]
    assert is_part(answer, "rename-organisation")
    assert client.post(url(), typed(), headers=HTMX)["HX-Redirect"] == "/people/organisations/"


def test_it_can_take_one_of_its_other_names_and_its_old_one_again(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    for version, name in enumerate(["West Kent", "West Kent PDU", "WEST KENT PDU"], start=1):
        assert client.post(url(), typed(name, version)).status_code == 302
        assert place(PATH).name == name
    assert [alias.name for alias in place(PATH).aliases.all()] == ["West Kent"]


@pytest.mark.parametrize("name", ["Surrey", "east kent pdu", "HMPPS"])
def test_the_name_of_another_is_refused(signed_in: SignedIn, cast: Cast, name: str) -> None:
    before = last_event()
    answer = signed_in("admin").post(url(), typed(name))
    (said,) = problems(answer)
    assert said.endswith("already has this name.")
    assert sent(answer, url())["name"] == [name]
    assert read(answer).one("h1").text == "West Kent PDU"
    assert last_event() == before


def test_a_form_sent_twice_renames_once(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    form = typed() | {"request_key": str(uuid.uuid4())}
    client = signed_in("admin")
    assert [client.post(url(), form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 1


def test_second_simultaneous_rename_can_be_finished(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    form = sent(client.get(url()), url(), name="Maidstone PDU")
    Organisation.objects.filter(path=PATH).update(name="Tonbridge PDU", version=2)
    answer = client.post(url(), form)
    assert problems(answer) == ["Someone else has changed this since you opened it."]
    assert read(answer).one("h1").text == "Tonbridge PDU"
    assert sent(answer, url())["name"] == ["Maidstone PDU"]
    assert client.post(url(), sent(answer, url())).status_code == 302
    assert place(PATH).name == "Maidstone PDU"


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    keeps_out(signed_in, url(), typed())
