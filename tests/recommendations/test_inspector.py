"""An inspector sees what was sent, reported and decided, and no trace of drafts and undecided matters."""

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.addresses import Addresses
from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import place, read
from tests.inspections.test_embargo_leaks import pages, seen
from tests.recommendations.planning import agreed, cleared, plan, sent_for_routes
from tests.recommendations.reviewing import ready
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.exchange.queries.dossier import dossiers
from tracker.exchange.queries.pack import pack
from tracker.history.operations import Actor
from tracker.recommendations.action.operations import Step, add_action
from tracker.recommendations.ask.operations import answer, ask
from tracker.recommendations.decision import operations as review
from tracker.recommendations.due.operations import ask_extension, decide_extension
from tracker.recommendations.measure.operations import add_measure
from tracker.recommendations.models import Extension, Recommendation
from tracker.recommendations.plan.operations import send_plan
from tracker.recommendations.recommendation.queries import last_event_id

pytestmark = pytest.mark.usefixtures("at_noon", "own_store")
SOON = NOON + datetime.timedelta(minutes=5)
SECRET = "zebrafish"
SignedIn = Callable[[str], Client]


def of_region() -> list[Recommendation]:
    """Addressed to the region, whose plan was not sent."""
    rows = Recommendation.objects.filter(inspection=west_kent(), addressee__path=KSS, is_previous=False)
    return list(rows.select_related("addressee", "inspection").order_by("position"))


def due(item: Recommendation) -> None:
    Recommendation.objects.filter(pk=item.pk).update(due_on=TODAY, original_due_on=TODAY)


def write_response(cast: Cast) -> None:
    agreed(of_region()[0], cast.operations, "not_agreed", reason=f"No money: {SECRET}")


def write_action(cast: Cast) -> None:
    add_action(Step(f"Hire {SECRET}", (of_region()[0].pk,)), by=Actor(cast.operations), at=SOON)


def ask_for_time(cast: Cast) -> None:
    item = of_region()[1]
    ask_extension(
        item, by=Actor(cast.operations), at=SOON, to_on=TODAY + datetime.timedelta(days=60), reason=f"Sick: {SECRET}"
    )


def ask_above(cast: Cast) -> None:
    ask(
        of_region()[0],
        by=Actor(cast.operations),
        at=SOON,
        words=f"Send {SECRET}",
        asked_of=place("hmpps/"),
        wanted_on=TODAY + datetime.timedelta(days=20),
    )


def submit_and_return(cast: Cast) -> None:
    item = recommendation(4)
    review.submit(item, by=Actor(cast.head), at=SOON, seen_event=last_event_id(item), statement=f"All well: {SECRET}")
    item = recommendation(4)
    seen_event = last_event_id(item)
    review.return_(item, by=Actor(cast.director), at=SOON, seen_event=seen_event, reason=f"Too few: {SECRET}")


HIDDEN: dict[str, Callable[[Cast], None]] = {
    "a response of a plan not sent": write_response,
    "an action of a plan not sent": write_action,
    "an undecided extension": ask_for_time,
    "an open request": ask_above,
    "a returned submission": submit_and_return,
}


@pytest.fixture
def paths(cast: Cast) -> list[str]:
    """Every page, also of the region's recommendations and of a past day."""
    sent_for_routes(cast)
    ready(4, cast.officer, cast.head)
    due(of_region()[1])
    add_measure(recommendation(4), by=Actor(cast.head), at=NOON, name="Cases supervised", unit="%", better="up")
    Addresses(cast)
    return [*pages(cast, "inspector"), *of_the_region(), f"/search/?q={SECRET}", f"/recommendations/?q={SECRET}"]


def of_the_region() -> Iterator[str]:
    report = west_kent()
    for item in of_region()[:2]:
        yield f"/recommendations/{item.pk}/"
        yield f"/as-at/{TODAY}/recommendations/{item.pk}/"
    yield from (f"/inspections/{report.pk}/plan/{place(KSS).pk}/", f"/inspections/{report.pk}/record/")
    yield f"/review/since/?since={TODAY - datetime.timedelta(days=7)}"
    yield f"/review/pack/{place(KSS).pk}/"
    yield "/recommendations/?mark=returned"


