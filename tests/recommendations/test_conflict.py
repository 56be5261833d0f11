"""Somebody else was faster: both versions are shown, nothing is lost, and the save can be finished from there."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import NOON, Cast, recommendation
from tests.factories import Answer, Node, read
from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation, Report, Update

SignedIn = Callable[[str], Client]
FIRST, THEIRS, MINE = (datetime.date(2026, 12, day) for day in (1, 11, 21))
HTMX = {"HX-Request": "true"}
pytestmark = [
    pytest.mark.usefixtures("at_noon"),
    pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"]),
]


@pytest.fixture
def opened(cast: Cast) -> dict[str, list[str]]:
    """Recommendation 4 is the officer's and due on 1 December; the head opens its form."""
    plan(cast.officer, FIRST, by=cast.head)
    client = Client()
    client.force_login(cast.head)
    return form_in(client.get(url())).sent()


def url() -> str:
    return f"/recommendations/{recommendation(4).pk}/change/"


def form_in(answer: Answer) -> Node:
    return read(answer).one("form", action=url())


def typed(form: dict[str, list[str]], **values: str) -> dict[str, list[str]]:
    return form | {f"r{recommendation(4).pk}-{name}": [value] for name, value in values.items()}


def plan(owner: User | None, due_on: datetime.date, *, by: User) -> None:
    item = recommendation(4)
    change(item, by=Actor(by), at=NOON, seen_version=item.version, plan=Plan(owner, due_on, "Agreed between us."))


def report(progress: str, words: str, *, by: User) -> None:
    item = recommendation(4)
    change(item, by=Actor(by), at=NOON, seen_version=item.version, report=Report(progress, words))


def compared(answer: Answer) -> dict[str, list[str]]:
    """By field: when it was opened, now, and what this person wants."""
    table = next(t for t in read(answer).all("table") if t.one("caption").text == "Compare versions")
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")}


