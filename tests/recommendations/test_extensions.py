"""Extensions: requested by the lead, withdrawn, granted or declined by a reviewer, and always in view."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from tests.base import KSS, NOON, TODAY, Cast, previous, recommendation
from tests.factories import place, read
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import (
    FIRST,
    HTMX,
    LATER,
    address,
    asked,
    due,
    error_beside,
    fixed,
    form_of,
    last_event,
    opened,
    said_above,
)
from tests.recommendations.reviewing import LATE
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.decision.policies import can_extend
from tracker.recommendations.due.operations import decide_extension
from tracker.recommendations.due.queries import extensions_of, extensions_waiting
from tracker.recommendations.models import Extension, Recommendation
from tracker.recommendations.recommendation.queries import last_event_id

pytestmark = pytest.mark.usefixtures("at_noon")
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
WHY = "The trainer left."


def ask_url() -> str:
    return address(recommendation(4), "ask-extension")


def url(extension: Extension, verb: str) -> str:
    return f"/extensions/{extension.pk}/{verb}/"


@pytest.mark.verb
@BOTH
def test_extension_request_moves_nothing_yet(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    fixed(4, cast.head)
    client = signed_in("head")
    assert "The request goes to Kent, Surrey and Sussex" in read(client.get(ask_url())).text
    form = dict(form_of(client.get(f"{ask_url()}?to=2027-01-29"), f"{ask_url()}?to=2027-01-29").sent())
    assert form["to_on"] == ["2027-01-29"]
    answer = client.post(ask_url(), form | {"reason": WHY}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    extension = Extension.objects.get()
    assert (extension.from_on, extension.to_on, extension.state, str(extension.reason)) == (FIRST, LATER, "asked", WHY)
    assert recommendation(4).due_on == FIRST
    event = last_event("extension.asked")
    assert (event.actor, str(event.why), event.recommendation_id) == (cast.head, WHY, recommendation(4).pk)
    page = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id="extensions").text
    assert "from 1 December 2026 to 29 January 2027" in page
    assert "The request is with Kent, Surrey and Sussex" in page


def test_provisional_or_missing_date_needs_no_extension(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    form = opened(client, ask_url()) | {"to_on": "29/1/2027", "reason": WHY}
    assert error_beside(client.post(ask_url(), form), "to_on").startswith("There is no due date yet.")
    due(4, cast.head)
    assert error_beside(client.post(ask_url(), form), "to_on").startswith("The due date is provisional.")
    assert not Extension.objects.exists()


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"to_on": "1/12/2026"}, "to_on", "Enter a date later than the current due date."),
        ({"to_on": ""}, "to_on", "Enter new due date"),
        ({"to_on": "24/11/2031"}, "to_on", "24 November 2031 is more than 5 years away."),
        ({"reason": " "}, "reason", "Enter why you need more time"),
    ],
)
def test_refusals_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], name: str, said: str
) -> None:
    fixed(4, cast.head)
    client = signed_in("head")
    answer = client.post(ask_url(), opened(client, ask_url()) | {"to_on": "29/1/2027", "reason": WHY} | typed)
    assert (answer.status_code, error_beside(answer, name)[: len(said)]) == (422, said)
    assert not Extension.objects.exists()


@pytest.mark.parametrize(
    ("to_on", "said"),
    [
        ("10/11/2026", "Enter a date later than the current due date."),
        ("20/11/2026", "New due date must be in the future"),
    ],
)
def test_extension_of_an_overdue_item_to_a_past_date_is_an_error(
    signed_in: SignedIn, cast: Cast, to_on: str, said: str
) -> None:
    """It was asked about as unusual, with a box to tick that led to the same refusal."""
    fixed(4, cast.head, LATE)
    client = signed_in("head")
    answer = client.post(ask_url(), opened(client, ask_url()) | {"to_on": to_on, "reason": WHY})
    assert (answer.status_code, error_beside(answer, "to_on")[: len(said)]) == (422, said)
    assert not read(answer).all("input", name="confirm")


def test_one_is_asked_at_a_time_and_only_while_open(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    asked(4, cast.head)
    client = signed_in("head")
    form = opened(client, ask_url()) | {"to_on": "1/2/2027", "reason": WHY}
    assert "An extension has already been requested." in said_above(client.post(ask_url(), form))
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="no_longer_applies")
    assert "It is no longer open" in said_above(client.post(ask_url(), form))
    assert Extension.objects.count() == 1


@BOTH
def test_granted_extension_moves_the_date_and_keeps_the_original(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str]
) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    client = signed_in("director")
    decide = url(extension, "decide")
    assert f"“{WHY}”" in read(client.get(decide)).text
    form = opened(client, decide) | {"decision": "grant", "words": "Agreed for once."}
    assert client.post(decide, form, headers=headers).status_code == (200 if headers else 302)
    item = recommendation(4)
    assert (item.due_on, item.original_due_on, extensions_of(item, Access(cast.head, TODAY)).granted) == (
        LATER,
        FIRST,
        1,
    )
    event = last_event("recommendation.extended")
    assert (event.actor, str(event.why), event.changes["due_on"]) == (
        cast.director,
        "Agreed for once.",
        ["2026-12-01", "2027-01-29"],
    )
    granted = last_event("extension.granted")
    assert (granted.operation_id, granted.changes["state"]) == (event.operation_id, ["asked", "granted"])
    assert "1 granted" in read(client.get(f"/recommendations/{item.pk}/")).one(id="extensions").text


def test_declined_extension_moves_nothing_and_keeps_the_reason(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    client = signed_in("director")
    decide = url(extension, "decide")
    answer = client.post(decide, opened(client, decide) | {"decision": "decline"})
    assert (answer.status_code, error_beside(answer, "words")) == (422, "Enter why you are declining it")
    assert (
        client.post(decide, form_of(answer, decide).sent() | {"decision": "decline", "words": "No."}).status_code == 302
    )
    extension.refresh_from_db()
    assert (extension.state, str(extension.decision), recommendation(4).due_on) == ("declined", "No.", FIRST)
    assert asked(4, cast.head).state == "asked"


@BOTH
def test_withdrawn_request_is_no_longer_a_task(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    client = signed_in("head")
    form = opened(client, url(extension, "withdraw"))
    for _again in range(2):
        answer = client.post(url(extension, "withdraw"), form, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    assert Event.objects.filter(verb="extension.withdrawn").count() == 1
    late = client.post(url(extension, "withdraw"), opened(client, url(extension, "withdraw")))
    assert "This request can no longer be decided (withdrawn)" in said_above(late)
    director = signed_in("director")
    decide = opened(director, url(extension, "decide")) | {"decision": "grant"}
    assert "This request can no longer be decided" in said_above(director.post(url(extension, "decide"), decide))


def test_decision_on_an_older_page_shows_what_is_new(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    client = signed_in("director")
    decide = url(extension, "decide")
    form = opened(client, decide) | {"decision": "grant", "words": "Fine."}
    due(4, cast.head, datetime.date(2026, 11, 30))
    answer = client.post(decide, form)
    assert answer.status_code == 409
    assert "Due date moved earlier" in read(answer).text
    assert "Fine." in answer.text
    again = form_of(answer, decide).sent() | {"decision": "grant", "words": "Fine."}
    assert client.post(decide, again).status_code == 302
    assert recommendation(4).due_on == LATER


def test_sent_twice_it_is_decided_once_and_sets_nothing_else(signed_in: SignedIn, cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    client = signed_in("director")
    more = {"to_on": "1/1/2030", "decided_by": cast.head.pk, "status": "signed_off"}
    form = opened(client, url(extension, "decide")) | {"decision": "grant", "words": "Fine."} | more
    assert [client.post(url(extension, "decide"), form).status_code for _again in range(2)] == [302, 302]
    assert Event.objects.filter(verb="recommendation.extended").count() == 1
    extension.refresh_from_db()
    assert (extension.to_on, extension.decided_by, recommendation(4).status) == (LATER, cast.director, "open")


# Who asks, withdraws and decides about recommendation 4, whose date the lead has set, or HMPPS, or the report.
GRID = """
            ask  withdraw  lead  hmpps  report
