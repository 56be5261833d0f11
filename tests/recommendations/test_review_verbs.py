"""Checking, withdrawing, returning, sustaining, opening again, closing: each through its page."""

import datetime
from dataclasses import dataclass
from typing import Any

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import FIRST, HTMX, address, error_beside, last_event, opened, said_above
from tests.recommendations.reviewing import LATE, proven, reported, signed_off, submission, submitted, words
from tracker.history.models import Event
from tracker.recommendations.decision.progress_by_source import voices
from tracker.recommendations.models import Check, Recommendation, status_filters

pytestmark = pytest.mark.usefixtures("at_noon")


@dataclass(frozen=True)
class Case:
    """A verb, who does it, from which status, what is typed, its event, and the status afterwards."""

    verb: str
    who: str
    start: str
    typed: dict[str, str]
    event: str
    end: str


CASES = [
    Case(
        "check",
        "director",
        "open",
        {"progress": "some", "method": "papers", "found": "Half is done."},
        "recommendation.checked",
        "open",
    ),
    Case(
        "check",
        "director",
        "submitted",
        {"progress": "no", "method": "visit", "found": "Nothing yet."},
        "recommendation.checked",
        "submitted",
    ),
    Case("withdraw", "head", "submitted", {}, "recommendation.withdrawn", "open"),
    Case("return", "director", "submitted", {"reason": "Too few cases."}, "recommendation.returned", "open"),
    Case(
        "sustain",
        "director",
        "signed_off",
        {"is_sustained": "yes", "words": "A new sample says so."},
        "recommendation.sustained",
        "signed_off",
    ),
    Case(
        "sustain",
        "director",
        "signed_off",
        {"is_sustained": "no", "words": "It slid back.", "due_on": "29/1/2027"},
        "recommendation.not_sustained",
        "open",
    ),
    Case(
        "reopen",
        "director",
        "signed_off",
        {"reason": "It slid back.", "due_on": "29/1/2027"},
        "recommendation.reopened",
        "open",
    ),
    Case(
        "close",
        "director",
        "open",
        {"outcome": "no_longer_applies", "reason": "The unit was closed."},
        "recommendation.closed",
        "no_longer_applies",
    ),
]
IDS = [f"{case.verb}-{case.start}-{case.end}" for case in CASES]


def begin(case: Case, cast: Cast) -> Recommendation:
    if case.start == "submitted":
        submitted(4, cast, due_on=LATE)
    elif case.start == "signed_off":
        signed_off(4, cast)
        Recommendation.objects.filter(pk=recommendation(4).pk).update(sustain_ask_on=TODAY)
    return recommendation(4)


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_it_works_is_recorded_and_done_once(
    signed_in: SignedIn, cast: Cast, case: Case, headers: dict[str, str]
) -> None:
    url = address(begin(case, cast), case.verb)
    client = signed_in(case.who)
    form = opened(client, url) | case.typed
    for _time in range(2):
        assert client.post(url, form, headers=headers).status_code == (200 if headers else 302)
    assert recommendation(4).status == case.end
    event = Event.objects.get(verb=case.event)
    assert event.actor == getattr(cast, case.who)
    said = [text for name, text in case.typed.items() if name in ("reason", "words", "found")]
    assert str(event.why or "") == "".join(said)
    assert all(text not in str(event.after) + str(event.changes) for text in said)


@pytest.mark.grid
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_changes_meanwhile_are_shown_and_it_can_be_finished(signed_in: SignedIn, cast: Cast, case: Case) -> None:
    url = address(begin(case, cast), case.verb)
    client = signed_in(case.who)
    form = opened(client, url) | case.typed
    proven(4, cast.officer)
    answer = client.post(url, form)
    assert (answer.status_code, recommendation(4).status) == (409, case.start)
    assert "Evidence added" in read(answer).text
    for name, typed in case.typed.items():
        assert typed in answer.content.decode(), name
    again = read(answer).one("form", action=url).sent() | case.typed
    assert client.post(url, again).status_code == 302
    assert recommendation(4).status == case.end


@pytest.mark.grid
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_nobody_else_may(signed_in: SignedIn, cast: Cast, case: Case) -> None:
    url = address(begin(case, cast), case.verb)
    before = Event.objects.count()
    for who in {"head", "director", "officer", "independent", "reader", "admin"} - {case.who}:
        client = signed_in(who)
        assert (client.get(url).status_code, client.post(url, case.typed).status_code) == (403, 403), who
    assert signed_in("stranger").post(url, case.typed).status_code == 404
    assert Event.objects.count() == before


