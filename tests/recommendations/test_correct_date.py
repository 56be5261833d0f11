"""A mistyped original due date is corrected by a reviewer, and counts neither as an extension nor as a slip."""

import datetime

import pytest

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import FIRST, HTMX, LATER, address, due, error_beside, fixed, last_event, opened
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.due.queries import extensions_of
from tracker.recommendations.models import Recommendation, status_filters

pytestmark = pytest.mark.usefixtures("at_noon")


def url() -> str:
    return address(recommendation(4), "correct-date")


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_original_and_current_date_are_corrected(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    fixed(4, cast.head, datetime.date(2026, 11, 2))
    assert Recommendation.objects.filter(status_filters(TODAY)["slipped"]).exists()
    client = signed_in("director")
    form = opened(client, url()) | {"original": "29/1/2027", "reason": "11 was typed for 1."}
    assert client.post(url(), form, headers=headers).status_code == (200 if headers else 302)
    item = recommendation(4)
    assert (item.due_on, item.original_due_on) == (LATER, LATER)
    event = last_event("recommendation.date_corrected")
    assert (event.actor, str(event.why)) == (cast.director, "11 was typed for 1.")
    assert event.changes["original_due_on"] == ["2026-11-02", "2027-01-29"]
    assert not Recommendation.objects.filter(status_filters(TODAY)["slipped"]).exists()
    found = extensions_of(item, Access(cast.head, TODAY))
    assert (found.granted, found.rows) == (0, [])


def test_a_date_that_was_moved_since_stays(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    earlier = datetime.date(2026, 11, 27)
    due(4, cast.head, earlier)
    client = signed_in("director")
    client.post(url(), opened(client, url()) | {"original": "January 2027", "reason": "A typing mistake."})
    item = recommendation(4)
    assert (item.due_on, item.original_due_on) == (earlier, datetime.date(2027, 1, 31))


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"reason": ""}, "reason", "Enter why is it corrected?"),
        ({"original": ""}, "original", "Enter the correct original due date"),
        ({"original": "1/12/2026"}, "original", "This is already the original due date"),
        ({"original": "1/12/2020"}, "original", "1 December 2020 is before the report was published."),
    ],
)
def test_refusals_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], name: str, said: str
) -> None:
    fixed(4, cast.head)
    client = signed_in("director")
    answer = client.post(url(), opened(client, url()) | {"original": "29/1/2027", "reason": "Mistyped."} | typed)
    assert answer.status_code == 422
    assert error_beside(answer, name).startswith(said) or name == "reason"
    assert recommendation(4).original_due_on == FIRST


def test_provisional_date_has_no_original_to_correct(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    answer = client.post(url(), opened(client, url()) | {"original": "29/1/2027", "reason": "Mistyped."})
    assert "The due date is not confirmed yet, so there is nothing to correct." in read(answer).text


def test_changes_since_are_shown_first(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    client = signed_in("director")
    form = opened(client, url()) | {"original": "29/1/2027", "reason": "Mistyped."}
    due(4, cast.head, TODAY)
    answer = client.post(url(), form)
    assert answer.status_code == 409
    assert "Due date moved earlier" in read(answer).text
    again = read(answer).one("form", action=url()).sent() | {"reason": ["Mistyped."]}
    assert client.post(url(), again).status_code == 302
    assert recommendation(4).original_due_on == LATER


def test_sent_twice_it_is_done_once_and_sets_nothing_else(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    client = signed_in("director")
    form = opened(client, url()) | {
        "original": "29/1/2027",
        "reason": "Mistyped.",
        "status": "signed_off",
        "owner": "1",
    }
    assert [client.post(url(), form).status_code for _again in range(2)] == [302, 302]
    assert Event.objects.filter(verb="recommendation.date_corrected").count() == 1
    assert (recommendation(4).status, recommendation(4).owner) == ("open", None)


@pytest.mark.parametrize(
    ("name", "status"),
    [("head", 403), ("operations", 403), ("officer", 403), ("reader", 403), ("neighbour", 404), ("national", 200)],
)
def test_only_reviewers_above_correct_it(signed_in: SignedIn, cast: Cast, name: str, status: int) -> None:
    fixed(4, cast.head)
    assert signed_in(name).get(url()).status_code == status