head        200  200       403   403    403
officer     403  403       403   403    403
neighbour   404  404       404   404    404
operations  403  403       403   403    403
director    403  403       200   403    403
national    403  403       200   200    200
policy      403  403       403   403    403
reader      403  403       403   403    403
admin       403  403       403   403    403
stranger    404  404       404   404    404
nobody      404  404       404   404    404
"""


@pytest.mark.parametrize("line", GRID.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_who_asks_withdraws_and_decides(signed_in: SignedIn, cast: Cast, line: str) -> None:
    name, *expected = line.split()
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    client = signed_in(name)
    found = [client.get(ask_url()).status_code, client.get(url(extension, "withdraw")).status_code]
    for setter in ("lead", "hmpps", "report"):
        Recommendation.objects.filter(pk=recommendation(4).pk).update(due_set_by=setter)
        found.append(client.get(url(extension, "decide")).status_code)
    assert [str(status) for status in found] == expected


def test_signed_out_person_is_redirected_to_sign_in(cast: Cast, client: Any, at_noon: datetime.datetime) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    for path in (ask_url(), url(extension, "decide"), url(extension, "withdraw")):
        assert client.get(path).status_code == 302
        assert client.post(path, headers=HTMX).status_code == 401


def waiting(cast: Cast, name: str) -> list[Extension]:
    return extensions_waiting(Access(getattr(cast, name), NOON.date(), NOON))


def test_extension_waits_with_the_nearest_eligible_reviewer(cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    assert {name for name in vars(cast) if waiting(cast, name)} == {"director"}
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_set_by="hmpps")
    assert {name for name in vars(cast) if waiting(cast, name)} == {"national"}
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_set_by="lead")
    Membership.objects.filter(user=cast.director).update(ends_on=NOON.date())
    assert {name for name in vars(cast) if waiting(cast, name)} == {"national"}
    assert can_extend(Access(cast.national, NOON.date()), extension.recommendation)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=recommendation(5))
    assert not {name for name in vars(cast) if waiting(cast, name)}


def test_reporter_does_not_decide_the_extension(cast: Cast) -> None:
    Membership.objects.create(user=cast.head, role="reviewer", organisation=place(KSS))
    fixed(4, cast.head)
    asked(4, cast.head)
    assert not waiting(cast, "head")


def test_decided_extension_is_nobodys_task(cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    seen = last_event_id(recommendation(4))
    decide_extension(extension, by=Actor(cast.director), at=NOON, seen_event=seen, granted=True)
    assert not {name for name in vars(cast) if waiting(cast, name)}


def test_tasks_cost_the_same_for_many(cast: Cast, django_assert_num_queries: Callable[..., Any]) -> None:
    counted = []
    for numbers in ((4,), (1, 2, 3, 5)):
        for number in numbers:
            fixed(number, cast.head)
            asked(number, cast.head)
        with django_assert_num_queries(5):
            counted.append(len([str(row.recommendation.inspection) for row in waiting(cast, "director")]))
    assert counted == [1, 5]


def test_empty_extension_section_is_shown_to_the_lead_only(signed_in: SignedIn, cast: Cast) -> None:
    page = f"/recommendations/{previous(2).pk}/"
    assert not read(signed_in("reader").get(page)).all(id="extensions")
    assert "You can change it without a request" in read(signed_in("operations").get(page)).one(id="extensions").text
