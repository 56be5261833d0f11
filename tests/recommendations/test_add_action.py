"""A step is added for one or several recommendations, changed, moved and dropped by their lead."""

import datetime
import uuid
from typing import Any

import pytest

from tests.base import TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.planning import DUE, HTMX, cleared, error_beside, fixed, plan, planned, step, verbs_of
from tracker.history.models import Event
from tracker.recommendations.models import Action, Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")


def url(number: int = 4) -> str:
    return f"/recommendations/{recommendation(number).pk}/actions/add/"


def typed(*numbers: int, **values: Any) -> dict[str, Any]:
    answers = [recommendation(number).pk for number in numbers or (4,)]
    return {"text": "Train every officer", "answers": answers} | values


@pytest.mark.verb
def test_one_action_answers_several(signed_in: SignedIn, cast: Cast) -> None:
    sent = typed(4, 5, owner="officer", done_by="Kent Police", due_on="October 2027", confirm="on")
    answer = signed_in("head").post(url(), sent)
    assert answer["Location"] == f"/recommendations/{recommendation(4).pk}/#action"
    action = Action.objects.get()
    assert action.answers == [recommendation(4).pk, recommendation(5).pk]
    assert (str(action.words), str(action.done_by), action.owner) == (
        "Train every officer",
        "Kent Police",
        cast.officer,
    )
    assert (action.due_on, action.due_is_month, action.original_due_on) == (datetime.date(2027, 10, 31), True, None)
    event = Event.objects.about(action).get()
    assert (event.verb, event.actor, event.why) == ("action.added", cast.head, action.words)
    assert event.changes["answers"] == [None, action.answers]
    assert "Train" not in str(event.changes)
    for number in (4, 5):
        page = read(signed_in("officer").get(f"/recommendations/{recommendation(number).pk}/"))
        part = page.one("details", id="action").text
        for words in ("0 of 1 done", "Train every officer", "Due October 2027", "Done by: Kent Police"):
            assert words in part
        assert recommendation(number).progress == ""


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"text": ""}, "text", "Enter what will be done"),
        ({"owner": "zebedee"}, "owner", "No one with an account matches “zebedee”"),
        ({"owner": "reader@example.test"}, "owner", "No one with an account"),
        ({"due_on": "soon"}, "due_on", "Enter a date such as"),
        ({"due_on": "1/11/2026"}, "due_on", "1 November 2026 is in the past."),
        ({"answers": []}, "answers", "Select at least one recommendation it answers"),
        ({"answers": ["99999"]}, "answers", "99999 is not one of the available choices"),
    ],
)
def test_errors_are_shown_beside_the_field(
    signed_in: SignedIn, cast: Cast, sent: dict[str, Any], field: str, said: str, headers: dict[str, str]
) -> None:
    answer = signed_in("head").post(url(), typed(**sent), headers=headers)
    assert answer.status_code == 422
    assert said in error_beside(answer, field)
    assert ("<html" in answer.text) == (not headers)
    assert not Action.objects.exists()


def test_a_date_after_the_recommendations_is_warned_of(signed_in: SignedIn, cast: Cast) -> None:
    planned(recommendation(4), cast.officer, cast.head)
    client = signed_in("head")
    answer = client.post(url(), typed(4, 5, due_on="1/4/2027"))
    assert answer.status_code == 422
    said = "1 April 2027 is after the due date of recommendation 4, 31 March 2027."
    assert error_beside(answer, "due_on").startswith(said)
    assert client.post(url(), typed(5, due_on="1/4/2027")).status_code == 302
    assert client.post(url(), typed(4, due_on="31/3/2027")).status_code == 302
    assert client.post(url(), typed(4, due_on="1/4/2027", confirm="on")).status_code == 302