def test_inspector_finds_no_trace_of_drafts_and_undecided_matters(cast: Cast, paths: list[str]) -> None:
    """All of them at once, as each walk over the pages takes seconds."""
    before = seen(cast, "inspector", paths)
    for hide in HIDDEN.values():
        hide(cast)
    after = seen(cast, "inspector", paths)
    assert [path for path in before if before[path] != after[path]] == []
    assert [path for path in after if SECRET in after[path] and SECRET not in path] == []
    assert SECRET not in documents(cast)


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("who", ["reader", "inspector"])
def test_national_readers_see_them_and_inspectors_with_the_setting(
    cast: Cast, settings: Any, name: str, who: str
) -> None:
    settings.INSPECTORS_SEE_DRAFTS = who == "inspector"
    sent_for_routes(cast)
    ready(4, cast.officer, cast.head)
    due(of_region()[1])
    HIDDEN[name](cast)
    found = seen(cast, who, [f"/recommendations/{item.pk}/" for item in (recommendation(4), *of_region())])
    assert any(SECRET in text for text in found.values())


def documents(cast: Cast) -> str:
    """What is made for an inspector: the dossiers of record and download, and the pack."""
    access = Access(cast.inspector, TODAY, NOON)
    items = [recommendation(4).pk, *(item.pk for item in of_region())]
    return f"{dossiers(access, items)} {pack(access, place(KSS), at=NOON, by=cast.inspector, is_past=False)}"


def test_inspector_sees_what_was_sent_reported_and_decided(signed_in: SignedIn, cast: Cast, own_store: Path) -> None:
    cleared(cast)
    send_plan(plan(), by=Actor(cast.head), at=NOON)
    ready(4, cast.officer, cast.head)
    item = recommendation(4)
    ask_extension(
        item, by=Actor(cast.head), at=NOON, to_on=TODAY + datetime.timedelta(days=200), reason="Trainer left."
    )
    extension = Extension.objects.get()
    decide_extension(
        extension, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), granted=False, words="Not enough."
    )
    item = recommendation(4)
    review.submit(item, by=Actor(cast.head), at=SOON, seen_event=last_event_id(item), statement="Every case is seen.")
    item = recommendation(4)
    seen_event = last_event_id(item)
    review.sign_off(
        item, by=Actor(cast.director), at=SOON, seen_event=seen_event, method="cases", cases=12, words="Ten are good."
    )
    client = signed_in("inspector")
    text = read(client.get(f"/recommendations/{item.pk}/")).text
    for words in ("Train every officer", "Trainer left.", "Not enough.", "Every case is seen.", "Ten are good."):
        assert words in text, words
    assert "The audit of November" in text
    answered = client.get(f"/inspections/{item.inspection_id}/plan/{item.addressee_id}/", follow=True)
    assert "Train every officer" in read(answered).text


def test_answered_request_is_seen_with_its_answer(signed_in: SignedIn, cast: Cast) -> None:
    ask_above(cast)
    item = of_region()[0]
    answer(item.asks.get(), by=Actor(cast.policy), at=SOON, seen_version=1, state="no", words="There is none.")
    text = read(signed_in("inspector").get(f"/recommendations/{item.pk}/")).text
    assert SECRET in text
    assert "There is none." in text


def test_home_opens_on_what_changed_since_the_report(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("inspector").get("/")).one(id="home")
    assert "What has changed since 2 November 2026 Nothing has changed yet." in " ".join(page.text.split())
    ready(4, cast.officer, cast.head)
    page = read(signed_in("inspector").get("/")).one(id="home")
    rows = {row.one("dt").text: row.one("dd") for row in page.all(class_="govuk-summary-list__row")}
    assert set(rows) == {"First update", "Owner changed", "Evidence added"}
    assert rows["First update"].one("a").attrs["href"] == "/review/since/?since=2026-11-02&kind=first"
    assert rows["First update"].text.split()[0] == "1"
    assert "You have nothing overdue" not in page.text


def test_with_another_role_an_inspector_sees_what_that_one_sees(signed_in: SignedIn, cast: Cast) -> None:
    write_response(cast)
    Membership.objects.create(user=cast.inspector, role="contributor", organisation=place(KSS))
    assert SECRET in read(signed_in("inspector").get(f"/recommendations/{of_region()[0].pk}/")).text