@pytest.mark.grid
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_other_fields_change_nothing(signed_in: SignedIn, cast: Cast, case: Case) -> None:
    before = begin(case, cast)
    url = address(before, case.verb)
    client = signed_in(case.who)
    hostile: dict[str, Any] = {field.attname: "3" for field in Recommendation._meta.fields}
    hostile |= {"owner": "3", "status": "superseded"}
    names = set(read(client.get(url)).one("form", action=url).sent())
    kept = {name: value for name, value in hostile.items() if name not in names | {"due_on", "progress"}}
    assert client.post(url, kept | opened(client, url) | case.typed).status_code == 302
    after = recommendation(4)
    never = {"owner_id", "text", "inspection_id", "addressee_id", "response", "progress", "accepted_on", "number"}
    assert all(getattr(before, name) == getattr(after, name) for name in never)


WRONG = [
    ("check", "open", {"progress": ""}, "progress", "Select the progress you see"),
    ("check", "open", {"progress": "excellent"}, "progress", "Select a valid choice."),
    ("check", "open", {"method": "cases"}, "cases", "Enter how many cases you sampled"),
    ("check", "open", {"found": ""}, "found", "Enter what you found"),
    ("return", "submitted", {"reason": ""}, "reason", "Enter what is missing"),
    ("sustain", "signed_off", {"is_sustained": ""}, "is_sustained", "Select yes if the progress is sustained"),
    ("sustain", "signed_off", {"is_sustained": "no", "due_on": ""}, "due_on", "Enter the new due date, such as"),
    ("sustain", "signed_off", {"is_sustained": "no", "due_on": "1/1/2026"}, "due_on", "1 January 2026 is in the past."),
    ("reopen", "signed_off", {"reason": ""}, "reason", "Enter why you are reopening it"),
    ("reopen", "signed_off", {"due_on": "1/1/2026"}, "due_on", "1 January 2026 is in the past."),
    ("close", "open", {"outcome": "not_agreed"}, "outcome", "Select a valid choice."),
    ("close", "open", {"outcome": "superseded"}, "successor", "Select the recommendation that replaces it"),
    ("close", "open", {"reason": ""}, "reason", "Enter why you are closing it"),
]


@pytest.mark.parametrize(("verb", "start", "typed", "field", "said"), WRONG)
def test_refusals_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, verb: str, start: str, typed: dict[str, str], field: str, said: str
) -> None:
    case = next(case for case in CASES if (case.verb, case.start) == (verb, start))
    url = address(begin(case, cast), verb)
    client = signed_in(case.who)
    answer = client.post(url, opened(client, url) | case.typed | typed)
    assert answer.status_code == 422
    assert error_beside(answer, field).startswith(said)
    assert recommendation(4).status == start


@pytest.mark.parametrize(("verb", "who"), [(case.verb, case.who) for case in CASES if case.start != "open"])
def test_wrong_status_is_named(signed_in: SignedIn, cast: Cast, verb: str, who: str) -> None:
    case = next(case for case in CASES if case.verb == verb and case.start != "open")
    if verb == "check":
        signed_off(4, cast)
    url = address(recommendation(4), verb)
    client = signed_in(who)
    assert "so you cannot do this now." in client.get(url).content.decode()
    answer = client.post(url, opened(client, url) | case.typed)
    assert (answer.status_code, "so you cannot do this" in said_above(answer)) == (422, True)


def test_check_is_shown_beside_the_update_and_changes_nothing_else(signed_in: SignedIn, cast: Cast) -> None:
    reported(4, cast.head)
    before = recommendation(4)
    Recommendation.objects.filter(pk=before.pk).update(quiet_since=TODAY - datetime.timedelta(days=40))
    url = address(before, "check")
    client = signed_in("director")
    client.post(url, opened(client, url) | CASES[0].typed)
    item, made = recommendation(4), Check.objects.get()
    assert (made.progress, made.method, made.reviewer, str(made.found)) == (
        "some",
        "papers",
        cast.director,
        "Half is done.",
    )
    assert (item.checked_progress, item.checked_by, item.checked_on) == ("some", cast.director, TODAY)
    assert (item.progress, item.quiet_since) == ("sufficient", TODAY - datetime.timedelta(days=40))
    said = voices(item)
    assert [voice.word for voice in said.all] == ["Sufficient progress", "Some progress", ""]
    assert said.gaps == ["The last check found less progress than reported."]


