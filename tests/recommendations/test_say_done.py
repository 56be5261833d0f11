"""The three buttons of an action's owner, and what waits for them."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.planning import DUE, HTMX, cleared, error_beside, plan, planned, step, verbs_of
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor, snapshot
from tracker.recommendations.action.operations import mark_blocked, mark_done
from tracker.recommendations.action.policies import can_edit_action, can_mark, visible_actions
from tracker.recommendations.action.queries import actions_waiting
from tracker.recommendations.models import Action, Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")


def url(action: Action, verb: str = "") -> str:
    return f"/actions/{action.pk}/" + (f"{verb}/" if verb else "")


def detail() -> str:
    return f"/recommendations/{recommendation(4).pk}/"


@pytest.mark.verb
def test_action_is_marked_done_in_one_tap(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    client = signed_in("officer")
    form = read(client.get(detail())).one(id=f"action-{action.pk}").one("form")
    assert [button.text.split(" : ")[0] for button in form.all("button")] == ["Done", "Not done yet", "Blocked"]
    answer = client.post(form.attrs["action"], form.sent())
    assert answer["Location"] == f"{detail()}#action"
    action = Action.objects.get()
    assert (action.state, action.done_on, action.said_on) == ("done", TODAY, TODAY)
    assert verbs_of(action)[0] == "action.done"
    assert "1 of 1 done" in read(client.get(detail())).one("details", id="action").text
    item = recommendation(4)
    assert (item.progress, item.status, item.reported_on) == ("", "open", None), "doing is not improving"


def test_lead_marks_an_action_from_its_page(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    client = signed_in("head")
    row = read(client.get(detail())).one(id=f"action-{action.pk}")
    assert row.all("form") == []
    assert url(action) in [link.attrs["href"] for link in row.all("a")]
    form = read(client.get(url(action))).one("form", action=url(action, "done"))
    assert [button.attrs.get("formaction") for button in form.all("button")] == [
        None,
        url(action, "not-yet"),
        url(action, "stuck"),
    ]
    assert client.post(url(action, "done"), form.sent()).status_code == 302
    assert Action.objects.get().state == "done"
    # Who may not say so reads how it stands and no more.
    page = read(signed_in("colleague").get(url(action))).one("main")
    assert page.all("form") == []
    assert "Done on 23 November 2026" in page.text


def test_actions_and_plans_are_rebuilt_from_their_events(cast: Cast) -> None:
    cleared(cast)
    action = Action.objects.get()
    mark_blocked(action, by=Actor(cast.officer), at=NOON, because="No room.")
    mark_done(action, by=Actor(cast.officer), at=NOON)
    for subject in (Action.objects.get(), plan()):
        row: dict[str, Any] = {}
        for event in Event.objects.about(subject).order_by("pk"):
            for name, (old, new) in event.changes.items():
                assert row.get(name) == old, (event, name)
                row[name] = new
            assert row | dict.fromkeys(set(event.after) - set(row)) == event.after
        assert event.after == snapshot(subject)


def test_done_on_another_day_with_a_note(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    client = signed_in("officer")
    answer = client.post(url(action, "done"), {"day": "24/11/2026", "note": "All but two."})
    assert answer.status_code == 422
    assert error_beside(answer, "day") == "Date must be today or in the past"
    assert "All but two." in answer.text
    assert client.post(url(action, "done"), {"day": "20/11/2026", "note": "All but two."}).status_code == 302
    assert Action.objects.get().done_on == datetime.date(2026, 11, 20)
    assert str(Event.objects.about(action).newest_first()[0].why) == "All but two."


def test_blocked_button_asks_for_the_reason(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    client = signed_in("officer")
    asked = client.post(url(action, "stuck"), {"ask": "1"})
    assert not read(asked).all(class_="govuk-error-summary")
    assert len(read(asked).all("textarea", name="note")) == 1
    answer = client.post(url(action, "stuck"), {"note": ""})
    assert error_beside(answer, "note") == "Enter what is blocking it"
    assert client.post(url(action, "stuck"), {"note": "No room to train in."}).status_code == 302
    action = Action.objects.get()
    assert (action.stuck_since, str(action.stuck_because), action.state) == (TODAY, "No room to train in.", "open")
    assert "since 23 November 2026, because: No room to train in." in read(client.get(detail())).text


def test_not_done_yet_ends_blocked(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    mark_blocked(action, by=Actor(cast.officer), at=NOON, because="No room.")
    assert signed_in("officer").post(url(action, "not-yet"), {"note": "Half are."}).status_code == 302
    action = Action.objects.get()
    assert (action.stuck_since, action.stuck_because, action.said_on) == (None, None, TODAY)
    assert verbs_of(action)[:2] == ["action.not_yet", "action.stuck"]


def test_blocked_again_keeps_the_first_day(cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    later = NOON + datetime.timedelta(days=3)
    mark_blocked(action, by=Actor(cast.officer), at=NOON, because="No room.")
    mark_blocked(action, by=Actor(cast.officer), at=later, because="Still no room.")
    action = Action.objects.get()
    assert (action.stuck_since, action.said_on, str(action.stuck_because)) == (TODAY, later.date(), "Still no room.")


def test_done_action_is_reopened(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    client = signed_in("officer")
    assert client.post(url(action, "open"), {"reason": "Too early."}).status_code == 422, "it is not done"
    mark_done(action, by=Actor(cast.officer), at=NOON)
    assert client.post(url(action, "done")).status_code == 422, "it is done already"
    answer = client.post(url(action, "open"), {"reason": ""})
    assert error_beside(answer, "reason") == "Enter why you are reopening it"
    assert client.post(url(action, "open"), {"reason": "Two were ill."}).status_code == 302
    assert (Action.objects.get().state, Action.objects.get().done_on) == ("open", None)
    assert verbs_of(action)[0] == "action.opened"


@pytest.mark.parametrize("verb", ["done", "not-yet"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_sent_twice_it_is_said_once(signed_in: SignedIn, cast: Cast, verb: str, headers: dict[str, str]) -> None:
    action = step(cast, 4, owner=cast.officer)
    client, sent = signed_in("officer"), {"request_key": str(uuid.uuid4())}
    for _n in range(2):
        answer = client.post(url(action, verb), sent, headers=headers)
        assert answer.status_code == (200 if headers else 302)
        assert answer.get("HX-Redirect", answer.get("Location")) == url(action)
    assert len(verbs_of(action)) == 2


# Of an action of West Kent's lead: s sees it, e edits it, y says how it stands. The second word: as its owner.
GRID = """
head           sey sey
officer        s-- s-y
colleague      s-- s-y
supplier       s-- s-y
neighbour      --- s-y
operations     s-- s-y
director       s-- s-y
policy         s-- s-y
national       s-- s-y
independent    s-- s-y
reader         s-- s--
inspector      --- ---
admin          s-- s-y
top_admin      s-- s-y
stranger       --- s-y
strange_admin  --- s-y
nobody         --- ---
"""


def test_each_person_sees_and_may_do_exactly_this(cast: Cast) -> None:
    action = step(cast, 4)
    said = {}
    for name, person in vars(cast).items():
        words = []
        for owner in (None, person):
            Action.objects.filter(pk=action.pk).update(owner=owner)
            action, access = Action.objects.get(), Access(person, TODAY)
            sees = visible_actions(access).filter(pk=action.pk).exists()
            may = can_edit_action(access, action), can_mark(access, action)
            words.append("".join(word if yes else "-" for word, yes in zip("sey", (sees, *may), strict=True)))
        said[name] = words
    rows = [line.split() for line in GRID.strip().splitlines()]
    assert said == {row[0]: row[1:] for row in rows}


def test_an_owner_from_elsewhere_reads_only_what_they_may_see(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, 5)
    planned(recommendation(4), cast.stranger, cast.head)
    client = signed_in("stranger")
    page = client.get(url(action)).text
    assert "Recommendation 4" in page
    assert "Recommendation 5" not in page
    assert client.post(url(action, "done")).status_code == 403


def test_person_without_a_role_may_not_mark_actions(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.stranger)
    client = signed_in("stranger")
    assert client.get(url(action)).status_code == 200
    Membership.objects.filter(user=cast.stranger).update(ends_on=TODAY)
    assert client.post(url(action, "done")).status_code == 404


def test_marking_done_keeps_the_plan_approved(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    assert signed_in("officer").post(url(Action.objects.get(), "done")).status_code == 302
    assert plan().state == "cleared"
    assert (
        signed_in("head").post(f"/inspections/{plan().inspection_id}/plan/{plan().addressee_id}/send/").status_code
        == 302
    )


def test_twelve_actions_are_folded_and_cost_as_many_queries_as_one(
    signed_in: SignedIn, cast: Cast, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = signed_in("officer")
    step(cast, 4, owner=cast.officer, text="Step 0", due_on=TODAY - datetime.timedelta(days=2))
    with django_assert_max_num_queries(40) as one:
        client.get(detail())
    for n in range(1, 12):
        step(cast, 4, owner=cast.colleague, text=f"Step {n}", due_on=DUE)
    mark_done(Action.objects.get(words__text="Step 11"), by=Actor(cast.colleague), at=NOON)
    with django_assert_max_num_queries(len(one.captured_queries)):
        page = read(client.get(detail())).one("details", id="action")
    assert "1 of 12 done , 1 overdue" in page.text.replace("done,", "done ,")
    assert "Overdue by 2 days" in page.text
    assert [fold.one("summary").text for fold in page.all("details")] == ["6 more to do", "1 done"]
    ids = [node.attrs["id"] for node in page.all() if "id" in node.attrs]
    assert len(ids) == len(set(ids))


def test_the_part_says_so_when_there_is_none(signed_in: SignedIn, cast: Cast) -> None:
    parts = {name: read(signed_in(name).get(detail())).one("details", id="action") for name in ("head", "officer")}
    assert "No actions yet." in parts["officer"].text
    assert [link.text for link in parts["head"].all("a")] == ["Add an action"]
    assert parts["officer"].all("a") == []


def waiting(cast: Cast) -> dict[str, list[tuple[str, int, int]]]:
    found = {
        name: [(one.reason, one.action.pk, one.days_overdue) for one in actions_waiting(Access(person, TODAY), 14)]
        for name, person in vars(cast).items()
    }
    return {name: rows for name, rows in found.items() if rows}


def test_actions_due_soon_are_tasks_of_the_owner_and_overdue_ones_of_the_lead(cast: Cast) -> None:
    day = datetime.timedelta(days=1)
    late = step(cast, 4, owner=cast.officer, due_on=TODAY - day)
    due_today = step(cast, 4, owner=cast.officer, due_on=TODAY)
    step(cast, 4, owner=cast.officer, due_on=TODAY + 15 * day)
    step(cast, 4, owner=cast.officer)
    far = step(cast, 4, owner=cast.stranger, due_on=TODAY + 14 * day)
    nobodys = step(cast, 4, 5, due_on=TODAY - 3 * day)
    mine = step(cast, 4, owner=cast.head, due_on=TODAY - 2 * day)
    assert waiting(cast) == {
        "head": [("overdue_here", nobodys.pk, 3), ("overdue", mine.pk, 2), ("overdue_here", late.pk, 1)],
        "officer": [("overdue", late.pk, 1), ("due_soon", due_today.pk, 0)],
        "stranger": [("due_soon", far.pk, 0)],
    }
    mark_done(late, by=Actor(cast.officer), at=NOON)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="no_longer_applies")
    assert waiting(cast) == {"head": [("overdue_here", nobodys.pk, 3)]}


def test_tasks_cost_the_same_for_many(cast: Cast, django_assert_max_num_queries: Callable[..., Any]) -> None:
    for n in range(10):
        step(cast, 4, 5, owner=cast.head, due_on=TODAY - datetime.timedelta(days=n + 1))
    access = Access(cast.head, TODAY)
    assert access.led_ids
    assert access.organisation_ids
    with django_assert_max_num_queries(3):
        assert [len(one.action.recommendations.all()) for one in actions_waiting(access, 14)] == [2] * 10
