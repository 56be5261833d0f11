"""The updates on a recommendation's page: who said what and when, and never a wall."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import NOON, Cast, recommendation
from tests.factories import Node, read
from tests.recommendations.changing import SignedIn, planned
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.measures.models import Measure, Reading
from tracker.recommendations.models import Recommendation, Report, Update
from tracker.recommendations.update.operations import report

pytestmark = pytest.mark.usefixtures("at_noon")


def said(progress: str, words: str, by: User, days: int = 0, **more: object) -> Update:
    at = NOON + datetime.timedelta(days=days)
    (update,) = report([recommendation(4)], Report(progress, words, **more), by=Actor(by), at=at)  # type: ignore[arg-type]
    return update


def shown(signed_in: SignedIn, who: str) -> Node:
    return read(signed_in(who).get(f"/recommendations/{recommendation(4).pk}/")).one("details", id="update")


def entries(section: Node) -> list[str]:
    return [entry.text for entry in section.all(class_="app-entry")]


def test_empty_update_section_offers_the_form_to_those_who_may(signed_in: SignedIn, cast: Cast) -> None:
    section = shown(signed_in, "head")
    assert "none yet" in section.one("summary").text
    assert "No update yet." in section.text
    assert section.one("a").attrs["href"] == f"/recommendations/{recommendation(4).pk}/report/"
    for who in ("officer", "director", "reader"):
        assert shown(signed_in, who).all("a") == []


def test_each_update_shows_who_when_what_and_forecast(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, None, cast.head)
    said("some", "Ten staff <b>were</b> trained.", cast.officer, outlook="at_risk", outlook_reason="Two have left.")
    said("no", "They left again.", cast.head, days=1)
    section = shown(signed_in, "reader")
    newest, first = entries(section)
    assert "2 updates" in section.one("summary").text
    assert newest == "No progress Downgraded Lead reports: Head, 24 November 2026 “They left again.”"
    assert first == (
        "Some progress Owner reports: Officer, 23 November 2026 “Ten staff <b>were</b> trained.” "
        "Will it be done by the due date? At risk : “Two have left.”"
    )


def test_a_correction_and_what_it_corrects_name_each_other(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, None, cast.head)
    mistaken = said("sufficient", "All done.", cast.officer)
    correction = said("some", "Half of it is done.", cast.officer, days=1, corrects=mistaken)
    newest, first = shown(signed_in, "head").all(class_="app-entry")
    assert "Corrects the update of 23 November 2026" in newest.text
    assert "Corrected by the update of 24 November 2026" in first.text
    links = [[link.attrs["href"] for link in entry.all("a")] for entry in (newest, first)]
    url = f"/recommendations/{recommendation(4).pk}/report/?corrects={correction.pk}"
    # What is corrected already is not offered again.
    assert links == [[f"#update-{mistaken.pk}", url], [f"#update-{correction.pk}"]]


@pytest.mark.parametrize(("who", "count"), [("head", 2), ("officer", 1), ("colleague", 0), ("director", 0)])
def test_a_correction_is_offered_of_ones_own_and_to_the_lead(
    signed_in: SignedIn, cast: Cast, who: str, count: int
) -> None:
    planned(4, cast.officer, None, cast.head)
    said("some", "Begun.", cast.officer)
    said("some", "Seen.", cast.head)
    links = [link.text for link in shown(signed_in, who).all("a")]
    assert links.count("Correct this update of 23 November 2026") == count


def test_readings_stand_with_the_update_they_were_given_with(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    measure = Measure.objects.create(organisation=item.addressee, name="Oversight lacking", unit="%", better="down")
    update = said("some", "Begun.", cast.head)
    for value in ("61.50", "0.00", None):
        update.readings.add(
            Reading.objects.create(
                measure=measure, value=value, as_of=NOON.date(), given_by=cast.head, at=NOON, day=NOON.date()
            )
        )
    (entry,) = entries(shown(signed_in, "head"))
    assert "Oversight lacking: 61.5% as of 23 November 2026" in entry
    assert "Oversight lacking: 0% as of 23 November 2026" in entry
    assert "Oversight lacking: Cannot be calculated as of 23 November 2026" in entry


def test_thirty_updates_are_folded_and_cost_no_more_than_one(signed_in: SignedIn, cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/recommendations/{recommendation(4).pk}/").status_code == 200
        return len(queries)

    client = signed_in("head")
    update = said("some", "Update 0.", cast.head)
    first = cost()
    for number in range(1, 31):
        update = said("some", f"Update {number}.", cast.head, corrects=update)
    assert cost() == first
    section = shown(signed_in, "head")
    (earlier,) = section.all("details")
    assert earlier.one("summary").text == "28 earlier updates"
    assert len(entries(earlier)) == 28
    assert ["Update 30." in text for text in entries(section)] == [True] + [False] * 30


def test_it_is_offered_no_more_once_it_is_submitted(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, None, cast.head)
    said("sufficient", "Done.", cast.officer)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(
        status="submitted", submitted_by=cast.head, submitted_on=NOON.date()
    )
    assert shown(signed_in, "head").all("a") == []
