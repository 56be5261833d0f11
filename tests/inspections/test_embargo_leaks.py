"""With a report under embargo, the product is for everybody not named, to the byte, what it is without it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from tests.addresses import Addresses
from tests.base import LOADED, NOON, TODAY, Cast, recommendation
from tests.factories import read, unstamped
from tests.inspections.embargoed import ENDS, SECRET, TITLE, busy, embargoed
from tests.recommendations.planning import sent_for_routes
from tests.test_routes import routes
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.measures.models import Measure
from tracker.recommendations.close.operations import close
from tracker.recommendations.lineage.operations import carry
from tracker.recommendations.measure.operations import add_measure, link_measure
from tracker.recommendations.models import Action, Ask, Evidence, Lineage, Recommendation
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.reminders.emails import digest

# What is not asked for: signing in, Django's own pages, and what only whoever runs it sees.
OTHERS = ("account_", "admin:", "/admin/", "upkeep:", "reminders:")
# Administrators know of it by its title; and an account is not closed while it answers for what nobody else sees.
TOLD = ("recommendations:embargo", "people:person", "people:hand_over", "people:close_account", "people:end_role")
# One of each kind: a lead, a reviewer, somebody elsewhere, and who sees or administers everything.
PEOPLE = ("head", "director", "stranger", "reader", "top_admin")
MADE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture(autouse=True)
def things(cast: Cast, own_store: Path) -> None:
    sent_for_routes(cast)
    add_measure(recommendation(4), by=Actor(cast.head), at=NOON, name="Cases supervised", unit="%", better="up")
    Addresses(cast)


def pages(cast: Cast, who: str) -> Iterator[str]:
    """Every address that may be read, of West Kent's published report; and lists in other orders."""
    known, told = Addresses(cast), TOLD if "admin" in who else ()
    for name, pattern, _closed in routes():
        if not name.startswith(OTHERS + told):
            yield known.of(pattern)
    yield from ("/recommendations/?sort=number", "/recommendations/?mark=overdue", f"/recommendations/?q={SECRET}")
    yield from (f"/search/?q={SECRET}", "/search/?q=kent", "/search/?q=4", "/search/?q=keep")
    yield f"/hand-over/{cast.head.pk}/"


def seen(cast: Cast, who: str, paths: list[str]) -> dict[str, str]:
    client = Client()
    client.force_login(getattr(cast, who))
    answers = {path: client.get(path) for path in paths}
    return {
        path: f"{answer.status_code} " + MADE.sub("", "" if answer.streaming else unstamped(answer))
        for path, answer in answers.items()
    }


def letter(person: User) -> str:
    written = digest(Access(person, TODAY))
    return f"{written.subject} {written.text} {written.told}" if written else ""


def addresses(inspection: Inspection) -> list[str]:
    """Of the report under embargo, whatever can be asked for by its id."""
    items = Recommendation.objects.filter(inspection=inspection)
    found = [f"/inspections/{inspection.pk}/", f"/inspections/{inspection.pk}/plan/{inspection.organisation_id}/"]
    for item in items:
        verbs = ("", "row/", "change/", "report/", "submit/", "respond/", "comment/", "add-evidence/")
        found += [f"/recommendations/{item.pk}/{verb}" for verb in verbs]
    found += [f"/actions/{pk}/" for pk in Action.objects.filter(inspection=inspection).values_list("pk", flat=True)]
    for model, name in ((Ask, "asks"), (Evidence, "evidence")):
        rows = model.objects.filter(recommendation__in=items)
        found += [f"/{name}/{pk}/" for pk in rows.values_list("pk", flat=True)]
    return found


