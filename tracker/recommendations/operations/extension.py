"""Later due dates: asked for, withdrawn, granted, declined."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.history.operations import Operation, operation, snapshot
from tracker.recommendations.models import Extension, Recommendation
from tracker.recommendations.operations.verb import alter, hold, refuse_newer, refuse_unless_open

State = Extension.State


def ask_extension(
    item: Recommendation,
    *,
    by: User,
    at: datetime.datetime,
    to_on: datetime.date,
    to_is_month: bool = False,
    reason: str,
    key: uuid.UUID | None = None,
) -> Extension:
    """Nothing moves before a reviewer has decided; one is asked at a time."""
    with operation(by=by, at=at, key=key) as op:
        current = hold(item.pk)
        refuse_unless_open(current)
        from_on = _fixed_date(current, to_on)
        words = op.words(reason)
        if words is None:
            raise ValidationError({"reason": _("Enter why you need more time")})
        extension = Extension.objects.create(
            recommendation=current,
            from_on=from_on,
            to_on=to_on,
            to_is_month=to_is_month,
            reason=words,
            asked_by=by,
            asked_at=op.at,
            day=op.day,
        )
        op.record("extension.asked", extension, why=words)
    return extension


def _fixed_date(current: Recommendation, to_on: datetime.date) -> datetime.date:
    """The date that stands; refused where nobody needs to be asked, or where something is asked already."""
    if current.due_on is None:
        raise ValidationError({"to_on": _("There is no due date yet. You can set one without a request.")})
    if current.original_due_on is None:
        raise ValidationError({"to_on": _("The due date is provisional. You can change it without a request.")})
    if to_on <= current.due_on:
        raise ValidationError(
            {"to_on": _("Enter a date later than the current due date. You can set an earlier one without a request.")}
        )
    if current.extensions.filter(state=State.ASKED).exists():
        raise ValidationError(_("An extension has already been requested. Withdraw that request first."))
    return current.due_on


def withdraw_extension(
    extension: Extension, *, by: User, at: datetime.datetime, reason: str = "", key: uuid.UUID | None = None
) -> Extension:
    with operation(by=by, at=at, key=key) as op:
        hold(extension.recommendation_id)
        current = _still_asked(extension)
        before = snapshot(current)
        current.state = State.WITHDRAWN
        current.save(update_fields=["state"])
        op.record("extension.withdrawn", current, before=before, why=op.words(reason))
    return current


def decide_extension(
    extension: Extension,
    *,
    by: User,
    at: datetime.datetime,
    seen_event: int,
    granted: bool,
    words: str = "",
    key: uuid.UUID | None = None,
) -> Extension:
    """Granted, the due date moves and the original stays. Declined, with a reason, nothing moves."""
    with operation(by=by, at=at, key=key) as op:
        item = hold(extension.recommendation_id)
        refuse_newer(item, seen_event)
        refuse_unless_open(item)
        current = _still_asked(extension)
        decision = op.words(words)
        if not granted and decision is None:
            raise ValidationError({"words": _("Enter why you are declining it")})
        before = snapshot(current)
        current.state = State.GRANTED if granted else State.DECLINED
        current.decided_by, current.decided_on, current.decision = by, op.day, decision
        current.save(update_fields=["state", "decided_by", "decided_on", "decision"])
        if granted:
            _move(item, current, op)
            op.record("extension.granted", current, before=before, why=decision)
        else:
            op.record("extension.declined", current, before=before, why=decision)
    return current


def _still_asked(extension: Extension) -> Extension:
    """As it is now that the recommendation is held."""
    current = Extension.objects.select_related("recommendation", "decision").get(pk=extension.pk)
    if current.state != State.ASKED:
        raise ValidationError(
            _("This request can no longer be decided (%(state)s)") % {"state": current.get_state_display().lower()}
        )
    return current


def _move(item: Recommendation, granted: Extension, op: Operation) -> None:
    if item.due_on is None or granted.to_on <= item.due_on:
        raise ValidationError(
            _("The due date is already the same or later than the date requested. Decline the request instead.")
        )
    alter(
        item,
        op,
        "recommendation.extended",
        why=granted.decision,
        due_on=granted.to_on,
        due_is_month=granted.to_is_month,
    )
