"""An embargo is set anew, lifted, and shared with people named one by one."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.base import NOON, Cast, west_kent
from tests.factories import read
from tests.inspections.embargoed import ENDS, TITLE, embargoed
from tests.people.pages import HTMX, SignedIn, events_since, is_part, last_event, problems, sent
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.inspections.forms import in_london, instant_in
from tracker.inspections.models import Inspection, Named
from tracker.inspections.operations import name_person, set_embargo
from tracker.inspections.policies import administered_inspections, can_set_embargo, embargoed_inspections
from tracker.recommendations.recommendation.policies import visible_inspections

pytestmark = pytest.mark.usefixtures("at_noon")
LATER = datetime.datetime(2027, 3, 1, 17, 0, tzinfo=NOON.tzinfo)


@pytest.fixture
def inspection(cast: Cast) -> Inspection:
    return embargoed(cast, "head")


def url(inspection: Inspection, verb: str = "") -> str:
    return f"/inspections/{inspection.pk}/embargo/{verb}"


def typed(**given: str) -> dict[str, str]:
    return {"when": "until", "day": "1/3/2027", "time": "17:00", "version": "1"} | given


def ends(inspection: Inspection) -> datetime.datetime | None:
    inspection.refresh_from_db()
    return inspection.embargo_until


@pytest.mark.verb
def test_its_end_is_set_and_recorded(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    before, client, path = last_event(), signed_in("admin"), url(inspection, "set/")
    page = client.get(path)
    assert (sent(page, path)["day"], sent(page, path)["time"]) == (["1/12/2026"], ["09:30"])
    answer = client.post(path, sent(page, path, day="1 March 2027", time="17.00", title="Another", organisation="1"))
    assert (answer.status_code, answer["Location"]) == (302, url(inspection))
    assert (ends(inspection), inspection.version, inspection.title) == (LATER, 2, TITLE)
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("inspection.embargo_set", inspection.pk, cast.admin)
    assert set(event.changes) == {"embargo_until", "version"}
    assert "1 March 2027, 17:00" in read(client.get(url(inspection))).text


def test_it_is_lifted_at_once(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    assert not visible_inspections(Access(cast.officer, NOON.date(), NOON)).filter(pk=inspection.pk).exists()
    client = signed_in("admin")
    assert client.post(url(inspection, "set/"), typed(when="now", day="", time="")).status_code == 302
    client = signed_in("officer")
    assert client.get(f"/inspections/{inspection.pk}/").status_code == 200


def test_htmx_gets_the_part(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    client = signed_in("admin")
    assert is_part(client.get(url(inspection, "set/"), headers=HTMX), "verb")
    answer = client.post(url(inspection, "set/"), typed(day="soon"), headers=HTMX)
    assert problems(answer) == ["Enter a date such as 31/10/2026"]
    assert client.post(url(inspection, "set/"), typed(), headers=HTMX)["HX-Redirect"] == url(inspection)


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"day": ""}, "day", "Enter the date it ends"),
        ({"time": ""}, "time", "Enter the time it ends"),
        ({"time": "25:00"}, "time", "Enter a time such as 9:30 or 17:00"),
        (
            {"day": "28/3/2027", "time": "1:30"},
            "time",
            "The clocks go forward that night, so this time does not exist.",
        ),
        ({"day": "31/10/2027", "time": "1:30"}, "time", "The clocks go back that night, so this time happens twice."),
        ({"day": "22/11/2026"}, "day", "Date and time must be in the future."),
        ({"day": "1/12/2026", "time": "9:30"}, "day", "No change to save"),
    ],
)
def test_invalid_end_is_refused_beside_its_field(
    signed_in: SignedIn, cast: Cast, inspection: Inspection, given: dict[str, str], name: str, said: str
) -> None:
    before = last_event()
    answer = signed_in("admin").post(url(inspection, "set/"), typed(**given))
    assert answer.status_code == 422
    assert said in read(answer).one(id=f"id_{name}_error").text
    assert (ends(inspection), last_event()) == (ENDS, before)


def test_times_near_a_change_of_clocks_are_taken() -> None:
    day = datetime.date(2027, 10, 31)
    assert in_london(day, datetime.time(2, 0)).utcoffset() == datetime.timedelta()
    assert in_london(day, datetime.time(0, 59)).utcoffset() == datetime.timedelta(hours=1)
    assert instant_in("2026-12-01 09:30") == ENDS


@pytest.mark.parametrize("text", ["2026-12-01", "09:30", "2027-03-28 01:30", "soon", "2026-12-01 9"])
def test_an_instant_in_a_command_is_whole(text: str) -> None:
    with pytest.raises(ValidationError):
        instant_in(text)


def test_second_simultaneous_end_date_can_be_finished(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    client, path = signed_in("admin"), url(inspection, "set/")
    form = sent(client.get(path), path, day="1/3/2027", time="17:00")
    set_embargo(inspection, by=Actor(cast.top_admin), at=NOON, seen_version=1, until=ENDS.replace(day=2))
    answer = client.post(path, form)
    assert answer.status_code == 409
    assert "The embargo now ends on 2 December 2026, 09:30." in read(answer).one(class_="govuk-error-summary").text
    assert sent(answer, path)["day"] == ["1/3/2027"]
    assert client.post(path, sent(answer, path)).status_code == 302
    assert ends(inspection) == LATER


def test_published_report_cannot_be_hidden(signed_in: SignedIn, cast: Cast) -> None:
    client, published = signed_in("admin"), west_kent()
    answer = client.post(url(published, "set/"), typed(version=str(published.version)))
    assert problems(answer) == ["This report is no longer under embargo."]
    assert client.post(url(published, "name/"), {"person": "officer@example.test"}).status_code == 422
    assert ends(published) is None


def test_person_is_named_and_removed_again(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    before, client = last_event(), signed_in("admin")
    answer = client.post(url(inspection, "name/"), {"person": "Officer@example.test", "until": "2020-01-01"})
    assert (answer.status_code, answer["Location"]) == (302, url(inspection))
    assert "officer@example.test" in read(client.get(url(inspection))).text
    assert _sees(cast.officer, inspection)
    off = url(inspection, f"unname/{cast.officer.pk}/")
    assert client.post(off, sent(client.get(off), off)).status_code == 302
    assert not _sees(cast.officer, inspection)
    assert [event.verb for event in events_since(before)] == ["named.added", "named.ended"]
    assert [event.actor for event in events_since(before)] == [cast.admin, cast.admin]
    assert problems(client.post(off)) == ["Officer is no longer named."]
    name_person(inspection, by=Actor(cast.admin), at=NOON, person=cast.officer)
    assert _sees(cast.officer, inspection)


def _sees(person: User, inspection: Inspection) -> bool:
    return visible_inspections(Access(person, NOON.date(), NOON)).filter(pk=inspection.pk).exists()


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("", "Enter who can see it"),
        ("head", "Head is already named."),
        ("example.test", "More than one person matches:"),
        ("nobody@example.test", "No one with an account and a role matches that."),
        ("admin", "You cannot name yourself. Ask another administrator."),
    ],
)
def test_unnameable_person_is_shown_beside_the_field(
    signed_in: SignedIn, cast: Cast, inspection: Inspection, person: str, said: str
) -> None:
    before = last_event()
    answer = signed_in("admin").post(url(inspection, "name/"), {"person": person})
    assert answer.status_code == 422
    assert said in read(answer).one(id="id_person_error").text
    assert last_event() == before


def test_a_reader_is_named_by_name(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    assert signed_in("admin").post(url(inspection, "name/"), {"person": "Inspector"}).status_code == 302
    assert _sees(cast.inspector, inspection)


def test_a_form_sent_twice_does_its_work_once(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    before, client = last_event(), signed_in("admin")
    forms = {"set/": typed(), "name/": {"person": "officer"}, f"unname/{cast.head.pk}/": {}}
    for verb, form in forms.items():
        keyed = form | {"request_key": str(uuid.uuid4())}
        assert [client.post(url(inspection, verb), keyed).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 3
    assert Named.objects.filter(inspection=inspection, until=None).count() == 1


ADMINISTER = {"admin", "top_admin"}
EVERYBODY = ("head", "operations", "director", "policy", "national", "reader", "admin", "top_admin", "strange_admin")


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_administrators_at_or_above_it(cast: Cast, inspection: Inspection, who: str) -> None:
    access = Access(getattr(cast, who), NOON.date(), NOON)
    expected = who in ADMINISTER
    assert can_set_embargo(access, inspection) == expected
    assert administered_inspections(access).filter(pk=inspection.pk).exists() == expected
    assert embargoed_inspections(access).exists() == expected
    client = Client()
    client.force_login(getattr(cast, who))
    # Head is named and sees it, so is told that it is not theirs to change.
    status = 200 if expected else 403 if who == "head" else 404
    for verb in ("", "set/", "name/", f"unname/{cast.head.pk}/"):
        assert client.get(url(inspection, verb)).status_code == status


def test_the_list_tells_titles_and_names_only(signed_in: SignedIn, cast: Cast, inspection: Inspection) -> None:
    client = signed_in("admin")
    text = read(client.get("/inspections/embargoes/")).text
    assert TITLE in text
    assert "1 December 2026, 09:30" in text
    assert "Head" in text
    assert "/inspections/embargoes/" in client.get("/people/").content.decode()
    assert client.get(f"/inspections/{inspection.pk}/").status_code == 404
    assert TITLE not in read(signed_in("strange_admin").get("/inspections/embargoes/")).text


def test_signed_out(cast: Cast, inspection: Inspection) -> None:
    before = last_event()
    for verb in ("", "set/", "name/", f"unname/{cast.head.pk}/"):
        assert Client().get(url(inspection, verb)).status_code == 302
    assert Client().post(url(inspection, "set/"), typed()).status_code == 401
    assert last_event() == before
