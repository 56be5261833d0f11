"""What the verbs of actions refuse by themselves, whoever calls them."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import inspection_at, place, printed
from tests.recommendations.planning import DUE, step
from tests.recommendations.test_refusals import refused
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.operations import Actor, Conflict
from tracker.recommendations.action import operations
from tracker.recommendations.action.operations import Step
from tracker.recommendations.action.policies import can_add_action, visible_actions
from tracker.recommendations.models import Action, Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")
LATER = DUE + datetime.timedelta(days=1)


def add(cast: Cast, *items: Recommendation, **more: Any) -> Action:
    typed = Step(**{"text": "Train every officer", "answers": tuple(item.pk for item in items), **more})
    return operations.add_action(typed, by=Actor(cast.head), at=NOON)


def edit(action: Action, cast: Cast, *numbers: int, **more: Any) -> Action:
    action.refresh_from_db()
    answers = tuple(recommendation(number).pk for number in numbers)
    typed = Step(**{"text": "Train every officer", "answers": answers, **more})
    return operations.edit_action(action, typed, by=Actor(cast.head), at=NOON, seen_version=action.version)


def move(action: Action, cast: Cast, due_on: datetime.date, **more: Any) -> Action:
    action.refresh_from_db()
    given: dict[str, Any] = {"seen_version": action.version, "due_on": due_on, **more}
    return operations.move_action(action, by=Actor(cast.head), at=NOON, **given)


def marked(name: str, action: Action, cast: Cast, **more: Any) -> Action:
    verb: Callable[..., Action] = getattr(operations, name)
    return verb(action, by=Actor(cast.head), at=NOON, **more)


VERBS: dict[str, dict[str, Any]] = {
    "drop_action": {"reason": "No money."},
    "mark_done": {},
    "mark_not_done": {},
    "mark_blocked": {"because": "No trainer."},
}


@pytest.mark.parametrize("name", [*VERBS, "open_action"])
def test_nothing_moves_for_what_is_no_longer_open(cast: Cast, name: str) -> None:
    made = step(cast, 4)
    rows = Recommendation.objects.filter(pk=recommendation(4).pk)
    for closed, words in (({"status": "no_longer_applies"}, "no longer open"), ({"carried_by": recommendation(5)}, "")):
        rows.update(**closed)
        with refused(words or "carried forward in"):
            marked(name, made, cast, **VERBS.get(name, {"reason": "Not so."}))
        with refused(words or "carried forward in"):
            move(made, cast, DUE)
        with refused(words or "carried forward in"):
            edit(made, cast, 4, text="Train some")
        rows.update(status="open", carried_by=None)


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("state", ["done", "dropped"])
def test_what_is_done_or_dropped_is_not_marked_again(cast: Cast, name: str, state: str) -> None:
    made = step(cast, 4)
    Action.objects.filter(pk=made.pk).update(state=state, done_on=TODAY if state == "done" else None)
    with refused(f"already {state}"):
        marked(name, made, cast, **VERBS[name])
    with refused("is done or dropped, so you cannot change its due date"):
        move(made, cast, DUE)


def test_only_what_is_done_is_reopened(cast: Cast) -> None:
    made = step(cast, 4)
    with refused("is not done, so you cannot reopen it"):
        marked("open_action", made, cast, reason="Not so.")


@pytest.mark.parametrize(
    ("name", "field"), [("drop_action", "reason"), ("mark_blocked", "because"), ("open_action", "reason")]
)
def test_reason_is_needed(cast: Cast, name: str, field: str) -> None:
    made = step(cast, 4)
    if name == "open_action":
        marked("mark_done", made, cast)
    with refused("Enter w"):
        marked(name, made, cast, **{field: ""})


def test_action_is_not_done_on_a_day_to_come(cast: Cast) -> None:
    with refused("Date must be today or in the past"):
        marked("mark_done", step(cast, 4), cast, day=TODAY + datetime.timedelta(days=1))


def test_confirmed_date_moves_later_with_a_reason_only_and_earlier_or_provisional_without(cast: Cast) -> None:
    made = step(cast, 4)
    assert move(made, cast, DUE).due_on == DUE
    assert move(made, cast, LATER).due_on == LATER
    assert move(made, cast, DUE).due_on == DUE
    Action.objects.filter(pk=made.pk).update(original_due_on=DUE)
    with refused("This due date is confirmed. Enter why it needs to be later"):
        move(made, cast, LATER)
    assert move(made, cast, DUE, due_is_month=True).due_is_month
    assert move(made, cast, LATER, reason="The trainer left.").due_on == LATER
    assert move(made, cast, DUE).due_on == DUE


# -- what it says and answers ------------------------------------------------------------------


def test_action_answers_something_of_one_report_to_one_organisation(cast: Cast) -> None:
    other = printed(inspection_at(f"{KSS}west-kent-pdu/"), place(f"{KSS}west-kent-pdu/"), 1)[0]
    for items, words in (
        ((), "Select at least one recommendation it answers"),
        ((recommendation(4), recommendation(6)), "addressed to one organisation"),
        ((recommendation(4), other), "from one report"),
    ):
        with refused(words):
            add(cast, *items)
    made = step(cast, 4)
    with refused("Select at least one recommendation it answers"):
        edit(made, cast)
    with refused("addressed to one organisation"):
        edit(made, cast, 6)


def test_words_are_needed(cast: Cast) -> None:
    with refused("Enter what will be done"):
        add(cast, recommendation(4), text="")
    with refused("Enter what will be done"):
        edit(step(cast, 4), cast, 4, text="")


def test_owner_needs_a_role_that_can_own_but_a_present_one_stays(cast: Cast) -> None:
    for person in (cast.reader, cast.nobody):
        with refused("does not have a role that can own this"):
            add(cast, recommendation(4), owner=person)
    made = step(cast, 4, owner=cast.officer)
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY)
    assert edit(made, cast, 4, text="Train all", owner=cast.officer).owner == cast.officer
    with refused("does not have a role that can own this"):
        edit(made, cast, 4, owner=cast.nobody)


def test_only_what_is_open_is_answered_from_now_on_or_no_longer(cast: Cast) -> None:
    made = step(cast, 4, 5)
    Recommendation.objects.filter(pk=recommendation(5).pk).update(status="no_longer_applies")
    with refused("no longer open"):
        edit(made, cast, 4)
    assert edit(made, cast, 4, 5, text="Train all").answers == [recommendation(4).pk, recommendation(5).pk]
    other = step(cast, 3)
    with refused("no longer open"):
        edit(other, cast, 3, 5)
    with refused("no longer open"):
        add(cast, recommendation(5))


def test_older_version_is_in_conflict(cast: Cast) -> None:
    made = step(cast, 4)
    with pytest.raises(Conflict):
        operations.move_action(made, by=Actor(cast.head), at=NOON, seen_version=9, due_on=DUE)
    with pytest.raises(Conflict):
        operations.edit_action(made, Step("New", (recommendation(4).pk,)), by=Actor(cast.head), at=NOON, seen_version=9)


def test_carried_item_gets_its_actions_with_the_later_one(cast: Cast) -> None:
    access, item = Access(cast.head, TODAY), recommendation(4)
    assert can_add_action(access, item)
    item.carried_by = recommendation(5)
    assert not can_add_action(access, item)


def test_actions_are_seen_through_what_they_answer(cast: Cast) -> None:
    made = step(cast, 4)
    seen = {name for name, person in vars(cast).items() if made in visible_actions(Access(person, TODAY))}
    assert {"head", "officer", "director", "reader"} <= seen
    assert not seen & {"neighbour", "stranger", "strange_admin", "nobody"}
