"""When it is due: dates that move freely, dates that are fixed, and originals that were mistyped."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.history.operations import Conflict, operation
from tracker.recommendations.models import Plan, Recommendation
from tracker.recommendations.operations.recommendation import replan
from tracker.recommendations.operations.verb import alter, hold, refuse_newer, refuse_unless_open


def set_due(
    item: Recommendation,
    *,
    by: User,
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
        current = hold(item.pk)
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
    by: User,
    at: datetime.datetime,
    seen_event: int,
    original_due_on: datetime.date,
    is_month: bool = False,
    reason: str,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """A mistyped original. It counts neither as an extension nor as a slip; a date that was moved since stays."""
    with operation(by=by, at=at, key=key) as op:
        current = hold(item.pk)
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
        alter(current, op, "recommendation.date_corrected", why=why, original_due_on=original_due_on, **moved)
    return current
