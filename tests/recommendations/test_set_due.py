"""When it is due: a draft moves freely, a fixed date earlier only, and nobody's newer date is overwritten."""

import datetime

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import (
    FIRST,
    HTMX,
    LATER,
    address,
    error_beside,
    fixed,
    form_of,
    last_event,
    opened,
)
from tracker.accounts.models import Membership
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.due.operations import set_due
from tracker.recommendations.models import Recommendation
from tracker.recommendations.timeline.queries import Line, history_of

pytestmark = pytest.mark.usefixtures("at_noon")


def url() -> str:
    return address(recommendation(4), "due")


@pytest.mark.verb
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_the_lead_sets_a_day_and_it_is_on_record(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | {"due_on": "1/12/2026"}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert answer.headers["HX-Redirect" if headers else "Location"] == f"/recommendations/{recommendation(4).pk}/"
    item = recommendation(4)
    assert (item.due_on, item.due_is_month, item.original_due_on, item.due_set_by) == (FIRST, False, None, "lead")
    event = last_event("recommendation.planned")
    assert (event.actor, event.day, event.changes["due_on"]) == (cast.head, TODAY, [None, "2026-12-01"])


def test_a_month_means_its_last_day_and_is_shown_as_the_month(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(url(), opened(client, url()) | {"due_on": "October 2027", "due_set_by": "hmpps"})
    item = recommendation(4)
    assert (item.due_on, item.due, item.due_set_by) == (datetime.date(2027, 10, 31), "October 2027", "hmpps")
    assert opened(client, url())["due_on"] == ["October 2027"]
    assert history_of(item)[0].lines[0] == Line("Due date", "no date", "October 2027")


@pytest.mark.parametrize(
    ("day", "held"), [("24/11/2026", True), ("23/2/2027", True), ("24/2/2027", False), ("23/11/2026", False)]
)
def test_ongoing_has_a_day_within_three_months(signed_in: SignedIn, cast: Cast, day: str, held: bool) -> None:
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | {"kind": "ongoing", "review_on": day})
    assert answer.status_code == (302 if held else 422)
    if held:
        assert recommendation(4).due.startswith("Ongoing, review date")
    else:
        assert error_beside(answer, "review_on") == "Enter a review date after today and by 23 February 2027"
        assert recommendation(4).review_on is None


def test_a_draft_moves_later_and_becomes_ongoing(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    for typed in ({"due_on": "1/12/2026"}, {"due_on": "1/6/2027"}, {"kind": "ongoing", "review_on": "1/12/2026"}):
        assert client.post(url(), opened(client, url()) | typed).status_code == 302
    item = recommendation(4)
    assert (item.due_on, item.review_on) == (None, FIRST)
    assert history_of(item)[0].title == "Changed to ongoing"
    assert client.post(url(), opened(client, url()) | {"kind": "date", "due_on": "2/12/2026"}).status_code == 302
    assert (recommendation(4).due_on, recommendation(4).review_on) == (datetime.date(2026, 12, 2), None)


def test_a_fixed_date_moves_earlier_and_keeps_its_original(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    client = signed_in("head")
    assert client.post(url(), opened(client, url()) | {"due_on": "27/11/2026"}).status_code == 302
    item = recommendation(4)
    assert (item.due_on, item.original_due_on) == (datetime.date(2026, 11, 27), FIRST)


def test_confirmed_date_does_not_move_later_but_offers_an_extension(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | {"due_on": "29/1/2027"})
    assert answer.status_code == 422
    assert error_beside(answer, "due_on") == "This due date is confirmed. Request an extension to make it later."
    assert read(answer).one("a", href=f"{address(recommendation(4), 'ask-extension')}?to=2027-01-29").text == (
        "Request an extension to 29 January 2027"
    )
    assert form_of(answer, url()).sent()["due_on"] == ["29/1/2027"]
    assert recommendation(4).due_on == FIRST


def test_confirmed_date_keeps_its_kind_and_setter(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head, due_set_by="hmpps")
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | {"kind": "ongoing", "review_on": "1/12/2026"})
    assert answer.status_code == 422
    assert error_beside(answer, "kind") == "This due date is confirmed. You can change it but not remove it."
    client.post(url(), opened(client, url()) | {"due_on": "27/11/2026", "due_set_by": "lead"})
    assert (recommendation(4).due_set_by, recommendation(4).due_on) == ("hmpps", datetime.date(2026, 11, 27))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("22/11/2026", "22 November 2026 is in the past."),
        ("30/4/2022", "30 April 2022 is before the report was published."),
        ("24/11/2031", "24 November 2031 is more than 5 years away."),
    ],
)
def test_unusual_date_needs_confirmation(signed_in: SignedIn, cast: Cast, day: str, said: str) -> None:
    client = signed_in("head")
    assert 'name="confirm"' not in client.get(url()).text
    answer = client.post(url(), opened(client, url()) | {"due_on": day})
    assert (answer.status_code, recommendation(4).due_on) == (422, None)
    assert error_beside(answer, "due_on") == f"{said} If this is right, tick the box below."
    assert client.post(url(), form_of(answer, url()).sent() | {"confirm": ["on"]}).status_code == 302
    assert recommendation(4).due_on is not None


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"due_on": ""}, "due_on", "Enter the due date, such as 31/10/2026 or October 2026"),
        ({"due_on": "soon"}, "due_on", "Enter a date such as 31/10/2026, or a month such as October 2026"),
        ({"kind": "ongoing"}, "review_on", "Enter the review date"),
        ({"kind": "never"}, "kind", "Select a valid choice. never is not one of the available choices."),
    ],
)
def test_missing_values_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], name: str, said: str
) -> None:
    client = signed_in("head")
    answer = client.post(url(), opened(client, url()) | typed)
    assert (answer.status_code, error_beside(answer, name)) == (422, said)


