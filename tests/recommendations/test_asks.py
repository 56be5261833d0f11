"""What one level asks of the next: asked, answered, passed up, withdrawn, and chased until it is."""

import datetime
from typing import Any

import pytest
from django.test import Client

from tests.base import KSS, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.recommendations.asking import REGION, TOP, WEST_KENT, WORDS, answered, ask_of, later
from tests.recommendations.changing import SignedIn
from tests.recommendations.promising import HTMX, address, error_beside, form_of, last_event, opened, said_above
from tracker.accounts.models import Membership
from tracker.history.models import Event
from tracker.recommendations.models import Ask, Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")
BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])


def ask_url(number: int = 4) -> str:
    return address(recommendation(number), "ask")


def url(ask: Ask, verb: str = "") -> str:
    return f"/asks/{ask.pk}/{verb}/" if verb else f"/asks/{ask.pk}/"


def filled(client: Client, number: int = 4, **typed: Any) -> dict[str, Any]:
    values = {"asked_of": str(place(REGION).pk), "words": WORDS, "wanted_on": "1/12/2026"}
    return opened(client, ask_url(number)) | values | typed


@pytest.mark.verb
@BOTH
def test_the_lead_asks_the_region(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    answer = client.post(ask_url(), filled(client, person="operations"), headers=headers)
    assert answer.status_code == (200 if headers else 302)
    ask = Ask.objects.get()
    assert (ask.asked_of, ask.person, str(ask.words), ask.state) == (place(REGION), cast.operations, WORDS, "open")
    assert (ask.wanted_on, ask.asked_by, ask.day) == (datetime.date(2026, 12, 1), cast.head, TODAY)
    event = last_event("ask.asked")
    assert (event.actor, str(event.why), event.recommendation_id) == (cast.head, WORDS, recommendation(4).pk)
    assert WORDS not in str(event.after)
    shown = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id="asks").text
    assert "Not answered" in shown
    assert f"“{WORDS}”" in shown


@pytest.mark.parametrize(
    ("number", "name", "offered"),
    [(4, "head", [REGION, TOP]), (6, "operations", [WEST_KENT, TOP]), (11, "policy", [WEST_KENT])],
)
def test_requests_go_to_levels_above_or_to_the_inspected_organisation(
    signed_in: SignedIn, cast: Cast, number: int, name: str, offered: list[str]
) -> None:
    page = read(signed_in(name).get(ask_url(number)))
    assert {node.attrs["value"] for node in page.all("input", name="asked_of")} == {str(place(p).pk) for p in offered}


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"asked_of": ""}, "asked_of", "Select who needs to answer"),
        ({"asked_of": "0"}, "asked_of", "Select a valid choice."),
        ({"words": ""}, "words", "Enter what you need from them"),
        ({"wanted_on": "22/11/2026"}, "wanted_on", "Date must be today or in the future"),
        ({"wanted_on": "soon"}, "wanted_on", "Enter a date such as 31/10/2026"),
        ({"person": "officer"}, "person", "Officer has no role at Kent, Surrey and Sussex."),
        ({"person": "zebedee"}, "person", "No one with an account matches"),
    ],
)
def test_refusals_are_shown_beside_their_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], name: str, said: str
) -> None:
    client = signed_in("head")
    answer = client.post(ask_url(), filled(client) | typed)
    assert (answer.status_code, error_beside(answer, name)[: len(said)]) == (422, said)
    assert not Ask.objects.exists()


