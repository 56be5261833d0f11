"""A reviewer signs what was on the screen, says how it was checked, and fixes for ever whether it slipped."""

import datetime
from typing import Any

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import HTMX, address, error_beside, last_event, opened, said_above
from tests.recommendations.reviewing import LATE, measured, proven, signed_off, submission, submitted
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.decision import operations as review
from tracker.recommendations.models import Check, Recommendation, Submission, status_filters
from tracker.recommendations.recommendation.queries import last_event_id

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"method": "cases", "cases": "12", "words": "Eleven of twelve are good."}


def url() -> str:
    return address(recommendation(4), "sign-off")


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_it_is_signed_off_and_recorded(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    submitted(4, cast)
    client = signed_in("director")
    answer = client.post(url(), opened(client, url()) | TYPED, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    item = recommendation(4)
    assert (item.status, item.signed_off_by, item.signed_off_on) == ("signed_off", cast.director, TODAY)
    assert (item.accepted_on, item.sustain_ask_on) == (TODAY, datetime.date(2027, 2, 23))
    done = submission()
    assert (done.outcome, done.decided_by, done.decided_on) == ("signed_off", cast.director, TODAY)
    assert (done.method, done.cases, str(done.decision)) == ("cases", 12, TYPED["words"])
    event = last_event("recommendation.signed_off")
    assert (event.actor, event.why) == (cast.director, done.decision)
    assert event.changes["status"] == ["submitted", "signed_off"]


def test_it_is_the_reviewers_judgement_too(cast: Cast) -> None:
    item = signed_off(4, cast)
    check = Check.objects.get()
    assert (check.progress, check.method, check.cases, check.reviewer) == ("sufficient", "cases", 12, cast.director)
    assert (item.checked_progress, item.checked_by, item.checked_on) == ("sufficient", cast.director, TODAY)
    assert check.found == submission().decision
    assert Event.objects.filter(verb="recommendation.checked").count() == 0


def test_sign_off_page_shows_everything_to_decide_on(signed_in: SignedIn, cast: Cast) -> None:
    item = submitted(4, cast, due_on=LATE)
    measured(4, cast.supplier)
    Recommendation.objects.filter(pk=item.pk).update(response="agreed")
    said = read(signed_in("director").get(url())).text
    for words in (
        item.text,
        "With Kent, Surrey and Sussex for sign-off since 23 November 2026 (0 working days)",
        "Response: Agreed.",
        "“It is different now.”",
        "7 days late when submitted",
        "The audit of November",
        "Oversight insufficient",
        "“Every case is now looked at.”",
        "Not checked yet",
        "Not rated by HMIP yet",
        "No actions yet.",
    ):
        assert words in said, words


def test_changes_meanwhile_are_shown_before_sign_off(signed_in: SignedIn, cast: Cast) -> None:
    submitted(4, cast)
    client = signed_in("director")
    form = opened(client, url()) | TYPED
    proven(4, cast.officer)
    Submission.objects.update(days_late=3)
    for _time in range(2):
        answer = client.post(url(), form)
        page = read(answer)
        assert answer.status_code == 409
        assert recommendation(4).status == "submitted"
        assert page.one(class_="moj-timeline").text.startswith("Evidence added by Officer")
        assert "Evidence (2)" in page.text
        assert "3 days late when submitted" in page.text
        assert page.one("textarea").text == TYPED["words"]
    again = page.one("form", action=url()).sent() | {"words": TYPED["words"]}
    assert again["cases"] == ["12"]
    assert client.post(url(), again).status_code == 302
    assert recommendation(4).status == "signed_off"


@pytest.mark.parametrize("happening", ["reading", "report by nobody", "withdrawn"])
def test_sign_off_is_refused_when_something_newer_was_not_shown(
    signed_in: SignedIn, cast: Cast, happening: str
) -> None:
    item = submitted(4, cast)
    reading = measured(4, cast.supplier)
    client = signed_in("director")
    form = opened(client, url()) | TYPED
    from tracker.history.operations import operation

    with operation(by=Actor(cast.supplier), at=NOON) as op:
        if happening == "reading":
            op.record("reading.given", reading)
        elif happening == "report by nobody":
            op.record("recommendation.rated", item)
    if happening == "withdrawn":
        review.withdraw(item, by=Actor(cast.head), at=NOON, seen_event=last_event_id(item))
    assert client.post(url(), form).status_code == 409
    assert recommendation(4).signed_off_on is None


def test_form_older_than_another_decision_says_so(signed_in: SignedIn, cast: Cast) -> None:
    item = submitted(4, cast)
    client = signed_in("director")
    form = opened(client, url()) | TYPED
    review.return_(item, by=Actor(cast.national), at=NOON, seen_event=last_event_id(item), reason="Too few cases.")
    answer = client.post(url(), form)
    assert answer.status_code == 409
    assert "Too few cases." in read(answer).text
    again = client.post(url(), read(answer).one("form", action=url()).sent() | {"words": TYPED["words"]})
    assert again.status_code == 422
    assert "The status is now “Open”, so you cannot do this." in said_above(again)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"method": ""}, "method", "Select how you checked it"),
        ({"cases": ""}, "cases", "Enter how many cases you sampled"),
        ({"cases": "0"}, "cases", "Ensure this value is greater than or equal to 1."),
        ({"cases": "twelve"}, "cases", "Enter a whole number."),
        ({"words": " "}, "words", "Enter what you found"),
    ],
)
def test_refusals_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], field: str, said: str
) -> None:
    submitted(4, cast)
    client = signed_in("director")
    answer = client.post(url(), opened(client, url()) | TYPED | typed)
    assert (answer.status_code, error_beside(answer, field)) == (422, said)
    assert recommendation(4).status == "submitted"