def test_what_is_no_longer_open_or_is_carried_has_its_date_elsewhere(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    form = opened(client, url()) | {"due_on": "1/12/2026"}
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=recommendation(5))
    assert "It is carried forward in Recommendation 5" in client.post(url(), form).text
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=None, status="not_agreed")
    assert "It is no longer open (not agreed)" in client.post(url(), form).text
    assert recommendation(4).due_on is None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_their_newer_date_is_shown_and_typed_text_kept(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str]
) -> None:
    client = signed_in("head")
    form = opened(client, url()) | {"due_on": "21/12/2026"}
    set_due(recommendation(4), by=Actor(cast.head), at=NOON, seen_version=1, due_on=LATER, due_set_by="report")
    answer = client.post(url(), form, headers=headers)
    assert (answer.status_code, recommendation(4).due_on) == (409, LATER)
    rows = {row.one("th").text: [c.text for c in row.all("td")] for row in read(answer).one("table").all("tr")[1:]}
    assert rows == {
        "Due date": ["no date", "29 January 2027", "21 December 2026 differs"],
        "Who set this date?": ["The lead", "The report", "The lead"],
    }
    assert client.post(url(), form_of(answer, url()).sent(), headers=headers).status_code in (200, 302)
    assert (recommendation(4).due_on, recommendation(4).due_set_by) == (datetime.date(2026, 12, 21), "report")


def test_untouched_field_takes_the_newer_value(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    form = opened(client, url()) | {"due_set_by": "hmpps"}
    form["due_on"] = "1/12/2026"
    client.post(url(), form)
    form = opened(client, url()) | {"due_set_by": "report"}
    set_due(
        recommendation(4),
        by=Actor(cast.head),
        at=NOON,
        seen_version=2,
        due_on=None,
        review_on=FIRST,
        due_set_by="hmpps",
    )
    answer = client.post(url(), form)
    assert answer.status_code == 409
    assert client.post(url(), form_of(answer, url()).sent()).status_code == 302
    item = recommendation(4)
    assert (item.due_on, item.review_on, item.due_set_by) == (None, FIRST, "report")


def test_sent_twice_it_is_done_once(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    form = opened(client, url()) | {"due_on": "1/12/2026"}
    assert [client.post(url(), form).status_code for _again in range(2)] == [302, 302]
    assert Event.objects.filter(verb="recommendation.planned").count() == 1


def test_other_columns_are_not_set_by_posting_them(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    more = {"original_due_on": "2026-12-01", "owner": cast.officer.pk, "status": "signed_off", "progress": "sufficient"}
    client.post(url(), opened(client, url()) | {"due_on": "1/12/2026"} | more)
    item = recommendation(4)
    assert (item.original_due_on, item.owner, item.status, item.progress) == (None, None, "open", "")


@pytest.mark.parametrize(
    ("name", "status"),
    [("officer", 403), ("director", 403), ("reader", 403), ("operations", 403), ("neighbour", 404), ("nobody", 404)],
)
def test_only_the_lead_sets_the_due_date(signed_in: SignedIn, cast: Cast, name: str, status: int) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=cast.officer)
    client = signed_in(name)
    assert client.get(url()).status_code == client.post(url(), {"due_on": "1/12/2026"}).status_code == status


def test_the_lead_above_sets_it_where_there_is_none(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.filter(user=cast.head).update(ends_on=TODAY)
    client = signed_in("operations")
    assert client.post(url(), opened(client, url()) | {"due_on": "1/12/2026"}).status_code == 302
