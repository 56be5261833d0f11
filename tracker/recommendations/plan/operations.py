"""Operations on action plans."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.models import FreeText
from tracker.history.operations import Actor, Conflict, Operation, operation, save_changes, snapshot, to_json
from tracker.recommendations.action.models import Action
from tracker.recommendations.plan.models import ActionPlan, SentPlan
from tracker.recommendations.plan.queries import (
    PlanRow,
    changed_since_cleared,
    is_draft,
    is_draft_action,
    last_plan_event,
    plan_page,
)
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock_all, update_and_record

State = ActionPlan.State


def set_plan_due(
    plan: ActionPlan,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    due_on: datetime.date | None,
    key: uuid.UUID | None = None,
) -> ActionPlan:
    """The day on which it is due to HMPPS. Raises Conflict when the plan is newer than `seen_version`."""
    with operation(by=by, at=at, key=key) as op:
        current, _items = _hold_plan(plan, op)
        if current.version != seen_version:
            raise Conflict
        if current.state == State.SENT:
            raise ValidationError(_("This version has been sent. Create a new version first."))
        if due_on != current.due_on:
            _write(current, op, "plan.due_set", due_on=due_on)
    return current


def fix_dates(
    plan: ActionPlan, *, by: Actor, at: datetime.datetime, seen_event: int, key: uuid.UUID | None = None
) -> ActionPlan:
    """Confirm every provisional due date of open recommendations. Repeat it for dates set since.

    Previous recommendations of the same report to the same addressee are fixed with it: no other plan would.
    """
    with operation(by=by, at=at, key=key) as op:
        current, items = _hold_plan(plan, op, seen_event)
        drafts = [item for item in items if is_draft(item)]
        actions = [action for action in _actions_of(plan) if is_draft_action(action)]
        if not drafts and not actions:
            raise ValidationError(_("There are no provisional dates to confirm."))
        for item in drafts:
            update_and_record(item, op, "recommendation.dates_fixed", original_due_on=item.due_on)
        for action in actions:
            before = snapshot(action)
            save_changes(action, action.version, {"original_due_on": action.due_on})
            op.record("action.date_fixed", action, before=before)
        if current.state == State.CLEARED:
            _back_to_draft(current, op, "plan.uncleared")
        _write(current, op, "plan.dates_fixed", dates_fixed_on=op.day)
    return current


def clear_plan(
    plan: ActionPlan,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    comment: str = "",
    key: uuid.UUID | None = None,
) -> ActionPlan:
    """Approve the plan. Raises Conflict if anything in it has changed since `seen_event`."""
    with operation(by=by, at=at, key=key) as op:
        current, _items = _hold_plan(plan, op, seen_event)
        if current.state != State.DRAFT:
            raise ValidationError(_("The plan is no longer a draft, so you cannot approve it now."))
        page = plan_page(current, op.day)
        if page.incomplete:
            titles = ", ".join(row.item.title for row in page.incomplete)
            raise ValidationError(_("Information is still missing for: %(titles)s.") % {"titles": titles})
        if not page.is_complete:
            raise ValidationError(_("The lead has not confirmed every due date yet."))
        values = {"state": State.CLEARED, "cleared_by": by.user, "cleared_on": op.day}
        _write(current, op, "plan.cleared", why=op.words(comment), **values)
    return current


def send_plan(plan: ActionPlan, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> SentPlan:
    """Record the approved plan as sent to HMPPS, and keep this version."""
    with operation(by=by, at=at, key=key) as op:
        current, _items = _hold_plan(plan, op)
        if current.state != State.CLEARED:
            raise ValidationError(_("A reviewer must approve the plan first."))
        # The database holds an approved plan to both.
        assert current.cleared_by is not None
        assert current.cleared_on is not None
        if changed_since_cleared(current):
            raise ValidationError(_("The plan has changed since it was approved. It must be approved again."))
        page = plan_page(current, op.day)
        if not page.is_complete:
            raise ValidationError(_("The plan has become incomplete since it was approved. It must be approved again."))
        sent = SentPlan.objects.create(
            plan=current,
            number=current.sent_versions.count() + 1,
            sent_at=op.at,
            day=op.day,
            sent_by=by.user,
            cleared_by=current.cleared_by,
            cleared_on=current.cleared_on,
            content=[_content(row) for row in page.rows],
        )
        _write(current, op, "plan.sent", state=State.SENT, sent_by=by.user, sent_on=op.day)
    return sent


def _content(row: PlanRow) -> dict[str, Any]:
    """One recommendation as it is sent: people, words and rows by id."""
    item = row.item
    return {
        "recommendation": item.pk,
        "status": item.status,
        "response": item.response,
        "reason": item.response_reason_id,
        "part": item.response_part_id,
        "owner": item.owner_id,
        "due_on": to_json(item.due_on),
        "due_is_month": item.due_is_month,
        "review_on": to_json(item.review_on),
        "actions": [
            {
                "action": action.pk,
                "words": action.words_id,
                "done_by": action.done_by_id,
                "owner": action.owner_id,
                "due_on": to_json(action.due_on),
                "due_is_month": action.due_is_month,
                "state": action.state,
            }
            for action in row.actions
        ],
    }


def revise_plan(
    plan: ActionPlan, *, by: Actor, at: datetime.datetime, reason: str = "", key: uuid.UUID | None = None
) -> ActionPlan:
    """Return the plan to draft, for the next version or for a change before sending."""
    with operation(by=by, at=at, key=key) as op:
        current, _items = _hold_plan(plan, op)
        if current.state == State.DRAFT:
            raise ValidationError(_("The plan is already a draft."))
        _back_to_draft(current, op, "plan.revised", why=op.words(reason))
    return current


def unclear(op: Operation, item: Recommendation) -> None:
    """What a reviewer cleared has changed: the plan of the held `item` is a draft again. A sent version stays sent."""
    plan = (
        ActionPlan.objects.select_for_update()
        .filter(inspection=item.inspection_id, addressee=item.addressee_id, state=State.CLEARED)
        .first()
    )
    if plan is not None and not item.is_previous:
        _back_to_draft(plan, op, "plan.uncleared")


def _back_to_draft(plan: ActionPlan, op: Operation, verb: str, why: FreeText | None = None) -> None:
    cleared = {"cleared_by": None, "cleared_on": None, "sent_by": None, "sent_on": None}
    _write(plan, op, verb, why=why, state=State.DRAFT, **cleared)


def _write(plan: ActionPlan, op: Operation, verb: str, *, why: FreeText | None = None, **values: Any) -> None:
    before = snapshot(plan)
    save_changes(plan, plan.version, values)
    op.record(verb, plan, before=before, why=why)


def _hold_plan(
    plan: ActionPlan, op: Operation, seen_event: int | None = None
) -> tuple[ActionPlan, list[Recommendation]]:
    """The plan, begun where it is not yet, and everything the report asks of the addressee; all of it locked.

    Holding the recommendations first keeps two people from beginning the same plan twice.
    """
    of_it = Recommendation.objects.filter(inspection=plan.inspection_id, addressee=plan.addressee_id)
    items = lock_all(of_it.values_list("pk", flat=True))
    rows = ActionPlan.objects.select_for_update(of=("self",)).select_related("addressee", "inspection", "cleared_by")
    current = rows.filter(inspection=plan.inspection_id, addressee=plan.addressee_id).first()
    if seen_event is not None and last_plan_event(current or plan) != seen_event:
        raise Conflict
    if current is None:
        current = ActionPlan.objects.create(inspection=plan.inspection, addressee=plan.addressee)
        op.record("plan.begun", current)
    return current, items


def _actions_of(plan: ActionPlan) -> list[Action]:
    """Of a plan whose recommendations are held."""
    rows = Action.objects.select_for_update().filter(inspection=plan.inspection_id, addressee=plan.addressee_id)
    return list(rows.order_by("pk"))