def test_cases_count_only_where_cases_were_sampled(signed_in: SignedIn, cast: Cast) -> None:
    submitted(4, cast)
    client = signed_in("director")
    typed = TYPED | {"method": "visit", "cases": "some"}
    assert client.post(url(), opened(client, url()) | typed).status_code == 302
    assert (submission().method, submission().cases) == ("visit", None)


@pytest.mark.parametrize("status", ["open", "signed_off"])
def test_only_what_is_submitted_is_signed_off(signed_in: SignedIn, cast: Cast, status: str) -> None:
    if status == "signed_off":
        signed_off(4, cast)
    client = signed_in("director")
    assert "so you cannot do this now." in client.get(url()).content.decode()
    answer = client.post(url(), opened(client, url()) | TYPED)
    assert (answer.status_code, "so you cannot do this." in said_above(answer)) == (422, True)


@pytest.mark.parametrize(
    "who", ["head", "officer", "operations", "policy", "independent", "admin", "top_admin", "reader"]
)
def test_only_eligible_reviewers_sign_off(signed_in: SignedIn, cast: Cast, who: str) -> None:
    submitted(4, cast)
    client = signed_in(who)
    assert client.get(url()).status_code == 403
    assert client.post(url(), TYPED | {"seen_event": str(last_event_id(recommendation(4)))}).status_code == 403
    assert recommendation(4).status == "submitted"


def test_invisible_recommendation_is_not_found(signed_in: SignedIn, cast: Cast) -> None:
    submitted(4, cast)
    for who in ("neighbour", "stranger", "nobody"):
        assert signed_in(who).get(url()).status_code == 404


def test_the_same_form_twice_does_its_work_once(signed_in: SignedIn, cast: Cast) -> None:
    submitted(4, cast)
    client = signed_in("director")
    form = opened(client, url()) | TYPED
    assert [client.post(url(), form).status_code for _time in range(2)] == [302, 302]
    assert Check.objects.count() == Event.objects.filter(verb="recommendation.signed_off").count() == 1


def test_other_fields_change_nothing(signed_in: SignedIn, cast: Cast) -> None:
    before = submitted(4, cast)
    hostile: dict[str, Any] = {field.attname: "3" for field in Recommendation._meta.fields}
    hostile |= {"progress": "no", "checked_progress": "no", "status": "open", "accepted_on": "2020-01-01"}
    client = signed_in("director")
    assert client.post(url(), hostile | opened(client, url()) | TYPED).status_code == 302
    after = recommendation(4)
    changed = {name for name in Recommendation.TRACKED if getattr(before, name) != getattr(after, name)}
    assert changed == {
        *("status", "signed_off_by_id", "signed_off_on", "accepted_on", "sustain_ask_on", "version"),
        *("checked_progress", "checked_by_id", "checked_on"),
    }


def test_first_accepted_submission_fixes_whether_it_was_late(cast: Cast) -> None:
    """In time once, it has never slipped, however late it is after it was opened again."""
    item = signed_off(4, cast)
    review.reopen(
        item, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), reason="It slid back.", due_on=TODAY
    )
    later = TODAY + datetime.timedelta(days=200)
    item = recommendation(4)
    assert item.accepted_on == TODAY
    assert item.days_overdue(later) == 200
    assert not item.has_slipped(later)
    assert not Recommendation.objects.filter(status_filters(later)["slipped"]).exists()
