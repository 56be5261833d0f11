"""The supplier's page: one box for each measure, all or nothing, and nothing typed is lost."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import HTMX, SignedIn
from tests.recommendations.promising import error_beside, last_event, opened
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.measures.models import Measure, NewReading, Reading
from tracker.measures.operations import next_wanted
from tracker.recommendations.measure.operations import add_measure, end_measure, supply
from tracker.recommendations.measure.queries import figures_to_supply

pytestmark = pytest.mark.usefixtures("at_noon")
URL = "/figures/"
OCTOBER = datetime.date(2026, 10, 31)


@pytest.fixture
def measures(cast: Cast) -> list[Measure]:
    """Three that the supplier of West Kent gives, in the order of the page."""
    rows = (("Oversight missing", "%", "down"), ("Weeks to start", "weeks", "down"), ("Adjustments made", "%", "up"))
    return [
        add_measure(
            recommendation(4), by=Actor(cast.head), at=NOON, name=name, unit=unit, better=better, supplier=cast.supplier
        )
        for name, unit, better in rows
    ]


def typed(client: Client, measures: list[Measure], *values: str, **more: str) -> dict[str, Any]:
    boxes = {f"value_{one.pk}": value for one, value in zip(measures, values, strict=False)}
    return opened(client, URL) | {"source": "Monthly return"} | boxes | more


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_all_are_saved_at_once_and_on_record(
    signed_in: SignedIn, cast: Cast, measures: list[Measure], headers: dict[str, str]
) -> None:
    client = signed_in("supplier")
    data = typed(client, measures, "40", "cannot be calculated", "3 of 7", **{f"caution_{measures[0].pk}": "A sample."})
    answer = client.post(URL, data, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert answer.headers["HX-Redirect" if headers else "Location"] == URL
    found = [(one.value, one.of, one.out_of, one.as_of, one.source) for one in Reading.objects.order_by("measure")]
    assert found == [
        (Decimal(40), None, None, OCTOBER, "Monthly return"),
        (None, None, None, OCTOBER, "Monthly return"),
        (Decimal("42.86"), 3, 7, OCTOBER, "Monthly return"),
    ]
    events = Event.objects.filter(verb="reading.given")
    assert (events.count(), len(set(events.values_list("operation_id", flat=True)))) == (3, 1)
    assert events.order_by("pk")[0].why == Reading.objects.get(measure=measures[0]).caution
    assert {(event.actor, event.day) for event in events} == {(cast.supplier, TODAY)}
    assert set(Measure.objects.values_list("last_as_of", "next_on")) == {(OCTOBER, datetime.date(2026, 12, 1))}


def test_one_error_saves_none_and_loses_nothing(signed_in: SignedIn, measures: list[Measure]) -> None:
    client = signed_in("supplier")
    answer = client.post(URL, typed(client, measures, "40", "3 of 7", "8 of 7"))
    assert answer.status_code == 422
    assert error_beside(answer, f"value_{measures[1].pk}") == "Enter one number, in weeks"
    assert error_beside(answer, f"value_{measures[2].pk}") == "8 must not be more than 7"
    sent = read(answer).one("form", action=URL).sent()
    assert [sent[f"value_{one.pk}"] for one in measures] == [["40"], ["3 of 7"], ["8 of 7"]]
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("101", "Percentage must be between 0 and 100"),
        ("-1", "Percentage must be between 0 and 100"),
        ("0 of 0", "Enter the number of cases and the total, such as 3 of 7"),
        ("many", "Enter a number such as 85, or cases such as 3 of 7, or “cannot be calculated”"),
    ],
)
def test_invalid_percentage_is_refused(signed_in: SignedIn, measures: list[Measure], value: str, said: str) -> None:
    client = signed_in("supplier")
    answer = client.post(URL, typed(client, measures, value))
    assert (answer.status_code, error_beside(answer, f"value_{measures[0].pk}")) == (422, said)


def test_a_day_to_come_a_missing_source_and_an_empty_page_are_refused(
    signed_in: SignedIn, measures: list[Measure]
) -> None:
    client = signed_in("supplier")
    answer = client.post(URL, typed(client, measures, "40", as_of="24/11/2026"))
    assert error_beside(answer, "as_of") == "Date must be today or in the past"
    answer = client.post(URL, typed(client, measures, "40", source=""))
    assert error_beside(answer, "source") == "Enter the source of the figures"
    answer = client.post(URL, typed(client, measures))
    assert (answer.status_code, "Enter at least one figure" in answer.text) == (422, True)
    assert not Reading.objects.exists()


def test_a_pasted_column_fills_the_boxes_in_order_and_saves_nothing(
    signed_in: SignedIn, measures: list[Measure]
) -> None:
    client = signed_in("supplier")
    pasted = "40\r\n\u2013\r\n3 of 7\r\n99\r\n"
    answer = client.post(URL, typed(client, measures, "1", as_of="1/11/2026", fill="1", pasted=pasted))
    assert answer.status_code == 200
    sent = read(answer).one("form", action=URL).sent()
    assert [sent[f"value_{one.pk}"] for one in measures] == [["40"], ["cannot be calculated"], ["3 of 7"]]
    assert (sent["as_of"], sent["source"]) == (["1/11/2026"], ["Monthly return"])
    assert "1 line had no box and is still below." in read(answer).one("div", class_="govuk-inset-text").text
    assert read(answer).one("textarea", name="pasted").text == "99"
    assert not Reading.objects.exists()
    assert client.post(URL, sent).status_code == 302
    assert Reading.objects.count() == 3


def test_sent_twice_it_is_given_once(signed_in: SignedIn, measures: list[Measure]) -> None:
    client = signed_in("supplier")
    data = typed(client, measures, "40")
    assert [client.post(URL, data).status_code for _ in range(2)] == [302, 302]
    assert Reading.objects.count() == 1


def test_second_figure_of_a_day_replaces_the_first_and_both_are_kept(
    signed_in: SignedIn, measures: list[Measure]
) -> None:
    client = signed_in("supplier")
    for value in ("40", "45"):
        client.post(URL, typed(client, measures, value))
    assert Reading.objects.count() == 2
    page = client.get(f"/measures/{measures[0].pk}/").text
    assert page.count("Replaced by a later figure") == 1
    assert "Latest: <strong>45%, 31 October 2026</strong>" in " ".join(page.split())


def test_person_without_measures_is_told_so(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    assert "You are not the analyst for any measure." in client.get(URL).text
    assert client.post(URL, {}).status_code == 403
    client.logout()
    assert client.post(URL, {}, headers=HTMX).status_code == 401


def test_figure_of_another_supplier_is_refused(signed_in: SignedIn, cast: Cast, measures: list[Measure]) -> None:
    Measure.objects.filter(pk=measures[0].pk).update(supplier=cast.officer)
    client = signed_in("supplier")
    assert client.post(URL, typed(client, measures, "40", "2")).status_code == 302
    assert [one.measure for one in Reading.objects.all()] == [measures[1]]


def test_a_supplier_without_a_role_supplies_nothing(signed_in: SignedIn, cast: Cast, measures: list[Measure]) -> None:
    Membership.objects.filter(user=cast.supplier).update(role="reader")
    client = signed_in("supplier")
    assert client.post(URL, {f"value_{measures[0].pk}": "40"}).status_code == 403
    assert not figures_to_supply(Access(cast.supplier, TODAY)).exists()


def test_due_figures_follow_their_frequency(cast: Cast, measures: list[Measure]) -> None:
    def wanted(on: datetime.date) -> set[Measure]:
        return set(figures_to_supply(Access(cast.supplier, on)))

    assert wanted(TODAY) == set(measures)
    supply([(measures[0], NewReading(OCTOBER, Decimal(40), source="Return"))], by=Actor(cast.supplier), at=NOON)
    end_measure(measures[1], by=Actor(cast.head), at=NOON, reason="Not counted any more.")
    assert wanted(TODAY) == {measures[2]}
    assert wanted(datetime.date(2026, 12, 1)) == {measures[0], measures[2]}
    assert last_event("measure.ended").why is not None


@pytest.mark.parametrize(
    ("rhythm", "as_of", "given", "wanted"),
    [
        ("monthly", "2026-10-31", "2026-11-05", "2026-12-01"),
        ("monthly", "2026-11-10", "2026-11-12", "2026-12-01"),
        # The last Friday of October stands for October.
        ("monthly", "2026-10-28", "2026-11-05", "2026-12-01"),
        # A figure of long ago is no figure of this month.
        ("monthly", "2026-01-31", "2026-11-05", "2026-03-01"),
        ("quarterly", "2026-09-30", "2026-11-05", "2027-01-01"),
        ("yearly", "2026-03-31", "2026-11-05", "2027-04-01"),
    ],
)
def test_when_the_next_is_wanted(rhythm: str, as_of: str, given: str, wanted: str) -> None:
    day = datetime.date.fromisoformat
    assert next_wanted(rhythm, day(as_of), given=day(given)) == day(wanted)


def test_measure_without_supplier_is_nobodys_task(cast: Cast, measures: list[Measure]) -> None:
    """Also not by a form that was opened before its supplier was taken away."""
    Measure.objects.filter(pk=measures[0].pk).update(supplier=None)
    with pytest.raises(ValidationError, match="Someone else is now the analyst"):
        supply([(measures[0], NewReading(OCTOBER, Decimal(12)))], by=Actor(cast.supplier), at=NOON)
