"""Closes recommendations that will not be done, and corrects printed text."""

import datetime
import uuid
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.operations import Actor, Conflict, operation
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import (
    lock,
    lock_all,
    refuse_embargoed,
    refuse_newer,
    refuse_unless_open,
    update_and_record,
)
from tracker.recommendations.recommendation.progress import Response

Status = Recommendation.Status

CLOSED_AS = (Status.NOT_AGREED, Status.NO_LONGER_APPLIES, Status.SUPERSEDED)


def close(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    outcome: str,
    reason: str,
    successor: Recommendation | None = None,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """As not agreed, no longer applying, or superseded by `successor`. It stays visible."""
    with operation(by=by, at=at, key=key) as op:
        rows = {row.pk: row for row in lock_all({item.pk, successor.pk} if successor else {item.pk})}
        current = rows[item.pk]
        refuse_newer(current, seen_event)
        refuse_unless_open(current)
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Enter why you are closing it")})
        later = rows[successor.pk] if successor else None
        _refuse_outcome(current, outcome, later)
        if later is not None and later.inspection_id != current.inspection_id:
            refuse_embargoed(later, op, "successor")
        return update_and_record(current, op, "recommendation.closed", why=why, status=outcome, superseded_by=later)


def _refuse_outcome(item: Recommendation, outcome: str, successor: Recommendation | None) -> None:
    if outcome not in CLOSED_AS:
        raise ValidationError({"outcome": _("Select what to close it as")})
    if outcome == Status.NOT_AGREED and item.response != Response.NOT_AGREED:
        raise ValidationError({"outcome": _("The response to this recommendation is not “Not agreed”.")})
    if (outcome == Status.SUPERSEDED) != (successor is not None):
        raise ValidationError({"successor": _("Select the recommendation that replaces it")})
    if successor is not None:
        _refuse_successor(item, successor)


def _refuse_successor(item: Recommendation, successor: Recommendation) -> None:
    """The successor must be unfinished. A superseded one cannot be a successor, so there is no cycle."""
    if successor.pk == item.pk:
        raise ValidationError({"successor": _("A recommendation cannot replace itself.")})
    if successor.status not in Recommendation.UNFINISHED or successor.carried_by_id is not None:
        raise ValidationError(
            {
                "successor": _("%(title)s is no longer open (%(status)s). Select another.")
                % {"title": successor.title, "status": successor.get_status_display().lower()}
            }
        )


def correct_text(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    printed: Mapping[str, str],
    reason: str,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """`printed` is {column: as the report prints it} of text, number and place. Whatever its status."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        if current.version != seen_version:
            raise Conflict
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Enter why you are correcting it")})
        values = {name: printed[name] for name in ("text", "number", "place") if name in printed}
        if all(getattr(current, name) == value for name, value in values.items()):
            raise ValidationError({"text": _("No change to save")})
        return update_and_record(current, op, "recommendation.text_corrected", why=why, **values)