def test_request_to_a_sibling_organisation_is_refused(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    answer = client.post(ask_url(), filled(client, asked_of=str(place(f"{KSS}east-kent-pdu/").pk)))
    assert answer.status_code == 422
    assert not Ask.objects.exists()


@BOTH
@pytest.mark.parametrize(
    ("typed", "state", "promised"),
    [
        ({"answer": "yes"}, "yes", None),
        ({"answer": "no", "promised_on": "1/12/2026"}, "no", None),
        ({"answer": "by_a_day", "promised_on": "18/12/2026"}, "by_a_day", datetime.date(2026, 12, 18)),
    ],
)
def test_lead_asked_answers_with_text(
    signed_in: SignedIn,
    cast: Cast,
    headers: dict[str, str],
    typed: dict[str, str],
    state: str,
    promised: datetime.date | None,
) -> None:
    ask = ask_of(4, REGION, cast.head)
    client = signed_in("operations")
    form = opened(client, url(ask, "answer")) | typed | {"words": "Two trainers come."}
    assert client.post(url(ask, "answer"), form, headers=headers).status_code == (200 if headers else 302)
    ask.refresh_from_db()
    assert (ask.state, ask.promised_on, str(ask.answer)) == (state, promised, "Two trainers come.")
    assert (ask.answered_by, ask.answered_on) == (cast.operations, TODAY)
    event = last_event("ask.answered")
    assert (str(event.why), event.changes["state"], event.actor) == (
        "Two trainers come.",
        ["open", state],
        cast.operations,
    )


def test_promised_request_is_answered_again_with_yes_or_no(signed_in: SignedIn, cast: Cast) -> None:
    ask = answered(ask_of(4, REGION, cast.head), cast.operations, "by_a_day", promised_on=later(5))
    client = signed_in("operations")
    form = opened(client, url(ask, "answer")) | {"answer": "by_a_day", "promised_on": "1/1/2027", "words": "Later."}
    answer = client.post(url(ask, "answer"), form)
    assert error_beside(answer, "answer") == "You have already given a date. Select yes or no."
    form = form_of(answer, url(ask, "answer")).sent() | {"answer": "yes", "words": "Done."}
    assert client.post(url(ask, "answer"), form).status_code == 302
    ask.refresh_from_db()
    assert (ask.state, ask.promised_on) == ("yes", None)
    late = client.post(url(ask, "answer"), opened(client, url(ask, "answer")) | {"answer": "no", "words": "No."})
    assert "This request is no longer open (yes)." in said_above(late)


def test_history_shows_the_answer(signed_in: SignedIn, cast: Cast) -> None:
    ask = answered(ask_of(4, REGION, cast.head), cast.operations, "by_a_day", promised_on=later(5))
    answered(ask, cast.operations, "no")
    for path in (url(ask), f"/recommendations/{recommendation(4).pk}/"):
        text = read(signed_in("head").get(path)).text
        assert "Request answered: yes, by 28 November 2026" in text
        assert "Request answered: no" in text


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"words": ""}, "words", "Enter a reason, or what will be done"),
        ({"answer": "by_a_day"}, "promised_on", "Enter the date, such as 31/10/2026"),
        ({"answer": "by_a_day", "promised_on": "22/11/2026"}, "promised_on", "Date must be today or in the future"),
        ({"answer": "withdrawn"}, "answer", "Select a valid choice."),
    ],
)
def test_incomplete_answer_is_refused(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], name: str, said: str
) -> None:
    ask = ask_of(4, REGION, cast.head)
    client = signed_in("operations")
    form = opened(client, url(ask, "answer")) | {"answer": "yes", "words": "Fine."} | typed
    answer = client.post(url(ask, "answer"), form)
    assert (answer.status_code, error_beside(answer, name)[: len(said)]) == (422, said)
    ask.refresh_from_db()
    assert ask.state == "open"


