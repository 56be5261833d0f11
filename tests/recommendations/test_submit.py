"""A lead hands in what is done: what it needs, what it stops, and what it starts."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.promising import HTMX, address, error_beside, last_event, opened, said_above
from tests.recommendations.reviewing import (
    LATE,
    measured,
    owned,
    proven,
    ready,
    reported,
    returned,
    submission,
    submitted,
)
from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.decision import operations as review
from tracker.recommendations.models import Evidence, Recommendation, Submission, status_filters
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.web.workingdays import months_after

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")
STATEMENT = {"statement": "Every case is looked at now."}


def url() -> str:
    return address(recommendation(4), "submit")


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_it_is_submitted_and_recorded(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    ready(4, cast.officer, cast.head)
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | STATEMENT, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    item = recommendation(4)
    assert (item.status, item.submitted_by, item.submitted_on) == ("submitted", cast.head, TODAY)
    made = submission()
    assert (made.outcome, made.submitted_by, made.day, made.days_late) == ("pending", cast.head, TODAY, 0)
    assert (str(made.statement), made.update) == (STATEMENT["statement"], item.updates.get())
    event = last_event("recommendation.submitted")
    assert (event.actor, event.why, event.after["status"]) == (cast.head, made.statement, "submitted")
    assert last_event("submission.made").operation_id == event.operation_id
    assert STATEMENT["statement"] not in str(event.after) + str(event.changes)


def test_submit_page_lists_what_is_complete_and_missing(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("head").get(url()))
    said = [item.text for item in page.one(class_="govuk-task-list").all("li")]
    assert [text.endswith("Missing") for text in said] == [True, True, True, False, False]
    assert "There is no owner. Set an owner." in said[0]
    assert "There is no update yet." in said[1]
    assert "since 23 August 2026" in said[2]
    links = [link.attrs["href"] for link in page.one(class_="govuk-task-list").all("a")]
    item = recommendation(4)
    assert links == [address(item, verb) for verb in ("change", "report", "add-evidence")]
    ready(4, cast.officer, cast.head)
    page = read(signed_in("head").get(url()))
    assert "Missing" not in page.one(class_="govuk-task-list").text


LACKING: dict[str, tuple[Callable[[Cast], object], str]] = {
    "owner": (lambda cast: owned(4, None), "There is no owner. Set an owner."),
    "owner gone": (
        lambda cast: User.objects.filter(pk=cast.officer.pk).update(is_active=False),
        "Officer, the owner, can no longer own this. Set an owner.",
    ),
    "some progress": (
        lambda cast: reported(4, cast.officer, "some"),
        "The latest update is “Some progress”. Send an update of “Sufficient progress” first.",
    ),
    "no proof": (
        lambda cast: Evidence.objects.all().update(withdrawn_on=TODAY, withdrawn_by=cast.head),
        "There is no evidence or figure dated since 23 August 2026. Add evidence or a figure.",
    ),
    "a virus": (
        lambda cast: Evidence.objects.all().update(scan="infected"),
        "There is no evidence or figure dated since",
    ),
    "removed": (
        lambda cast: Evidence.objects.all().update(is_removed=True),
        "There is no evidence or figure dated since",
    ),
    "too old": (
        lambda cast: Evidence.objects.all().update(speaks_of=datetime.date(2026, 8, 22)),
        "There is no evidence or figure dated since 23 August 2026.",
    ),
    "to come": (
        lambda cast: Evidence.objects.all().update(speaks_of=TODAY + datetime.timedelta(days=1)),
        "There is no evidence or figure dated since",
    ),
}


@pytest.mark.parametrize("name", LACKING)
def test_each_missing_item_is_named(signed_in: SignedIn, cast: Cast, name: str) -> None:
    ready(4, cast.officer, cast.head)
    take_away, said = LACKING[name]
    take_away(cast)
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | STATEMENT)
    assert answer.status_code == 422
    links = read(answer).one(class_="govuk-error-summary").all("a")
    assert said in said_above(answer)
    assert len(read(answer).one(class_="govuk-error-summary").all("li")) == 1
    assert links is not None
    assert STATEMENT["statement"] in answer.content.decode()
    assert recommendation(4).status == "open"
    assert not Submission.objects.exists()


def test_missing_closing_statement_is_shown_beside_its_field(signed_in: SignedIn, cast: Cast) -> None:
    ready(4, cast.officer, cast.head)
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | {"statement": " \u200b"})
    assert (answer.status_code, error_beside(answer, "statement")) == (422, "Enter a closing statement")


@pytest.mark.parametrize(
    ("as_of", "value", "counts"),
    [
        (TODAY, 12, True),
        (datetime.date(2026, 8, 23), 0, True),
        (datetime.date(2026, 8, 22), 12, False),
        (TODAY, None, False),
    ],
)
def test_a_reading_counts_as_evidence_does(
    signed_in: SignedIn, cast: Cast, as_of: datetime.date, value: int | None, counts: bool
) -> None:
    """What cannot be calculated shows nothing; zero is a value."""
    ready(4, cast.officer, cast.head)
    Evidence.objects.all().update(speaks_of=datetime.date(2025, 1, 1))
    measured(4, cast.supplier, as_of, value)
    client = signed_in("head")
    assert client.post(url(), opened(client, url()) | STATEMENT).status_code == (302 if counts else 422)


@pytest.mark.parametrize("kind", ["nothing", "evidence", "figure"])
def test_after_a_return_only_what_is_added_since_counts(signed_in: SignedIn, cast: Cast, kind: str) -> None:
    """On the day of the return too, and whatever period it is about."""
    returned(4, cast)
    long_ago, soon_after = datetime.date(2025, 1, 1), NOON + datetime.timedelta(minutes=5)
    if kind == "evidence":
        proven(4, cast.officer, long_ago, at=soon_after)
    elif kind == "figure":
        measured(4, cast.supplier, long_ago, at=soon_after)
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | STATEMENT)
    if kind == "nothing":
        assert "No evidence or figure was added since it was returned on 23 November 2026." in said_above(answer)
    else:
        assert recommendation(4).status == "submitted"


def test_after_a_reopening_an_earlier_return_no_longer_matters(signed_in: SignedIn, cast: Cast) -> None:
    returned(4, cast)
    later = NOON + datetime.timedelta(minutes=5)
    proven(4, cast.officer, at=later)
    seen = last_event_id(recommendation(4))
    review.submit(recommendation(4), by=Actor(cast.head), at=later, seen_event=seen, statement="It is different now.")
    reviewer = Actor(cast.director)
    seen = last_event_id(recommendation(4))
    review.sign_off(
        recommendation(4), by=reviewer, at=later, seen_event=seen, method="visit", cases=None, words="Seen."
    )
    seen = last_event_id(recommendation(4))
    due = TODAY + datetime.timedelta(days=30)
    review.reopen(recommendation(4), by=reviewer, at=later, seen_event=seen, reason="It has slipped.", due_on=due)
    Evidence.objects.all().update(speaks_of=datetime.date(2026, 8, 22))
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | STATEMENT)
    assert "dated since 23 August 2026" in said_above(answer)


def test_submission_stops_the_overdue_count_and_starts_the_review_wait(cast: Cast) -> None:
    item = submitted(4, cast, due_on=LATE)
    assert (submission().days_late, item.days_late_when_submitted) == (7, 7)
    later = TODAY + datetime.timedelta(days=30)
    assert item.days_overdue(later) == 0
    overdue = Recommendation.objects.filter(status_filters(later)["overdue"])
    assert not overdue.exists()
    assert item.has_slipped(later)


@pytest.mark.parametrize(("days", "is_late"), [(14, False), (15, True)])
def test_a_review_is_late_after_ten_working_days(cast: Cast, days: int, is_late: bool) -> None:
    item = submitted(4, cast)
    on = TODAY + datetime.timedelta(days=days)
    assert item.working_days_in_review(on) == (10 if not is_late else 11)
    assert Recommendation.objects.filter(status_filters(on)["review_late"]).exists() == is_late


@pytest.mark.parametrize("who", ["officer", "director", "reader", "admin", "operations"])
def test_only_the_lead_submits(signed_in: SignedIn, cast: Cast, who: str) -> None:
    ready(4, cast.officer, cast.head)
    client = signed_in(who)
    assert client.get(url()).status_code == 403
    assert client.post(url(), STATEMENT | {"seen_event": "1"}).status_code == 403


def test_it_is_submitted_once(signed_in: SignedIn, cast: Cast) -> None:
    ready(4, cast.officer, cast.head)
    client = signed_in("head")
    form = opened(client, url()) | STATEMENT
    assert [client.post(url(), form).status_code for _time in range(2)] == [302, 302]
    assert (Submission.objects.count(), Event.objects.filter(verb="recommendation.submitted").count()) == (1, 1)
    answer = client.post(url(), opened(client, url()) | STATEMENT)
    assert answer.status_code == 422
    assert "It is no longer open (submitted)" in said_above(answer)
    assert "The status is “Submitted”" in client.get(url()).content.decode()


def test_changes_meanwhile_are_shown_and_it_can_be_sent_again(signed_in: SignedIn, cast: Cast) -> None:
    ready(4, cast.officer, cast.head)
    client = signed_in("head")
    form = opened(client, url()) | STATEMENT
    proven(4, cast.colleague)
    answer = client.post(url(), form)
    assert answer.status_code == 409
    assert "Evidence added" in read(answer).text
    assert STATEMENT["statement"] in read(answer).one("textarea").text
    again = read(answer).one("form", action=url()).sent() | STATEMENT
    assert client.post(url(), again).status_code == 302


def test_partly_agreed_shows_its_agreed_part(signed_in: SignedIn, cast: Cast) -> None:
    item = ready(4, cast.officer, cast.head)
    said = proven(4, cast.officer).caption
    Recommendation.objects.filter(pk=item.pk).update(response="partly", response_reason=said, response_part=said)
    page = read(signed_in("head").get(url()))
    assert "Partly agreed. It is judged on this part: “The audit of November”" in page.text


def test_three_months_are_counted_by_the_calendar() -> None:
    assert months_after(datetime.date(2026, 5, 31), -3) == datetime.date(2026, 2, 28)
    assert months_after(NOON.date(), -3) == datetime.date(2026, 8, 23)
