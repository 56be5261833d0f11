"""Owner and due date, mistyped originals, and extensions."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, User
from tracker.history.operations import Actor, Conflict, Operation, operation, snapshot
from tracker.recommendations.due.models import Extension
from tracker.recommendations.plan.operations import unclear
from tracker.recommendations.recommendation.models import Plan, Recommendation
from tracker.recommendations.recommendation.operations import lock, refuse_newer, refuse_unless_open, update_and_record
from tracker.web.workingdays import months_after

# What is ongoing has a day within so many months on which it is looked at again.
REVIEW_MONTHS = 3


def replan(item: Recommendation, plan: Plan, op: Operation) -> None:
    """Owner and due date of a held row, as the plan says. No event where nothing changes."""
    values: dict[str, Any] = {}
    if plan.owner != item.owner:
        values["owner"] = plan.owner
        if plan.owner is not None:
            refuse_owner(plan.owner, "owner", op.day)
            values["quiet_since"] = op.day
    when = {"due_on": plan.due_on, "due_is_month": plan.due_is_month, "review_on": plan.review_on}
    if any(getattr(item, name) != value for name, value in when.items()):
        refuse_later(item, plan.due_on)
        _refuse_far_review(item, plan.review_on, op.day)
        values |= when
    if plan.due_set_by != item.due_set_by:
        if item.original_due_on is not None:
            raise ValidationError({"due_set_by": _("This due date is confirmed, so you cannot change who set it.")})
        values["due_set_by"] = plan.due_set_by
    if values:
        update_and_record(item, op, "recommendation.planned", why=op.words(plan.reason), **values)
        unclear(op, item)


def refuse_owner(person: User, field: str, on: datetime.date) -> None:
    """Readers change nothing, and administrators have no say over progress."""
    if not Membership.objects.may_own(on).filter(user=person).exists():
        raise ValidationError({field: _("%(name)s does not have a role that can own this") % {"name": person}})
    if not Membership.objects.may_own_recommendations(on).filter(user=person).exists():
        raise ValidationError(
            {field: _("%(name)s is an administrator, so they cannot own a recommendation") % {"name": person}}
        )


def refuse_later(item: Recommendation, due_on: datetime.date | None) -> None:
    """A draft moves freely. Once it is fixed, earlier is always allowed and later only by extension."""
    if item.original_due_on is None or item.due_on is None:
        return
    if due_on is None:
        raise ValidationError({"due_on": _("This due date is confirmed. You can change it but not remove it.")})
    if due_on > item.due_on:
        raise ValidationError(
            {
                "due_on": ValidationError(
                    _("This due date is confirmed. Request an extension to make it later."), code="later"
                )
            }
        )


def _refuse_far_review(item: Recommendation, review_on: datetime.date | None, on: datetime.date) -> None:
    """What is ongoing is looked at again within three months; a review day that stays as it was may have passed."""
    if review_on is None or review_on == item.review_on:
        return
    if not on < review_on <= months_after(on, REVIEW_MONTHS):
        last = format_date(months_after(on, REVIEW_MONTHS), "j F Y")
        raise ValidationError({"review_on": _("Enter a review date after today and by %(last)s") % {"last": last}})


def set_due(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    due_on: datetime.date | None,
    due_is_month: bool = False,
    review_on: datetime.date | None = None,
    due_set_by: str,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """A date, or a day on which what is ongoing is looked at again.

    A draft moves freely. A fixed date is moved earlier by whoever leads, and later only by extension.
    """
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        if current.version != seen_version:
            raise Conflict
        refuse_unless_open(current)
        if due_on is None and current.original_due_on is not None:
            raise ValidationError({"kind": _("This due date is confirmed. You can change it but not remove it.")})
        plan = Plan(current.owner, due_on, due_is_month=due_is_month, review_on=review_on, due_set_by=due_set_by)
        replan(current, plan, op)
    return current


def correct_date(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    original_due_on: datetime.date,
    is_month: bool = False,
    reason: str,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """A mistyped original. It counts neither as an extension nor as a slip; a date that was moved since stays."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        refuse_newer(current, seen_event)
        refuse_unless_open(current)
        if current.original_due_on is None:
            raise ValidationError(_("The due date is not confirmed yet, so there is nothing to correct."))
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Enter why you are correcting it")})
        never_moved = current.due_on == current.original_due_on
        if original_due_on == current.original_due_on and not (never_moved and is_month != current.due_is_month):
            raise ValidationError({"original": _("This is already the original due date")})
        moved = {"due_on": original_due_on, "due_is_month": is_month} if never_moved else {}
        update_and_record(
            current, op, "recommendation.date_corrected", why=why, original_due_on=original_due_on, **moved
        )
    return current


