"""Operations on actions. They never set progress."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, User
from tracker.history.models import FreeText
from tracker.history.operations import Actor, Conflict, Operation, operation, save_changes, snapshot
from tracker.recommendations.action.models import Action, is_worked_on
from tracker.recommendations.participation.operations import carry_parts
from tracker.recommendations.plan.operations import unclear
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock_all, refuse_unless_open
from tracker.recommendations.response.operations import kept

State = Action.State


@dataclass(frozen=True)
class Step:
    """What is to be done, by whom, for which recommendations; `done_by` is in words, for bodies without accounts."""

    text: str
    answers: tuple[int, ...]
    owner: User | None = None
    done_by: str = ""
    due_on: datetime.date | None = None
    due_is_month: bool = False


def add_action(step: Step, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> Action:
    """All that it answers are open, and of one inspection and addressee."""
    with operation(by=by, at=at, key=key) as op:
        items = lock_all(step.answers)
        _refuse_odd(step, items, op)
        for item in items:
            refuse_unless_open(item)
        words = _words(step.text, None, op)
        action = Action.objects.create(
            inspection=items[0].inspection,
            addressee=items[0].addressee,
            words=words,
            done_by=op.words(step.done_by),
            owner=step.owner,
            due_on=step.due_on,
            due_is_month=step.due_is_month,
        )
        action.recommendations.set(items)
        op.record("action.added", action, why=words)
        _unclear(items, op)
    return action


def edit_action(
    action: Action, step: Step, *, by: Actor, at: datetime.datetime, seen_version: int, key: uuid.UUID | None = None
) -> Action:
    """Everything but its date, which is moved. Only what is open can be answered from now on, or no longer."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk, also=step.answers)
        if current.version != seen_version:
            raise Conflict
        before, answers = snapshot(current), set(current.answers)
        _refuse_unless_editable(items, answers)
        chosen = [item for item in items if item.pk in step.answers]
        _refuse_odd(step, chosen, op, was=current)
        for item in items:
            if (item.pk in answers) != (item.pk in step.answers):
                refuse_unless_open(item)
        values = {
            "words": _words(step.text, current.words, op),
            "done_by": kept(current.done_by, step.done_by, op),
            "owner": step.owner,
        }
        if answers == set(step.answers) and all(getattr(current, name) == value for name, value in values.items()):
            return current
        current.recommendations.set(chosen)
        save_changes(current, current.version, values)
        op.record("action.edited", current, before=before, why=values["words"])  # type: ignore[arg-type]
        carry_parts(current, set(step.answers) - answers)
        _unclear(items, op)
    return current


def move_action(
    action: Action,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    due_on: datetime.date,
    due_is_month: bool = False,
    reason: str = "",
    key: uuid.UUID | None = None,
) -> Action:
    """A draft date moves freely; once it is fixed the original stays beside it, and later needs a reason."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk)
        if current.version != seen_version:
            raise Conflict
        _refuse_unless_wanted(current, items)
        if current.state != State.OPEN:
            raise ValidationError(_("This action is done or dropped, so you cannot change its due date."))
        confirmed_on = current.due_on if current.original_due_on else None
        if confirmed_on and due_on > confirmed_on and not reason:
            raise ValidationError({"reason": _("This due date is confirmed. Enter why it needs to be later.")})
        if (due_on, due_is_month) != (current.due_on, current.due_is_month):
            why = op.words(reason)
            _write(current, op, "action.moved", why=why, due_on=due_on, due_is_month=due_is_month)
            _unclear(items, op)
    return current


def drop_action(
    action: Action, *, by: Actor, at: datetime.datetime, reason: str, key: uuid.UUID | None = None
) -> Action:
    """Drop the action. It stays listed."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk)
        _refuse_unless_wanted(current, items)
        _refuse_unless_to_be_done(current)
        why = _required(reason, "reason", _("Enter why you are dropping it"), op)
        _write(current, op, "action.dropped", why=why, state=State.DROPPED, stuck_since=None, stuck_because=None)
        _unclear(items, op)
    return current