@BOTH
def test_escalated_request_keeps_its_day(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    ask = ask_of(4, REGION, cast.head, person=cast.operations)
    client = signed_in("operations")
    form = opened(client, url(ask, "pass-up")) | {"reason": "HMPPS holds the budget."}
    for _again in range(2):
        assert client.post(url(ask, "pass-up"), form, headers=headers).status_code == (200 if headers else 302)
    before, day = ask.asked_of, ask.wanted_on
    ask.refresh_from_db()
    assert (ask.asked_of, ask.person, ask.wanted_on, ask.state) == (place(TOP), None, day, "open")
    event = last_event("ask.passed_up")
    assert (str(event.why), event.changes["asked_of_id"]) == ("HMPPS holds the budget.", [before.pk, place(TOP).pk])
    assert Event.objects.filter(verb="ask.passed_up").count() == 1
    policy = signed_in("policy")
    form = opened(policy, url(ask, "pass-up")) | {"reason": "Further."}
    assert "There is no organisation above HMPPS." in said_above(policy.post(url(ask, "pass-up"), form))


def test_asker_escalates_an_overdue_request(signed_in: SignedIn, cast: Cast) -> None:
    ask = answered(ask_of(4, REGION, cast.head, wanted_on=TODAY), cast.operations, "by_a_day", promised_on=TODAY)
    client = signed_in("head")
    form = opened(client, url(ask, "pass-up")) | {"reason": "No answer."}
    answer = client.post(url(ask, "pass-up"), form)
    assert "This request is not overdue yet. You can escalate it once it is overdue." in said_above(answer)
    Ask.objects.filter(pk=ask.pk).update(promised_on=later(-1))
    again = form_of(answer, url(ask, "pass-up")).sent() | {"reason": "Late."}
    assert client.post(url(ask, "pass-up"), again).status_code == 302
    ask.refresh_from_db()
    assert (ask.asked_of, ask.state, ask.promised_on, ask.answer) == (place(TOP), "open", None, None)


def test_request_is_not_escalated_to_the_asker(signed_in: SignedIn, cast: Cast) -> None:
    ask = ask_of(6, WEST_KENT, cast.operations)
    client = signed_in("head")
    assert not read(client.get(url(ask))).all("a", href=url(ask, "pass-up"))
    form = opened(client, url(ask, "pass-up")) | {"reason": "Not ours."}
    assert "Kent, Surrey and Sussex sent this request, so it cannot be escalated to them." in said_above(
        client.post(url(ask, "pass-up"), form)
    )


@BOTH
def test_withdrawn_request_is_no_longer_a_task(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    ask = ask_of(4, REGION, cast.head)
    client = signed_in("head")
    form = opened(client, url(ask, "withdraw")) | {"reason": "We found a trainer."}
    for _again in range(2):
        assert client.post(url(ask, "withdraw"), form, headers=headers).status_code == (200 if headers else 302)
    ask.refresh_from_db()
    assert (ask.state, str(last_event("ask.withdrawn").why)) == ("withdrawn", "We found a trainer.")
    assert Event.objects.filter(verb="ask.withdrawn").count() == 1
    late = client.post(url(ask, "withdraw"), opened(client, url(ask, "withdraw")))
    assert "This request is no longer open (withdrawn)." in said_above(late)


@pytest.mark.parametrize("verb", ["answer", "pass-up"])
@BOTH
def test_second_saver_sees_what_the_first_did(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str], verb: str
) -> None:
    ask = ask_of(4, REGION, cast.head)
    client = signed_in("operations")
    form = opened(client, url(ask, verb)) | {"answer": "no", "words": "Mine.", "reason": "Mine."}
    answered(ask, cast.operations, "by_a_day", promised_on=later(9))
    answer = client.post(url(ask, verb), form, headers=headers)
    assert answer.status_code == 409
    row = [cell.text for cell in read(answer).one("table").all("td")]
    assert row[:2] == ["Not answered", "Yes, by a date"]
    again = form_of(answer, url(ask, verb)).sent() | {"words": "Mine.", "reason": "Mine.", "answer": "no"}
    assert "Mine." in form_of(answer, url(ask, verb)).text
    assert client.post(url(ask, verb), again, headers=headers).status_code in (200, 302)
    ask.refresh_from_db()
    assert ask.state == ("no" if verb == "answer" else "open")


def test_sent_twice_it_is_asked_and_answered_once_and_nothing_else_is_set(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    form = filled(client, state="yes", answered_by=str(cast.head.pk), recommendation=str(recommendation(5).pk))
    assert [client.post(ask_url(), form).status_code for _again in range(2)] == [302, 302]
    ask = Ask.objects.get()
    assert (ask.state, ask.answered_by, ask.recommendation) == ("open", None, recommendation(4))
    client = signed_in("operations")
    more = {"wanted_on": "1/1/2030", "asked_of": str(place(TOP).pk), "state": "withdrawn"}
    form = opened(client, url(ask, "answer")) | {"answer": "yes", "words": "Fine."} | more
    assert [client.post(url(ask, "answer"), form).status_code for _again in range(2)] == [302, 302]
    assert Event.objects.filter(verb="ask.answered").count() == 1
    ask.refresh_from_db()
    assert (ask.state, ask.asked_of, ask.wanted_on) == ("yes", place(REGION), datetime.date(2026, 12, 1))


@pytest.mark.parametrize("verb", ["answer", "pass-up", "withdraw"])
def test_requests_about_carried_or_closed_items_cannot_be_changed(signed_in: SignedIn, cast: Cast, verb: str) -> None:
    ask = ask_of(4, REGION, cast.head)
    client = signed_in("head" if verb == "withdraw" else "operations")
    form = opened(client, url(ask, verb)) | {"answer": "yes", "words": "Fine.", "reason": "Why not."}
    rows = Recommendation.objects.filter(pk=recommendation(4).pk)
    rows.update(carried_by=recommendation(5))
    assert "It is carried forward in Recommendation 5" in said_above(client.post(url(ask, verb), form))
    rows.update(carried_by=None, status="no_longer_applies")
    assert "It is no longer open" in said_above(client.post(url(ask, verb), form))
    head = signed_in("head")
    assert "It is no longer open" in said_above(head.post(ask_url(), filled(head)))


# What is asked of the region about recommendation 4: who asks, sees it, answers, passes it up, withdraws it.
GRID = """
            ask  page answer pass  withdraw
head        200  200  403    200   200
officer     403  200  403    403   403
neighbour   404  404  404    404   404
operations  403  200  200    200   403
director    403  200  403    403   403
policy      403  200  403    403   403
national    403  200  403    403   403
reader      403  200  403    403   403
inspector   403  200  403    403   403
admin       403  200  403    403   403
stranger    404  404  404    404   404
nobody      404  404  404    404   404
"""


@pytest.mark.grid
@pytest.mark.parametrize("line", GRID.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_who_may_ask_and_answer(signed_in: SignedIn, cast: Cast, line: str) -> None:
    name, *expected = line.split()
    ask = ask_of(4, REGION, cast.head)
    client = signed_in(name)
    paths = [ask_url(), url(ask), url(ask, "answer"), url(ask, "pass-up"), url(ask, "withdraw")]
    assert [str(client.get(path).status_code) for path in paths] == expected


def test_the_person_named_answers_and_does_no_more(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.create(user=cast.stranger, role="contributor", organisation=place(REGION))
    Membership.objects.filter(user=cast.stranger, role="lead").update(ends_on=TODAY)
    ask = ask_of(4, REGION, cast.head, person=cast.stranger)
    client = signed_in("stranger")
    assert client.get(url(ask, "answer")).status_code == 200
    assert client.get(url(ask, "pass-up")).status_code == 403
    Membership.objects.filter(user=cast.stranger).update(role="reader")
    assert client.get(url(ask, "answer")).status_code == 403


def test_the_lead_above_answers_where_there_is_none(signed_in: SignedIn, cast: Cast) -> None:
    ask = ask_of(4, REGION, cast.head)
    Membership.objects.filter(user=cast.operations).update(ends_on=TODAY)
    assert signed_in("policy").get(url(ask, "answer")).status_code == 200


def test_signed_out_person_is_redirected_to_sign_in(cast: Cast, client: Client, at_noon: datetime.datetime) -> None:
    ask = ask_of(4, REGION, cast.head)
    for path in ("/asks/", url(ask), ask_url(), url(ask, "answer"), url(ask, "pass-up"), url(ask, "withdraw")):
        assert client.get(path).status_code == 302
        assert client.get(path, headers=HTMX).status_code == 401


def test_markup_in_text_is_escaped(signed_in: SignedIn, cast: Cast) -> None:
    ask = ask_of(4, REGION, cast.head, words="<script>alert(1)</script>")
    client = signed_in("operations")
    for path in ("/asks/", url(ask), url(ask, "answer"), f"/recommendations/{recommendation(4).pk}/"):
        assert "<script>alert" not in client.get(path).text