def test_only_what_is_open_and_of_one_addressee_can_be_answered(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    Recommendation.objects.filter(pk=recommendation(5).pk).update(status="no_longer_applies")
    boxes = {box.attrs["value"] for box in read(client.get(url())).all("input", type="checkbox")}
    assert str(recommendation(4).pk) in boxes
    assert not boxes & {str(recommendation(5).pk), str(recommendation(6).pk)}
    assert client.post(url(), typed(4, 6)).status_code == 422
    answer = client.post(url(5), typed(5))
    assert answer.status_code == 422
    assert "It is no longer open (no longer applies)" in answer.text
    assert not Action.objects.exists()


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("director", 403), ("reader", 403), ("operations", 403), ("stranger", 404)]
)
def test_only_the_lead_adds_and_changes(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    planned(recommendation(4), cast.officer, cast.head)
    action = step(cast, 4, owner=cast.officer)
    client = signed_in(who)
    assert client.post(url(), typed()).status_code == status
    for verb in ("edit", "move", "drop"):
        assert client.post(f"/actions/{action.pk}/{verb}/").status_code == status, verb
    assert verbs_of(action) == ["action.added"]


def test_sent_twice_it_is_added_once(signed_in: SignedIn, cast: Cast) -> None:
    client, sent = signed_in("head"), typed(request_key=str(uuid.uuid4()))
    assert [client.post(url(), sent).status_code for _n in range(2)] == [302, 302]
    assert Action.objects.count() == 1


def test_other_posted_fields_are_ignored(signed_in: SignedIn, cast: Cast) -> None:
    more = {
        "state": "done",
        "done_on": "2026-11-01",
        "original_due_on": "2026-11-01",
        "addressee": "1",
        "progress": "some",
    }
    assert signed_in("head").post(url(), typed(**more)).status_code == 302
    action = Action.objects.get()
    assert (action.state, action.done_on, action.original_due_on) == ("open", None, None)
    assert (action.addressee, recommendation(4).progress) == (recommendation(4).addressee, "")


def edit(action: Action, **values: Any) -> dict[str, Any]:
    current = Action.objects.get(pk=action.pk)
    shown = {"version": current.version, "text": str(current.words), "answers": current.answers}
    shown |= {"owner": current.owner.label if current.owner else "", "done_by": str(current.done_by or "")}
    return shown | values


def test_it_is_changed_and_the_old_words_stay_in_the_history(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    client, to = signed_in("head"), f"/actions/{action.pk}/edit/"
    sent = edit(action, text="Train half", owner="colleague", answers=[recommendation(5).pk])
    assert client.post(to, sent)["Location"] == f"/actions/{action.pk}/"
    action = Action.objects.get()
    assert (str(action.words), action.owner, action.answers) == ("Train half", cast.colleague, [recommendation(5).pk])
    event = Event.objects.about(action).newest_first()[0]
    assert event.verb == "action.edited"
    assert event.changes["owner_id"] == [cast.officer.pk, cast.colleague.pk]
    assert event.changes["answers"] == [[recommendation(4).pk], [recommendation(5).pk]]
    assert "Train every officer" in client.get(f"/actions/{action.pk}/").text
    assert client.post(to, edit(action)).status_code == 302
    assert len(verbs_of(action)) == 2, "nothing changed"
    assert client.post(to, edit(action, answers=[])).status_code == 422
    assert client.post(to, edit(action, text="")).status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_a_stale_change_shows_three_versions_and_can_be_finished(
    signed_in: SignedIn, cast: Cast, headers: dict[str, str]
) -> None:
    action = step(cast, 4, owner=cast.officer)
    client, to, opened = signed_in("head"), f"/actions/{action.pk}/edit/", edit(action)
    client.post(to, edit(action, owner="colleague", answers=[recommendation(4).pk, recommendation(5).pk]))
    answer = client.post(to, opened | {"text": "Train half"}, headers=headers)
    assert answer.status_code == 409
    rows = {
        row.one("th").text: [cell.text for cell in row.all("td")]
        for row in read(answer).one("table").one("tbody").all("tr")
    }
    assert rows["What will be done?"] == ["Train every officer", "Train every officer", "Train half differs"]
    assert rows["Owner (optional)"] == ["Officer", "Colleague", "Officer"]
    assert rows["Which recommendations does it answer?"][1] == "Recommendation 4, Recommendation 5"
    form = read(answer).one("form", action=to)
    sent = form.sent() | {area.attrs["name"]: [area.text] for area in form.all("textarea")}
    assert client.post(to, sent, headers=headers).status_code == (200 if headers else 302)
    action = Action.objects.get()
    assert (str(action.words), action.owner, len(action.answers)) == ("Train half", cast.colleague, 2)


def move(action: Action, day: str, **values: Any) -> dict[str, Any]:
    return {"version": Action.objects.get(pk=action.pk).version, "due_on": day} | values


def test_a_draft_moves_freely_and_a_fixed_date_later_with_a_reason_only(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, due_on=TODAY)
    client, to = signed_in("head"), f"/actions/{action.pk}/move/"
    assert client.post(to, move(action, "1/2/2027")).status_code == 302
    assert Action.objects.get().original_due_on is None
    fixed(cast)
    answer = client.post(to, move(action, "2/2/2027"))
    assert answer.status_code == 422
    assert error_beside(answer, "reason") == "This due date is confirmed. Enter why it needs to be later."
    assert client.post(to, move(action, "2/2/2027", reason="The trainer left.")).status_code == 302
    moved = Action.objects.get(pk=action.pk)
    assert (moved.due_on, moved.original_due_on) == (datetime.date(2027, 2, 2), datetime.date(2027, 2, 1))
    assert str(Event.objects.about(moved).newest_first()[0].why) == "The trainer left."
    assert client.post(to, move(action, "1/12/2026")).status_code == 302
    assert "originally 1 February 2027" in client.get(f"/actions/{action.pk}/").text
    assert client.post(to, move(action, "1/4/2027", reason="Later.")).status_code == 422, "after the recommendation"
    assert client.post(to, move(action, "")).status_code == 422


def test_a_stale_move_shows_three_versions(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, due_on=DUE)
    client, to, opened = signed_in("head"), f"/actions/{action.pk}/move/", move(action, "1/2/2027")
    client.post(to, move(action, "2/2/2027"))
    answer = client.post(to, opened)
    assert answer.status_code == 409
    cells = [cell.text for cell in read(answer).one("table").one("tbody").all("td")]
    assert cells == ["31 March 2027", "2 February 2027", "1 February 2027 differs"]
    assert client.post(to, read(answer).one("form", action=to).sent()).status_code == 302


def test_it_is_dropped_with_a_reason_and_stays_listed(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4)
    client, to = signed_in("head"), f"/actions/{action.pk}/drop/"
    answer = client.post(to, {"reason": ""})
    assert (answer.status_code, error_beside(answer, "reason")[:22]) == (422, "Enter why you are drop")
    assert client.post(to, {"reason": "Too dear."}).status_code == 302
    assert Action.objects.get().state == "dropped"
    part = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one("details", id="action").text
    assert "1 dropped" in part
    answer = client.post(to, {"reason": "Again."})
    assert answer.status_code == 422
    assert "This action is already dropped" in answer.text


@pytest.mark.grid
@pytest.mark.parametrize("verb", ["edit", "move", "drop", "done", "not-yet", "stuck"])
def test_action_of_closed_recommendations_cannot_be_changed(signed_in: SignedIn, cast: Cast, verb: str) -> None:
    action = step(cast, 4, due_on=DUE)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="no_longer_applies")
    sent = edit(action, text="Other", due_on="1/1/2027", reason="Why not.", note="A note.")
    if verb in ("done", "not-yet", "stuck"):
        sent.pop("due_on")
    answer = signed_in("head").post(f"/actions/{action.pk}/{verb}/", sent)
    assert answer.status_code == 422
    assert "It is no longer open" in answer.text
    assert verbs_of(action) == ["action.added"]


@pytest.mark.parametrize("verb", ["add", "edit", "move", "drop"])
def test_approved_plan_returns_to_draft(signed_in: SignedIn, cast: Cast, verb: str) -> None:
    cleared(cast)
    action = Action.objects.get()
    client = signed_in("head")
    if verb == "add":
        assert client.post(url(), typed()).status_code == 302
    else:
        sent = edit(action, text="Other", due_on="1/1/2027", reason="Why not.")
        assert client.post(f"/actions/{action.pk}/{verb}/", sent).status_code == 302
    assert (plan().state, verbs_of(plan())[0]) == ("draft", "plan.uncleared")