@pytest.mark.verb
def test_a_stale_form_shows_the_three_versions_and_saves_nothing(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    plan(cast.colleague, THEIRS, by=cast.head)
    before = list(Event.objects.values_list("pk", flat=True))
    answer = signed_in("head").post(url(), typed(opened, due_on="21/12/2026"), headers=headers)
    assert answer.status_code == 409
    assert compared(answer) == {
        "Owner": ["Officer", "Colleague", "Officer"],
        "Due date": ["1 December 2026", "11 December 2026", "21 December 2026 differs"],
        "Progress": ["Not reported", "Not reported", "Not reported"],
    }
    assert "Changed by Head, 23 November 2026, 12:00." in read(answer).text
    assert ("<html" in answer.text) == (not headers)
    assert (recommendation(4).owner, recommendation(4).due_on) == (cast.colleague, THEIRS)
    assert list(Event.objects.values_list("pk", flat=True)) == before


def test_what_was_typed_stays_and_the_rest_takes_the_newer_value(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    plan(cast.colleague, THEIRS, by=cast.head)
    mine = typed(opened, progress="some", what_changed="Ten “staff” <b> trained")
    form = form_in(signed_in("head").post(url(), mine, headers=headers)).sent()
    item = recommendation(4)
    assert form[f"r{item.pk}-progress"] == ["some"]
    assert form[f"r{item.pk}-what_changed"] == ["Ten “staff” <b> trained"]
    assert form[f"r{item.pk}-owner"] == [cast.colleague.label]
    assert form[f"r{item.pk}-due_on"][0] in ("11/12/2026", "2026-12-11")
    assert form[f"r{item.pk}-version"] == [str(item.version)]
    assert form[f"r{item.pk}-request_key"] == opened[f"r{item.pk}-request_key"]


def test_saving_again_from_there_works_and_nothing_of_theirs_is_lost(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    plan(cast.colleague, THEIRS, by=cast.head)
    client = signed_in("head")
    mine = typed(opened, due_on="21/12/2026", progress="some", what_changed="Begun.")
    mine["next"] = ["/recommendations/"]
    answer = client.post(url(), form_in(client.post(url(), mine, headers=headers)).sent(), headers=headers)
    assert answer.status_code == (200 if headers else 302)
    item = recommendation(4)
    assert (item.owner, item.due_on, item.original_due_on, item.progress) == (cast.colleague, MINE, None, "some")
    told = [(e.verb.partition(".")[2], e.changes.get("due_on"), e.changes.get("owner_id")) for e in history(item)]
    assert told == [
        ("printed", None, None),
        ("planned", [None, "2026-12-01"], [None, cast.officer.pk]),
        ("planned", ["2026-12-01", "2026-12-11"], [cast.officer.pk, cast.colleague.pk]),
        ("planned", ["2026-12-11", "2026-12-21"], None),
        ("reported", None, None),
    ]


def history(item: Recommendation) -> list[Event]:
    return list(Event.objects.about(item).order_by("pk"))


def test_their_value_is_replaced_only_by_a_typed_one(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    plan(cast.colleague, THEIRS, by=cast.head)
    client = signed_in("head")
    first = client.post(url(), typed(opened, owner="supplier"), headers=headers)
    assert compared(first)["Owner"] == ["Officer", "Colleague", "Supplier differs"]
    assert client.post(url(), form_in(first).sent(), headers=headers).status_code in (200, 302)
    item = recommendation(4)
    assert (item.owner, item.due_on) == (cast.supplier, THEIRS)
    assert history(item)[-1].changes["owner_id"] == [cast.colleague.pk, cast.supplier.pk]


def test_the_owner_reports_while_the_lead_plans(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    report("some", "The first ten.", by=cast.officer)
    client = signed_in("head")
    mine = typed(opened, due_on="21/12/2026", progress="no", what_changed="I see none.")
    answer = client.post(url(), mine, headers=headers)
    assert answer.status_code == 409
    assert compared(answer)["Progress"] == ["Not reported", "Some progress", "No progress differs"]
    assert compared(answer)["Due date"] == ["1 December 2026", "1 December 2026", "21 December 2026 differs"]
    assert "Changed by Officer" in read(answer).text
    assert client.post(url(), form_in(answer).sent(), headers=headers).status_code in (200, 302)
    said = [(update.speaker, update.progress, str(update.what_changed)) for update in Update.objects.order_by("pk")]
    assert said == [("owner", "some", "The first ten."), ("lead", "no", "I see none.")]
    assert recommendation(4).due_on == MINE


def test_the_lead_plans_while_the_owner_reports(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    """Of an owner's form only the progress is theirs to compare."""
    client = signed_in("officer")
    form = typed(form_in(client.get(url())).sent(), progress="sufficient", what_changed="All done.")
    plan(cast.officer, THEIRS, by=cast.head)
    answer = client.post(url(), form, headers=headers)
    assert answer.status_code == 409
    assert compared(answer) == {"Progress": ["Not reported", "Not reported", "Sufficient progress differs"]}
    assert client.post(url(), form_in(answer).sent(), headers=headers).status_code in (200, 302)
    item = recommendation(4)
    assert (item.progress, item.owner, item.due_on) == ("sufficient", cast.officer, THEIRS)


def test_a_third_change_in_between_is_a_conflict_again(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    client = signed_in("head")
    plan(cast.colleague, THEIRS, by=cast.head)
    first = client.post(url(), typed(opened, owner="supplier"), headers=headers)
    plan(cast.head, THEIRS, by=cast.head)
    second = client.post(url(), form_in(first).sent(), headers=headers)
    assert second.status_code == 409
    assert compared(second)["Owner"] == ["Colleague", "Head", "Supplier differs"]
    assert client.post(url(), form_in(second).sent(), headers=headers).status_code in (200, 302)
    assert recommendation(4).owner == cast.supplier


def test_same_value_is_no_conflict(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    plan(cast.colleague, FIRST, by=cast.head)
    answer = signed_in("head").post(url(), typed(opened, owner="colleague"), headers=headers)
    assert answer.status_code == 409
    assert compared(answer)["Owner"] == ["Officer", "Colleague", "Colleague"]


def test_unknown_version_is_a_conflict(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    answer = signed_in("head").post(url(), typed(opened, version="4000", owner="colleague"), headers=headers)
    assert answer.status_code == 409
    assert recommendation(4).owner == cast.officer


def test_untouched_date_takes_their_newer_value(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    plan(cast.officer, datetime.date(2026, 11, 2), by=cast.head)
    client = signed_in("head")
    form = typed(form_in(client.get(url())).sent(), progress="some", what_changed="Begun.")
    plan(cast.officer, THEIRS, by=cast.head)
    answer = client.post(url(), form, headers=headers)
    assert answer.status_code == 409
    assert client.post(url(), form_in(answer).sent(), headers=headers).status_code in (200, 302)
    assert (recommendation(4).due_on, recommendation(4).progress) == (THEIRS, "some")


def test_untouched_owner_takes_their_newer_value(
    signed_in: SignedIn, cast: Cast, opened: dict[str, list[str]], headers: dict[str, str]
) -> None:
    plan(cast.colleague, FIRST, by=cast.head)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    answer = signed_in("head").post(url(), typed(opened, progress="some", what_changed="Begun."), headers=headers)
    assert answer.status_code == 409