@pytest.mark.parametrize("who", PEOPLE)
def test_unnamed_people_find_no_trace_of_an_embargoed_report(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    paths = list(pages(cast, who))
    before, written = seen(cast, who, paths), letter(person)
    inspection = embargoed(cast, "colleague")
    busy(cast, inspection)
    after = seen(cast, who, paths)
    assert [path for path in before if before[path] != after[path]] == []
    # A search says again what was searched for.
    assert [path for path in after if SECRET in after[path] and SECRET not in path] == []
    assert letter(person) == written
    client = Client()
    client.force_login(person)
    wrong = {path: client.get(path).status_code for path in addresses(inspection)}
    assert {path: status for path, status in wrong.items() if status != 404} == {}


def test_without_an_embargo_the_same_pages_differ(cast: Cast) -> None:
    """Without an embargo the same report changes what most people see."""
    paths = ["/", "/inspections/", "/recommendations/", "/hand-over/", "/asks/"]
    before, written = seen(cast, "head", paths), letter(cast.head)
    inspection = embargoed(cast)
    busy(cast, inspection)
    Inspection.objects.filter(pk=inspection.pk).update(embargo_until=LOADED)
    after = seen(cast, "head", paths)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == set(paths)
    assert letter(cast.head) != written


@pytest.mark.parametrize("who", ["head", "director", "reader"])
def test_named_people_see_an_embargoed_report_under_a_banner(cast: Cast, who: str) -> None:
    inspection = embargoed(cast, who, "colleague")
    items = busy(cast, inspection)
    client = Client()
    client.force_login(getattr(cast, who))
    for path in (f"/inspections/{inspection.pk}/", f"/recommendations/{items[0].pk}/"):
        text = read(client.get(path)).text
        assert "Under embargo until 1 December 2026, 09:30. Only 2 named people can see it." in text
    assert TITLE in read(client.get("/inspections/")).text
    assert "Rated again by HMIP" in read(client.get(f"/recommendations/{_rated(inspection)}/")).text


def _rated(inspection: Inspection) -> int:
    """A recommendation of before that this report found something about."""
    return int(inspection.findings.earliest("pk").recommendation_id)


def test_named_person_without_a_role_there_sees_nothing(cast: Cast) -> None:
    inspection = embargoed(cast, "neighbour", "nobody")
    busy(cast, inspection)
    for who in ("neighbour", "nobody"):
        client = Client()
        client.force_login(getattr(cast, who))
        assert client.get(f"/inspections/{inspection.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["head", "operations", "reader", "admin"])
def test_embargo_ends_at_its_minute(cast: Cast, who: str) -> None:
    inspection = embargoed(cast)
    busy(cast, inspection)
    client = Client()
    for at, status in ((ENDS.replace(minute=29), 404), (ENDS, 200)):
        with time_machine.travel(at, tick=False):
            client.force_login(getattr(cast, who))
            answer = client.get(f"/inspections/{inspection.pk}/")
            assert answer.status_code == status
    assert "Under embargo" not in read(answer).text


def test_public_pages_do_not_refer_to_embargoed_reports(cast: Cast) -> None:
    later = busy(cast, embargoed(cast, "head", "director"))[0]
    link = later.repeats.get()
    link.state = Lineage.State.CONFIRMED
    link.save()
    with pytest.raises(ValidationError, match="is still under embargo"):
        carry(link, by=Actor(cast.head), at=NOON)
    item = recommendation(4)
    with pytest.raises(ValidationError, match="is still under embargo"):
        close(
            item,
            by=Actor(cast.director),
            at=NOON,
            seen_event=last_event_id(item),
            outcome="superseded",
            reason="It is asked for again.",
            successor=later,
        )
    measure = Measure.objects.get(inspection=later.inspection)
    with pytest.raises(ValidationError, match="is still under embargo"):
        link_measure(recommendation(4), measure, by=Actor(cast.head), at=NOON)
    assert (recommendation(4).carried_by_id, recommendation(4).status) == (None, "open")
    assert link_measure(recommendation(4), measure, by=Actor(cast.head), at=ENDS).measure == measure
    assert carry(link, by=Actor(cast.head), at=ENDS).carried_by_id == later.pk


def test_a_measure_of_a_report_under_embargo_may_speak_for_more_of_that_report(cast: Cast) -> None:
    first, second, *_others = busy(cast, embargoed(cast, "head"))
    measure = Measure.objects.get(inspection=first.inspection)
    assert link_measure(second, measure, by=Actor(cast.head), at=NOON).recommendation == second