@pytest.mark.parametrize("verb", ["withdraw", "return"])
def test_return_restores_the_overdue_count(signed_in: SignedIn, cast: Cast, verb: str) -> None:
    case = next(case for case in CASES if case.verb == verb)
    item = begin(case, cast)
    assert not Recommendation.objects.filter(status_filters(TODAY)["overdue"]).exists()
    client = signed_in(case.who)
    client.post(address(item, verb), opened(client, address(item, verb)) | case.typed)
    item = recommendation(4)
    assert (item.days_overdue(TODAY), item.submitted_on, item.submitted_by) == (7, None, None)
    assert item.returned_on == (TODAY if verb == "return" else None)
    assert submission().outcome == ("returned" if verb == "return" else "withdrawn")
    assert Recommendation.objects.filter(status_filters(TODAY)["overdue"]).exists()


def test_sustained_item_stays_signed_off_and_is_not_a_task_again(signed_in: SignedIn, cast: Cast) -> None:
    item = begin(next(case for case in CASES if case.verb == "sustain"), cast)
    client, url = signed_in("director"), address(item, "sustain")
    typed = {"is_sustained": "yes", "words": "So it is.", "due_on": "nonsense"}
    assert client.post(url, opened(client, url) | typed).status_code == 302
    item = recommendation(4)
    assert (item.sustained_on, item.sustain_ask_on, item.due_on) == (TODAY, None, FIRST)
    answer = client.post(url, opened(client, url) | typed)
    assert "This has already been answered." in said_above(answer)


def test_it_is_not_asked_before_its_day(signed_in: SignedIn, cast: Cast) -> None:
    url = address(signed_off(4, cast), "sustain")
    client = signed_in("director")
    answer = client.post(url, opened(client, url) | {"is_sustained": "yes", "words": "So it is."})
    assert "You can record if progress is sustained from 23 February 2027." in said_above(answer)


@pytest.mark.parametrize("verb", ["sustain", "reopen"])
def test_reopened_item_keeps_its_original_date(signed_in: SignedIn, cast: Cast, verb: str) -> None:
    case = next(case for case in CASES if case.verb == verb and case.end == "open")
    item = begin(case, cast)
    client = signed_in("director")
    client.post(address(item, verb), opened(client, address(item, verb)) | case.typed | {"due_on": "January 2027"})
    item = recommendation(4)
    assert (item.due_on, item.due_is_month, item.original_due_on) == (datetime.date(2027, 1, 31), True, FIRST)
    assert (item.quiet_since, item.accepted_on) == (TODAY, TODAY)
    assert item.opened_at is not None
    gone = ("submitted_by", "submitted_on", "signed_off_by", "signed_off_on", "sustained_on", "sustain_ask_on")
    assert [getattr(item, name) for name in gone] == [None] * 6


def test_not_agreed_is_offered_only_where_the_response_says_so(signed_in: SignedIn, cast: Cast) -> None:
    item, client = recommendation(4), signed_in("director")
    url = address(item, "close")
    assert 'value="not_agreed"' not in client.get(url).content.decode()
    said = words(cast.head)
    Recommendation.objects.filter(pk=item.pk).update(response="not_agreed", response_reason=said)
    typed = {"outcome": "not_agreed", "reason": "HMPPS does not agree."}
    assert client.post(url, opened(client, url) | typed).status_code == 302
    assert recommendation(4).status == "not_agreed"


def test_superseded_names_its_successor_without_a_cycle(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")

    def close(number: int, successor: int) -> int:
        url = address(recommendation(number), "close")
        typed = {"outcome": "superseded", "successor": str(recommendation(successor).pk), "reason": "Said again there."}
        return client.post(url, opened(client, url) | typed).status_code

    assert close(4, 5) == 302
    assert (recommendation(4).status, recommendation(4).superseded_by) == ("superseded", recommendation(5))
    assert close(5, 4) == 422
    assert close(5, 5) == 422
    assert close(5, 11) == 422, "to HMPPS: another addressee, above the region"
    assert last_event("recommendation.closed").changes["superseded_by_id"] == [None, recommendation(5).pk]
    assert NOON.date() == TODAY