def mark_done(
    action: Action,
    *,
    by: Actor,
    at: datetime.datetime,
    day: datetime.date | None = None,
    note: str = "",
    key: uuid.UUID | None = None,
) -> Action:
    """Done on `day`, or today where none is given."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk)
        _refuse_unless_wanted(current, items)
        _refuse_unless_to_be_done(current)
        if day is not None and day > op.day:
            raise ValidationError({"day": _("Date must be today or in the past")})
        values = {"state": State.DONE, "done_on": day or op.day, "said_on": op.day}
        _write(current, op, "action.done", why=op.words(note), stuck_since=None, stuck_because=None, **values)
    return current


def mark_not_done(
    action: Action, *, by: Actor, at: datetime.datetime, note: str = "", key: uuid.UUID | None = None
) -> Action:
    """Record that it is in progress and not blocked."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk)
        _refuse_unless_wanted(current, items)
        _refuse_unless_to_be_done(current)
        why = op.words(note)
        _write(current, op, "action.not_yet", why=why, said_on=op.day, stuck_since=None, stuck_because=None)
    return current


def mark_blocked(
    action: Action, *, by: Actor, at: datetime.datetime, because: str, key: uuid.UUID | None = None
) -> Action:
    """Record that it is blocked, since today or since it was first reported."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk)
        _refuse_unless_wanted(current, items)
        _refuse_unless_to_be_done(current)
        why = _required(because, "note", _("Enter what is blocking it"), op)
        since = current.stuck_since or op.day
        _write(current, op, "action.stuck", why=why, said_on=op.day, stuck_since=since, stuck_because=why)
    return current


def open_action(
    action: Action, *, by: Actor, at: datetime.datetime, reason: str, key: uuid.UUID | None = None
) -> Action:
    """Reopen an action that was marked as done."""
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold(action.pk)
        _refuse_unless_wanted(current, items)
        if current.state != State.DONE:
            raise ValidationError(_("This action is not done, so you cannot reopen it."))
        why = _required(reason, "reason", _("Enter why you are reopening it"), op)
        _write(current, op, "action.opened", why=why, state=State.OPEN, done_on=None, said_on=op.day)
    return current


def _hold(pk: int, also: Iterable[int] = ()) -> tuple[Action, list[Recommendation]]:
    """The action and all that it answers, or is to answer, locked: the recommendations first, as everywhere."""
    held = Recommendation.objects.filter(actions=pk).values_list("pk", flat=True)
    items = lock_all({*held, *also})
    action = Action.objects.select_for_update().get(pk=pk)
    if not set(action.answers) <= {item.pk for item in items}:
        # It was linked to another recommendation while we waited for the lock.
        raise Conflict
    return action, items


def _refuse_unless_wanted(action: Action, items: list[Recommendation]) -> None:
    """Refuse once all of its recommendations are closed otherwise than signed off, with the reason of the first."""
    answered = [item for item in items if item.pk in action.answers]
    if not is_worked_on(answered):
        refuse_unless_open(answered[0])


def _refuse_unless_editable(items: list[Recommendation], answers: set[int]) -> None:
    """What will be done changes only while one of its recommendations is open, with the reason of the first."""
    answered = [item for item in items if item.pk in answers]
    if not any(item.status == Recommendation.Status.OPEN and item.carried_by_id is None for item in answered):
        refuse_unless_open(answered[0])


def _refuse_unless_to_be_done(action: Action) -> None:
    if action.state != State.OPEN:
        raise ValidationError(_("This action is already %(state)s.") % {"state": action.get_state_display().lower()})


def _refuse_odd(step: Step, items: list[Recommendation], op: Operation, was: Action | None = None) -> None:
    if not items:
        raise ValidationError({"answers": _("Select at least one recommendation it answers")})
    places = {(item.inspection_id, item.addressee_id) for item in items}
    if was is not None:
        places.add((was.inspection_id, was.addressee_id))
    if len(places) > 1:
        raise ValidationError({"answers": _("Select recommendations from one report, addressed to one organisation.")})
    if step.owner is None or (was is not None and step.owner == was.owner):
        return
    if not Membership.objects.may_own(op.day).filter(user=step.owner).exists():
        raise ValidationError({"owner": _("%(name)s does not have a role that can own this") % {"name": step.owner}})


def _words(text: str, held: FreeText | None, op: Operation) -> FreeText:
    words = kept(held, text, op) if text else None
    if words is None:
        raise ValidationError({"text": _("Enter what will be done")})
    return words


def _required(text: str, field: str, message: str, op: Operation) -> FreeText:
    words = op.words(text)
    if words is None:
        raise ValidationError({field: message})
    return words


def _write(action: Action, op: Operation, verb: str, *, why: FreeText | None = None, **values: Any) -> None:
    before = snapshot(action)
    save_changes(action, action.version, values)
    op.record(verb, action, before=before, why=why)


def _unclear(items: list[Recommendation], op: Operation) -> None:
    """They must be in one plan. A previous recommendation is in none."""
    for item in [one for one in items if not one.is_previous][:1]:
        unclear(op, item)
