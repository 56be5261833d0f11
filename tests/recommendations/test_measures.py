"""What is measured: the lead adds, links, changes and ends; everybody who sees the recommendation reads it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.base import NOON, TODAY, Cast, previous, recommendation
from tests.factories import read
from tests.recommendations.changing import HTMX, SignedIn
from tests.recommendations.promising import error_beside, last_event, opened
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.measures.models import Measure, NewReading
from tracker.recommendations.measure.operations import add_measure, change_measure, link_measure, supply
from tracker.recommendations.measure.policies import can_add_measure, can_change_measure, visible_measures
from tracker.recommendations.measure.queries import section
from tracker.recommendations.models import Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")


def oversight(cast: Cast, **more: Any) -> Measure:
    values: dict[str, Any] = {"name": "Oversight missing", "unit": "%", "better": "down", "baseline": Decimal(89)}
    return add_measure(recommendation(4), by=Actor(cast.head), at=NOON, **(values | more))


def add_url() -> str:
    return f"/recommendations/{recommendation(4).pk}/add-measure/"


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_the_lead_adds_one_and_it_is_on_record(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    data = {"name": "Adjustments made", "unit": "%", "better": "up", "baseline": "3 of 7", "target": "100"}
    more = {"supplier": cast.supplier.label, "is_ours": "on", "ended_on": "1/1/2020", "organisation": "1"}
    answer = client.post(add_url(), opened(client, add_url()) | data | more, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    held = Measure.objects.get()
    assert (held.baseline, held.baseline_of, held.baseline_out_of) == (None, 3, 7)
    assert (held.target, held.supplier, held.rhythm) == (Decimal(100), cast.supplier, "monthly")
    assert (held.is_ours, held.ended_on, held.organisation.name) == (False, None, "West Kent PDU")
    assert last_event("measure.added").subject_id == held.pk


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"baseline": "8 of 7"}, "baseline", "8 must not be more than 7"),
        ({"baseline": "-"}, "baseline", "Leave this empty if the report gives no figure."),
        ({"baseline": "120"}, "baseline", "Percentage must be between 0 and 100"),
        ({"target": "some"}, "target", "Enter a number such as 10.5, or “cannot be calculated”"),
        ({"name": ""}, "name", "Enter what it measures"),
        ({"supplier": "reader@example.test"}, "supplier", ""),
    ],
)
def test_errors_are_shown_beside_their_field(signed_in: SignedIn, typed: dict[str, str], field: str, said: str) -> None:
    client = signed_in("head")
    data = {"name": "Adjustments made", "unit": "%", "better": "up"} | typed
    answer = client.post(add_url(), opened(client, add_url()) | data)
    assert answer.status_code == 422
    assert said in error_beside(answer, field)
    assert not Measure.objects.exists()


def test_nothing_is_added_to_what_is_not_open(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="no_longer_applies")
    client = signed_in("head")
    data = opened(client, add_url()) | {"name": "Adjustments made", "unit": "%", "better": "up"}
    answer = client.post(add_url(), data)
    assert (answer.status_code, "It is no longer open" in answer.text) == (422, True)


def test_measure_can_serve_two_recommendations_and_is_linked_once(signed_in: SignedIn, cast: Cast) -> None:
    held = oversight(cast)
    url = f"/recommendations/{recommendation(1).pk}/link-measure/"
    client = signed_in("head")
    data = opened(client, url) | {"measure": str(held.pk)}
    assert client.post(url, data).status_code == 302
    assert set(held.links.values_list("recommendation", flat=True)) == {recommendation(4).pk, recommendation(1).pk}
    assert last_event("measure.linked").subject_id == held.pk
    assert client.post(url, opened(client, url) | {"measure": str(held.pk)}).status_code == 422


def test_a_newer_change_is_shown_and_can_be_finished_over(signed_in: SignedIn, cast: Cast) -> None:
    held, url = oversight(cast), f"/measures/{oversight(cast).pk}/change/"
    held = Measure.objects.latest("pk")
    client = signed_in("head")
    data = opened(client, url) | {"target": "20"}
    change_measure(held, by=Actor(cast.head), at=NOON, seen_version=1, target=Decimal(30), rhythm="quarterly")
    answer = client.post(url, data)
    assert answer.status_code == 409
    target = next(row for row in read(answer).all("tr") if row.text.startswith("Target"))
    assert [cell.text for cell in target.all("td")] == ["no target", "30", "20 differs"]
    assert client.post(url, dict(read(answer).one("form", action=url).sent())).status_code == 302
    held.refresh_from_db()
    assert (held.target, held.rhythm, held.version) == (Decimal(20), "quarterly", 3)
    assert last_event("measure.changed").changes["target"] == ["30.00", "20.00"]


def test_ended_measure_cannot_be_changed(signed_in: SignedIn, cast: Cast) -> None:
    held = oversight(cast)
    client, url = signed_in("head"), f"/measures/{held.pk}/end/"
    assert client.post(url, opened(client, url) | {"reason": "It is not counted any more."}).status_code == 302
    held.refresh_from_db()
    assert held.ended_on == TODAY
    answer = client.post(url, opened(client, url) | {"reason": "Again."})
    assert (answer.status_code, "This measure has ended." in answer.text) == (422, True)


# Who sees a measure of recommendation 4, may change it, and may add one to 4 (West Kent's) and 6 (the region's).
GRID = """
head        yes yes yes no
officer     yes no  no  no
supplier    yes no  no  no
neighbour   no  no  no  no
operations  yes no  no  yes
director    yes no  no  no
policy      yes no  no  no
national    yes no  no  no
reader      yes no  no  no
admin       yes no  no  no
stranger    no  no  no  no
nobody      no  no  no  no
"""


@pytest.mark.parametrize("line", GRID.strip().splitlines(), ids=lambda line: str(line).split()[0])
def test_who_sees_and_who_decides(cast: Cast, line: str) -> None:
    name, *expected = line.split()
    access, held = Access(getattr(cast, name), TODAY), oversight(cast)
    found = [
        visible_measures(access).filter(pk=held.pk).exists(),
        can_change_measure(access, held),
        can_add_measure(access, recommendation(4)),
        can_add_measure(access, recommendation(6)),
    ]
    assert ["yes" if one else "no" for one in found] == expected


def test_the_named_supplier_sees_it_and_its_page_from_elsewhere(signed_in: SignedIn, cast: Cast) -> None:
    held = oversight(cast)
    assert signed_in("stranger").get(f"/measures/{held.pk}/").status_code == 404
    Measure.objects.filter(pk=held.pk).update(supplier=cast.stranger)
    page = signed_in("stranger").get(f"/measures/{held.pk}/")
    assert (page.status_code, "No recommendations you can see." in page.text) == (200, True)


def test_section_describes_each_figure(signed_in: SignedIn, cast: Cast) -> None:
    held = oversight(cast, target=Decimal(20), caution="It is a sample.", is_ours=True, supplier=cast.supplier)
    new = NewReading(TODAY, Decimal(40), source="Our audit", method="Dip sample")
    supply([(held, new)], by=Actor(cast.supplier), at=NOON)
    page = read(signed_in("director").get(f"/recommendations/{recommendation(4).pk}/"))
    text = page.one(id="measures").text
    for said in ("Baseline: 89%", "Latest: 40% , 23 November 2026", "Target: 20%", "Lower is better"):
        assert said.replace(" ", "") in text.replace(" ", "")
    assert "It is a sample." in text
    assert "Our interpretation" in text
    assert "Different method from the baseline" in text
    assert page.one(id="measures").all("polyline") == []
    assert len(page.one(id="measures").all("circle")) == 2
    assert "Add a measure" not in text


def test_empty_measure_section_says_so_and_offers_to_add_one(signed_in: SignedIn, cast: Cast) -> None:
    client, url = signed_in("head"), f"/recommendations/{recommendation(3).pk}/"
    assert "This recommendation has no measures yet." in read(client.get(url)).one(id="measures").text
    oversight(cast, is_ours=True)
    text = read(client.get(url)).one(id="measures").text
    assert "The report gives no figure for this recommendation. You can add your own." in text
    assert "Add a measure" in text


def test_the_section_costs_as_much_for_many(cast: Cast, django_assert_num_queries: Callable[..., Any]) -> None:
    item = recommendation(4)
    for n in range(6):
        held = oversight(cast, name=f"Measure {n}", supplier=cast.supplier)
        new = NewReading(TODAY, Decimal(n), source="Return", caution="A sample.")
        supply([(held, new)] * 3, by=Actor(cast.supplier), at=NOON)
    link_measure(previous(2), Measure.objects.latest("pk"), by=Actor(cast.operations), at=NOON)
    access = Access(cast.head, TODAY)
    assert access.led_ids
    with django_assert_num_queries(3):
        found = section(access, item)
    assert found is not None
    assert found.summary == "6 measures, 6 with a figure"
