"""Agreed, Partly agreed, Not agreed: with the reason, and kept when it is changed."""

import uuid

import pytest

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.planning import HTMX, agreed, cleared, error_beside, plan, planned, verbs_of
from tracker.history.models import Event, FreeText
from tracker.recommendations.models import Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")


def url() -> str:
    return f"/recommendations/{recommendation(4).pk}/respond/"


def typed(**values: str) -> dict[str, str]:
    return {"version": str(recommendation(4).version)} | values


PARTLY = {"response": "partly", "part": "Training of officers.", "partly_reason": "Posts are not ours to give."}


@pytest.mark.verb
def test_partly_agreed_keeps_which_part_and_why(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(url(), typed(**PARTLY))
    item = recommendation(4)
    assert (answer.status_code, answer["Location"]) == (302, f"/recommendations/{item.pk}/#response")
    assert (item.response, str(item.response_part), str(item.response_reason)) == (
        "partly",
        "Training of officers.",
        "Posts are not ours to give.",
    )
    event = Event.objects.about(item).newest_first()[0]
    assert (event.verb, event.actor, event.day, event.why) == (
        "recommendation.responded",
        cast.head,
        TODAY,
        item.response_reason,
    )
    assert event.changes["response"] == ["", "partly"]
    assert event.changes["response_part_id"] == [None, item.response_part_id]
    assert "Posts" not in str(event.changes) + str(event.after)
    page = read(signed_in("head").get(f"/recommendations/{item.pk}/")).one("details", id="response").text
    for words in ("Partly agreed", "Head, 23 November 2026", "Training of officers.", "Posts are not ours to give."):
        assert words in page


def test_not_agreed_stays_open(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    sent = typed(response="not_agreed", not_agreed_reason="It would break the law.", partly_reason="Left over.")
    assert client.post(url(), sent).status_code == 302
    item = recommendation(4)
    assert (item.response, str(item.response_reason), item.response_part) == (
        "not_agreed",
        "It would break the law.",
        None,
    )
    assert item.status == "open"
    assert "stays open until a reviewer closes it" in client.get(f"/recommendations/{item.pk}/").text


def test_changing_it_appends_to_the_history_and_leaves_out_what_no_longer_belongs(
    signed_in: SignedIn, cast: Cast
) -> None:
    client = signed_in("head")
    client.post(url(), typed(**PARTLY))
    assert client.post(url(), typed(response="agreed", part="Left over.")).status_code == 302
    item = recommendation(4)
    assert (item.response, item.response_part, item.response_reason) == ("agreed", None, None)
    assert verbs_of(item)[:2] == ["recommendation.responded"] * 2
    assert FreeText.objects.filter(text="Posts are not ours to give.").exists()
    assert "Posts are not ours to give." in client.get(f"/recommendations/{item.pk}/").text


def test_same_response_is_no_change(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.post(url(), typed(**PARTLY))
    before = (recommendation(4).version, FreeText.objects.count())
    assert client.post(url(), typed(**PARTLY)).status_code == 302
    assert (recommendation(4).version, FreeText.objects.count()) == before


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({}, "response", "Select a response"),
        ({"response": "perhaps"}, "response", "Select a valid choice"),
        (PARTLY | {"part": " "}, "part", "Enter which part you agree with"),
        (PARTLY | {"partly_reason": ""}, "partly_reason", "Enter why you do not agree with the rest"),
        ({"response": "not_agreed"}, "not_agreed_reason", "Enter why you do not agree"),
        ({"response": "not_agreed", "not_agreed_reason": "x" * 2001}, "not_agreed_reason", "at most 2000"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_missing_values_are_shown_beside_the_field(
    signed_in: SignedIn, sent: dict[str, str], field: str, said: str, headers: dict[str, str]
) -> None:
    answer = signed_in("head").post(url(), typed(**sent), headers=headers)
    assert answer.status_code == 422
    assert said in error_beside(answer, field)
    assert ("<html" in answer.text) == (not headers)
    assert recommendation(4).response == ""


def test_each_choice_opens_its_own_fields(signed_in: SignedIn) -> None:
    page = read(signed_in("head").get(url()))
    opened = {
        radio.attrs["value"]: [
            field.attrs["name"] for field in page.one(id=radio.attrs["data-aria-controls"]).all("textarea")
        ]
        for radio in page.all("input", type="radio")
        if "data-aria-controls" in radio.attrs
    }
    assert opened == {"partly": ["part", "partly_reason"], "not_agreed": ["not_agreed_reason"]}
    assert len(page.all("textarea")) == 3


@pytest.mark.parametrize("status", ["submitted", "signed_off", "superseded"])
def test_only_what_is_open_is_answered(signed_in: SignedIn, cast: Cast, status: str) -> None:
    on_the_way = {"owner": cast.officer, "submitted_by": cast.head, "submitted_on": TODAY, "accepted_on": TODAY}
    signed = {"signed_off_by": cast.director, "signed_off_on": TODAY, "superseded_by": recommendation(5)}
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status=status, **on_the_way, **signed)
    answer = signed_in("head").post(url(), typed(response="agreed"))
    assert answer.status_code == 422
    assert "It is no longer open" in answer.text


def test_carried_item_is_answered_on_the_later_one(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=recommendation(5))
    assert signed_in("head").post(url(), typed(response="agreed")).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("director", 403), ("reader", 403), ("neighbour", 404)])
def test_only_leads_respond(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    planned(recommendation(4), cast.officer, cast.head)
    assert signed_in(who).post(url(), typed(response="agreed")).status_code == status
    assert recommendation(4).response == ""


def test_sent_twice_it_is_answered_once(signed_in: SignedIn, cast: Cast) -> None:
    client, sent = signed_in("head"), typed(response="agreed") | {"request_key": str(uuid.uuid4())}
    assert [client.post(url(), sent).status_code for _n in range(2)] == [302, 302]
    assert verbs_of(recommendation(4)).count("recommendation.responded") == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_a_stale_form_shows_three_versions_and_can_be_finished(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str]
) -> None:
    agreed(recommendation(4), cast.head)
    client, opened = signed_in("head"), typed(**PARTLY)
    agreed(recommendation(4), cast.head, "not_agreed", reason="Unlawful.")
    answer = client.post(url(), opened, headers=headers)
    assert answer.status_code == 409
    table = read(answer).one("table")
    rows = {row.one("th").text: [cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")}
    assert rows["Response"] == ["Agreed", "Not agreed", "Partly agreed differs"]
    assert rows["Which part do you agree with?"][2].startswith("Training of officers.")
    assert recommendation(4).response == "not_agreed"
    form = read(answer).one("form", action=url())
    sent = form.sent() | {area.attrs["name"]: [area.text] for area in form.all("textarea")}
    assert client.post(url(), sent, headers=headers).status_code == (200 if headers else 302)
    assert (recommendation(4).response, str(recommendation(4).response_part)) == ("partly", "Training of officers.")


def test_other_posted_fields_are_ignored(signed_in: SignedIn, cast: Cast) -> None:
    more = {"status": "signed_off", "progress": "sufficient", "owner": str(cast.head.pk), "due_on": "2027-01-01"}
    assert signed_in("head").post(url(), typed(response="agreed") | more).status_code == 302
    item = recommendation(4)
    assert (item.status, item.progress, item.owner, item.due_on) == ("open", "", None, None)


def test_approved_plan_returns_to_draft(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    assert plan().state == "cleared"
    sent = typed(response="not_agreed", not_agreed_reason="It would break the law.")
    assert signed_in("head").post(url(), sent).status_code == 302
    assert (plan().state, plan().cleared_by) == ("draft", None)
    assert verbs_of(plan())[0] == "plan.uncleared"
