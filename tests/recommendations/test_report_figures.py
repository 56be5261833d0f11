"""Readings are given with a report and stand with it, or neither is given."""

from decimal import Decimal

import pytest

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.reporting import errors_of, form_in, own, report_url, text_in, updates
from tracker.history.models import Event
from tracker.measures.models import Measure, Reading
from tracker.recommendations.models import MeasureLink, Update

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"progress": "some", "what_changed": "Ten staff were trained."}
SAID = {"as_of": "31/10/2026", "source": "Monthly workload report"}


def measure(*numbers: int, name: str = "Oversight lacking", unit: str = "%") -> Measure:
    """Linked to these recommendations and to no other."""
    organisation = recommendation(4).addressee
    made = Measure.objects.create(organisation=organisation, name=name, unit=unit, better="down")
    for number in numbers:
        MeasureLink.objects.create(recommendation=recommendation(number), measure=made, said_by="ours")
    return made


@pytest.fixture(autouse=True)
def no_others(cast: Cast) -> None:
    MeasureLink.objects.all().delete()


def test_a_figure_is_given_with_its_report(signed_in: SignedIn, cast: Cast) -> None:
    lacking, weeks = measure(4), measure(4, name="Weeks to a first day", unit="weeks")
    typed = TYPED | SAID | {f"value_{lacking.pk}": "3 of 7", f"value_{weeks.pk}": ""}
    client = signed_in("head")
    assert client.post(report_url(), typed).status_code == 302
    (update,), reading = updates(), Reading.objects.get()
    assert list(update.readings.all()) == [reading]
    assert (reading.measure, reading.of, reading.out_of, reading.value) == (lacking, 3, 7, Decimal("42.86"))
    assert (reading.as_of.isoformat(), reading.source) == ("2026-10-31", "Monthly workload report")
    assert (reading.given_by, reading.day) == (cast.head, TODAY)
    events = Event.objects.filter(verb__in=("reading.given", "recommendation.reported"))
    assert len({event.operation_id for event in events}) == 1
    assert events.count() == 2
    section = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one("details", id="update")
    assert "Oversight lacking: 3 of 7 (42.9%) as of 31 October 2026" in section.text


def test_what_cannot_be_calculated_is_not_zero(signed_in: SignedIn, cast: Cast) -> None:
    made = measure(4)
    signed_in("head").post(report_url(), TYPED | SAID | {f"value_{made.pk}": "cannot be calculated"})
    signed_in("head").post(report_url(), TYPED | SAID | {f"value_{made.pk}": "0"})
    assert [reading.value for reading in Reading.objects.order_by("pk")] == [None, Decimal(0)]


def test_figure_is_shown_only_with_recommendations_of_its_measure(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4, 5)
    made = measure(4, 5)
    also = {"also": [recommendation(1).pk, recommendation(5).pk]}
    signed_in("officer").post(report_url(4), TYPED | SAID | also | {f"value_{made.pk}": "80"})
    assert [updates(number)[0].readings.count() for number in (1, 4, 5)] == [0, 1, 1]
    assert Reading.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"value": "lots"}, "value", "Enter a number such as 85"),
        ({"value": "101"}, "value", "between 0 and 100"),
        ({"value": "7 of 3"}, "value", "more than"),
        ({"as_of": ""}, "as_of", "Enter the date the figures relate to"),
        ({"as_of": "24/11/2026"}, "as_of", "Date must be today or in the past"),
        ({"source": ""}, "source", "Enter the source of the figures"),
        ({"progress": ""}, "progress", "Select progress"),
    ],
)
def test_error_in_either_part_sends_neither_and_keeps_both(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], field: str, message: str
) -> None:
    made = measure(4)
    given = TYPED | SAID | {"value": "80"} | typed
    box = f"value_{made.pk}"
    given[box] = given.pop("value")
    answer = signed_in("head").post(report_url(), given)
    assert answer.status_code == 422
    assert message in errors_of(answer, box if field == "value" else field)
    form = form_in(answer)
    assert text_in(answer, "what_changed") == "Ten staff were trained."
    assert form.one(name=box).attrs["value"] == given[box]
    assert "open" in form.all("details")[0].attrs
    assert not Reading.objects.exists()
    assert not Update.objects.exists()


def test_empty_figures_are_folded_and_optional(signed_in: SignedIn, cast: Cast) -> None:
    measure(4)
    client = signed_in("head")
    form = form_in(client.get(report_url()))
    assert form.all("details")[0].one("summary").text == "Add figures"
    assert "open" not in form.all("details")[0].attrs
    assert form.sent()["as_of"] == ["31/10/2026"]
    assert client.post(report_url(), form.sent() | TYPED).status_code == 302
    assert not Reading.objects.exists()


def test_a_figure_of_another_recommendation_is_not_taken(signed_in: SignedIn, cast: Cast) -> None:
    other = measure(5)
    assert signed_in("head").post(report_url(4), TYPED | SAID | {f"value_{other.pk}": "80"}).status_code == 302
    assert not Reading.objects.exists()
    assert not form_in(signed_in("head").get(report_url())).all(name="as_of")