State = Extension.State


def ask_extension(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    to_on: datetime.date,
    to_is_month: bool = False,
    reason: str,
    key: uuid.UUID | None = None,
) -> Extension:
    """Request an extension. The due date stays until a reviewer decides; one request at a time."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        refuse_unless_open(current)
        from_on = _fixed_date(current, to_on, op.day)
        words = op.words(reason)
        if words is None:
            raise ValidationError({"reason": _("Enter why you need more time")})
        extension = Extension.objects.create(
            recommendation=current,
            from_on=from_on,
            to_on=to_on,
            to_is_month=to_is_month,
            reason=words,
            asked_by=by.user,
            asked_at=op.at,
            day=op.day,
        )
        op.record("extension.asked", extension, why=words)
    return extension


def _fixed_date(current: Recommendation, to_on: datetime.date, on: datetime.date) -> datetime.date:
    """The date that stands; refused where nobody needs to be asked, or where something is asked already."""
    if current.due_on is None:
        raise ValidationError({"to_on": _("There is no due date yet. You can set one without a request.")})
    if current.original_due_on is None:
        raise ValidationError({"to_on": _("The due date is provisional. You can change it without a request.")})
    if to_on <= current.due_on:
        raise ValidationError(
            {"to_on": _("Enter a date later than the current due date. You can set an earlier one without a request.")}
        )
    if to_on <= on:
        raise ValidationError({"to_on": _("New due date must be in the future")})
    if current.extensions.filter(state=State.ASKED).exists():
        raise ValidationError(_("An extension has already been requested. Withdraw that request first."))
    return current.due_on


def withdraw_extension(
    extension: Extension, *, by: Actor, at: datetime.datetime, reason: str = "", key: uuid.UUID | None = None
) -> Extension:
    with operation(by=by, at=at, key=key) as op:
        lock(extension.recommendation_id)
        current = _still_asked(extension)
        before = snapshot(current)
        current.state = State.WITHDRAWN
        current.save(update_fields=["state"])
        op.record("extension.withdrawn", current, before=before, why=op.words(reason))
    return current


def decide_extension(
    extension: Extension,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    granted: bool,
    words: str = "",
    key: uuid.UUID | None = None,
) -> Extension:
    """Granted, the due date moves and the original stays. Declined, with a reason, nothing moves."""
    with operation(by=by, at=at, key=key) as op:
        item = lock(extension.recommendation_id)
        refuse_newer(item, seen_event)
        refuse_unless_open(item)
        current = _still_asked(extension)
        decision = op.words(words)
        if not granted and decision is None:
            raise ValidationError({"words": _("Enter why you are declining it")})
        before = snapshot(current)
        current.state = State.GRANTED if granted else State.DECLINED
        current.decided_by, current.decided_on, current.decision = by.user, op.day, decision
        current.save(update_fields=["state", "decided_by", "decided_on", "decision"])
        if granted:
            _move(item, current, op)
            op.record("extension.granted", current, before=before, why=decision)
        else:
            op.record("extension.declined", current, before=before, why=decision)
    return current


def _still_asked(extension: Extension) -> Extension:
    """The current row, read after the recommendation was locked."""
    current = Extension.objects.select_related("recommendation", "decision").get(pk=extension.pk)
    if current.state != State.ASKED:
        raise ValidationError(
            _("This request can no longer be decided (%(state)s)") % {"state": current.get_state_display().lower()}
        )
    return current


def _move(item: Recommendation, granted: Extension, op: Operation) -> None:
    # Only a confirmed date is extended, and one that is confirmed is not removed.
    assert item.due_on is not None
    if granted.to_on <= item.due_on:
        raise ValidationError(
            _("The due date is already the same or later than the date requested. Decline the request instead.")
        )
    update_and_record(
        item,
        op,
        "recommendation.extended",
        why=granted.decision,
        due_on=granted.to_on,
        due_is_month=granted.to_is_month,
    )
