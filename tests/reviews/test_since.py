"""What happened since the end of a day: what moved, slipped, was opened again; who said so, from what to what."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, LOADED, NOON, NORTH, TODAY, Cast, recommendation, west_kent
from tests.factories import Answer, Node, far_away, inspection_at, listed, place, read, scattered
from tests.inspections.embargoed import ENDS, embargoed
from tests.recommendations.promising import fixed
from tests.recommendations.reviewing import owned, proven, reported, submitted
from tests.reviews.living import Year
from tests.reviews.telling import with_history
from tests.reviews.test_last_meeting import met
from tests.sampling import MANY
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.ask import operations as asks
from tracker.recommendations.change.operations import change
from tracker.recommendations.close import operations as closing
from tracker.recommendations.decision import operations as review
from tracker.recommendations.due import operations as extension
from tracker.recommendations.due.operations import correct_date
from tracker.recommendations.models import Plan, Recommendation, Report
from tracker.recommendations.recommendation.queries import last_event_id

SignedIn = Callable[[str], Client]
URL = "/review/since/"
LONG_AGO = NOON - datetime.timedelta(days=10)
SINCE = TODAY - datetime.timedelta(days=5)
pytestmark = pytest.mark.usefixtures("at_noon")


def ago(days: int) -> datetime.datetime:
    return NOON - datetime.timedelta(days=days)


def page(client: Client, day: datetime.date = SINCE, **more: int | str) -> Node:
    answer: Answer = client.get(URL, {"since": day.isoformat(), **more})
    assert answer.status_code == 200
    return read(answer).one(id="since")


def told(page: Node, kind: str) -> dict[int, str]:
    """What is said of each recommendation of the kind; the count behind the title is that of the rows."""
    if not (found := page.all("section", id=kind)):
        return {}
    rows = {
        int(row.attrs["id"].rpartition("-")[2]): row.one("td").text for row in found[0].all("tr") if "id" in row.attrs
    }
    assert f"({len(rows)})" in found[0].one("h3").text
    return rows


def kinds(page: Node, item: Recommendation) -> set[str]:
    """In which lists it stands."""
    return {part.attrs["id"] for part in page.all("section") if item.pk in told(page, part.attrs["id"])}


def says(number: int, by: User, progress: str, at: datetime.datetime, words: str = "Cases were read.") -> None:
    item = recommendation(number)
    change(item, by=Actor(by), at=at, seen_version=item.version, report=Report(progress, words))


# -- kinds -----------------------------------------------------------------------------------------------------------
def test_reports_go_up_down_or_are_the_first(signed_in: SignedIn, cast: Cast) -> None:
    for number, before, after in ((1, "no", "some"), (2, "sufficient", "no"), (4, "", "no"), (5, "some", "some")):
        if before:
            says(number, cast.head, before, ago(6))
        says(number, cast.head, after, ago(2), "The audit of May was read.")
    seen = page(signed_in("director"))
    assert told(seen, "up").keys() == {recommendation(1).pk}
    assert told(seen, "down").keys() == {recommendation(2).pk}
    assert told(seen, "first").keys() == {recommendation(4).pk}
    assert kinds(seen, recommendation(5)) == set()
    said = told(seen, "up")[recommendation(1).pk]
    assert "No progress → Some progress" in said
    assert "“The audit of May was read.” Head, 21 November 2026" in said


def test_what_was_said_before_that_day_ended_is_left_out(signed_in: SignedIn, cast: Cast) -> None:
    midnight = datetime.datetime.combine(SINCE, datetime.time.max, tzinfo=NOON.tzinfo)
    says(1, cast.head, "no", midnight)
    says(2, cast.head, "no", midnight + datetime.timedelta(seconds=1))
    assert told(page(signed_in("director")), "first").keys() == {recommendation(2).pk}


def test_recommendation_from_submission_to_reopening(signed_in: SignedIn, cast: Cast, own_store: object) -> None:
    item = submitted(4, cast)
    review.return_(
        item, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), reason="The sample is too small."
    )
    client = signed_in("director")
    assert kinds(page(client), item) == {"owner", "first", "evidence", "submitted", "returned"}
    assert "Submitted → Open" in told(page(client), "returned")[item.pk]
    assert "The sample is too small." in told(page(client), "returned")[item.pk]
    proven(4, cast.officer)
    with time_machine.travel(NOON + datetime.timedelta(days=1), tick=False):
        at = NOON + datetime.timedelta(days=1)
        tomorrow = at.date()
        reported(4, cast.head, "sufficient")
        proven(4, cast.officer, speaks_of=tomorrow, at=NOON + datetime.timedelta(minutes=5))
        review.submit(
            item, by=Actor(cast.head), at=at, seen_event=last_event_id(item), statement="It is different now."
        )
        found: Any = {"method": "cases", "cases": 12, "words": "Ten of 12 are good."}
        review.sign_off(item, by=Actor(cast.director), at=at, seen_event=last_event_id(item), **found)
        again: Any = {"reason": "It did not last.", "due_on": TODAY + datetime.timedelta(days=90)}
        review.reopen(item, by=Actor(cast.director), at=at, seen_event=last_event_id(item), **again)
        client.force_login(cast.director)
        seen = page(client, TODAY)
    assert kinds(seen, item) == {"submitted", "signed_off", "reopened"}
    said = told(seen, "reopened")[item.pk]
    assert "Signed off → Open" in said
    assert "21 February 2027" in said


def test_check_with_the_same_result_is_listed(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    for days, words in ((7, "Twelve cases."), (1, "Twelve more.")):
        found: Any = {"progress": "some", "method": "papers", "found": words}
        review.check(item, by=Actor(cast.director), at=ago(days), seen_event=last_event_id(item), **found)
    said = told(page(signed_in("director")), "checked")[item.pk]
    assert said == "Some progress “Twelve more.” Director, 22 November 2026"


@pytest.mark.parametrize(
    ("due_on", "original", "lists"),
    [
        # Due on that day itself was not overdue then.
        (SINCE, SINCE, {"overdue", "slipped"}),
        (SINCE - datetime.timedelta(days=1), SINCE - datetime.timedelta(days=1), set()),
        (TODAY - datetime.timedelta(days=1), TODAY - datetime.timedelta(days=1), {"overdue", "slipped"}),
        (TODAY, TODAY, set()),
        (TODAY + datetime.timedelta(days=9), TODAY - datetime.timedelta(days=1), {"slipped"}),
        (TODAY - datetime.timedelta(days=1), None, {"overdue"}),
    ],
)
def test_changes_made_by_a_passing_day_are_listed(
    signed_in: SignedIn, cast: Cast, due_on: datetime.date, original: datetime.date | None, lists: set[str]
) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_on=due_on, original_due_on=original)
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=LONG_AGO, seen_version=item.version, plan=Plan(cast.officer, due_on))
    assert kinds(page(signed_in("director")), item) == lists


def test_dates_moved_later_by_whoever_may(signed_in: SignedIn, cast: Cast) -> None:
    """A draft that moves, and a fixed one by extension; a mistyped one that was corrected has not moved."""
    first, later = TODAY + datetime.timedelta(days=5), TODAY + datetime.timedelta(days=60)
    for number in (1, 2, 4):
        fixed(number, cast.head, first)
    Recommendation.objects.filter(pk=recommendation(1).pk).update(original_due_on=None)
    item = recommendation(1)
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, plan=Plan(None, later))
    asked = extension.ask_extension(
        recommendation(2), by=Actor(cast.head), at=NOON, to_on=later, reason="The trainer left."
    )
    seen_event = last_event_id(recommendation(2))
    extension.decide_extension(asked, by=Actor(cast.director), at=NOON, seen_event=seen_event, granted=True)
    item = recommendation(4)
    correct: Any = {"original_due_on": later, "reason": "Mistyped."}
    correct_date(item, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), **correct)
    seen = page(signed_in("director"))
    assert told(seen, "later").keys() == {recommendation(1).pk, recommendation(2).pk}
    assert "28 November 2026 → 22 January 2027" in told(seen, "later")[recommendation(2).pk]


def test_owners_asks_and_what_was_closed(signed_in: SignedIn, cast: Cast) -> None:
    owned(4, cast.officer)
    wanted: Any = {"words": "More people.", "asked_of": place(KSS), "wanted_on": TODAY}
    asked = asks.ask(recommendation(4), by=Actor(cast.head), at=LONG_AGO, **wanted)
    asks.answer(asked, by=Actor(cast.operations), at=NOON, seen_version=1, state="no", words="There is no money.")
    item = recommendation(5)
    gone: Any = {"outcome": "no_longer_applies", "reason": "The office has closed."}
    closing.close(item, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), **gone)
    seen = page(signed_in("director"))
    assert "nobody → Officer" in told(seen, "owner")[recommendation(4).pk]
    assert "Request answered: no “There is no money.” Operations" in told(seen, "answered")[recommendation(4).pk]
    assert "Open → No longer applies “The office has closed.”" in told(seen, "closed")[item.pk]


def test_what_was_loaded_or_published_since_is_new(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    assert told(page(client), "new") == {}
    ours = [item.pk for item in embargoed(cast, "national").recommendations.filter(is_previous=False)]
    assert told(page(client), "new") == {}
    assert told(page(signed_in("national")), "new").keys() == set(ours)
    after = ENDS + datetime.timedelta(days=1)
    with time_machine.travel(after, tick=False):
        for who, new in (("director", set(ours)), ("national", set())):
            client.force_login(getattr(cast, who))
            # Whoever was not named sees them only since the embargo has ended.
            assert told(page(client, ENDS.date() - datetime.timedelta(days=1)), "new").keys() == new


# -- figures and lists -----------------------------------------------------------------------------------------------
@pytest.mark.grid
@pytest.mark.parametrize("who", ["director", "national", "reader"])
def test_what_is_late_since_then_is_what_was_not_late_then(cast: Cast, who: str) -> None:
    """Compared with the lists of both days, whatever happened in between."""
    year, client = Year(cast, 9), Client()
    days = [at.date() for at in year.days(12)]
    with time_machine.travel(year.at + datetime.timedelta(days=30), tick=False):
        client.force_login(getattr(cast, who))

        def late(mark: str, prefix: str = "") -> set[int]:
            return set(listed(read(client.get(f"{prefix}/recommendations/?mark={mark}"))))

        for day in days[::3]:
            seen = page(client, day)
            for mark in ("overdue", "slipped"):
                shown = told(page(client, day, kind=mark), mark).keys()
                assert shown == late(mark) - late(mark, f"/as-at/{day}"), (day, mark)
                assert f"({len(shown)})" in (seen.one(id=mark).one("h3").text if shown else "(0)")


def test_every_change_of_a_kind_is_on_its_own_pages(signed_in: SignedIn, cast: Cast) -> None:
    begin = TODAY - datetime.timedelta(days=200)
    with_history(3, inspection_at(KSS), [place(KSS), place(f"{KSS}west-kent-pdu/")], [cast.head], 160, begin=begin)
    client = signed_in("director")
    whole = read(client.get(URL, {"since": LOADED.date().isoformat()})).one(id="since")
    for part in whole.all("section"):
        name, count = part.attrs["id"], int(part.one("h3").text.rpartition("(")[2].rstrip(")"))
        rows, start = set(), "0"
        while start:
            query: dict[str, str] = {"since": LOADED.date().isoformat(), "kind": name, "from": start}
            shown = read(client.get(URL, query)).one(id="since").one(id=name)
            rows |= {row.attrs["id"] for row in shown.all("tr") if "id" in row.attrs}
            following = shown.all("a", rel="next")
            start = following[0].attrs["href"].rpartition("from=")[2] if following else ""
        assert len(rows) == count, name
        assert len([row for row in part.all("tr") if "id" in row.attrs]) == min(10, count)


def test_only_what_is_addressed_to_one_organisation(signed_in: SignedIn, cast: Cast) -> None:
    for number in (4, 6):
        says(number, cast.policy, "no", NOON)
    here, there = recommendation(4), recommendation(6)
    assert here.addressee != there.addressee
    client = signed_in("director")
    assert told(page(client), "first").keys() == {here.pk, there.pk}
    assert told(page(client, organisation=here.addressee.pk), "first").keys() == {here.pk}
    # One that the person does not see is none to choose.
    answer = client.get(URL, {"since": SINCE.isoformat(), "organisation": str(place(NORTH).pk)})
    assert answer.status_code == 422


def test_the_other_region_changes_nothing_here(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    before = page(client).text
    far_away()
    assert page(client).text == before


def test_it_costs_as_many_queries_for_many_rows_as_for_few(signed_in: SignedIn, cast: Cast) -> None:
    client, counts = signed_in("director"), []
    begin = TODAY - datetime.timedelta(days=90)
    for turn, count in enumerate((12, MANY)):
        with_history(turn, west_kent(), [place(KSS)], [cast.head, cast.officer], count, begin=begin)
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


# -- choosing a day --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter since"),
        ("last meeting", "Enter a date such as 31/10/2026"),
        ("23/11/2026", "Enter a date before 23 November 2026"),
        ("1/11/2026", "There are no records for that date. Enter a later date"),
    ],
)
def test_invalid_day_is_shown_beside_the_field(signed_in: SignedIn, typed: str, said: str) -> None:
    answer = signed_in("director").get(URL, {"since": typed})
    assert answer.status_code == 422
    shown = read(answer).one(id="since")
    assert said in shown.one(id="id_since_error").text
    assert shown.one("input", id="id_since").attrs.get("value", "") == typed
    assert not shown.all("section")


def test_without_a_day_the_start_is_shown(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    shown = read(client.get(URL)).one(id="since")
    # 28 days before lie before the record begins.
    assert "this starts from the first record" in shown.text
    assert "since 2 November 2026" in shown.one("h2").text
    with time_machine.travel(NOON + datetime.timedelta(days=40), tick=False):
        client.force_login(cast.director)
        shown = read(client.get(URL)).one(id="since")
    assert "this starts 28 days ago" in shown.text
    assert "since 5 December 2026" in shown.one("h2").text


def test_it_starts_at_the_last_meeting(signed_in: SignedIn, cast: Cast) -> None:
    """About the organisation asked for, or about any; whoever does not meet is not told of meetings."""
    met(f"{KSS}west-kent-pdu/", cast.director, 9)
    met(f"{KSS}east-kent-pdu/", cast.director, 3)
    west = place(f"{KSS}west-kent-pdu/")
    asked: dict[str, int]
    for asked, day, said in (
        ({}, "20 November 2026", "Starting from the last meeting."),
        ({"organisation": west.pk}, "14 November 2026", "Starting from the last meeting about West Kent PDU."),
    ):
        shown = read(signed_in("director").get(URL, asked)).one(id="since")
        assert f"since {day}" in shown.one("h2").text
        assert said in shown.text
    assert "no meeting" in read(signed_in("reader").get(URL)).one(id="since").text


def test_day_before_any_record_is_refused(signed_in: SignedIn) -> None:
    client = signed_in("director")
    answer = client.get(f"/as-at/{LOADED.date()}{URL}")
    assert "Records start on 2 November 2026" in read(answer).one(id="since").text
    day = LOADED.date() - datetime.timedelta(days=1)
    assert "No inspection has been loaded yet" in read(client.get(f"/as-at/{day}{URL}")).one(id="since").text
    quiet = page(client)
    assert "No changes." in quiet.text
    assert not quiet.all("section")


def test_it_is_shown_as_at_a_past_day(signed_in: SignedIn, cast: Cast) -> None:
    says(1, cast.head, "no", ago(3))
    says(2, cast.head, "no", ago(1))
    client = signed_in("director")
    past = read(client.get(f"/as-at/{TODAY - datetime.timedelta(days=2)}{URL}", {"since": SINCE.isoformat()}))
    assert told(past.one(id="since"), "first").keys() == {recommendation(1).pk}
    assert past.one("form", class_="app-choose").attrs["action"].startswith("/as-at/2026-11-21/")


@pytest.mark.parametrize("who", ["head", "officer", "supplier", "nobody"])
def test_page_is_for_people_above_the_pdus(signed_in: SignedIn, who: str) -> None:
    assert signed_in(who).get(URL).status_code == 403


def test_rows_without_events_count_as_unchanged(signed_in: SignedIn, cast: Cast) -> None:
    rows = scattered(1, west_kent(), [place(KSS)], [cast.head], 20)
    assert not told(page(signed_in("director")), "new").keys() & {row.pk for row in rows}
