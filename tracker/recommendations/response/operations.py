"""Records the response."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.models import FreeText
from tracker.history.operations import Actor, Conflict, Operation, operation
from tracker.recommendations.plan.operations import unclear
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock, refuse_unless_open, update_and_record
from tracker.recommendations.recommendation.progress import Response


def respond(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    response: str,
    part: str = "",
    reason: str = "",
    key: uuid.UUID | None = None,
) -> Recommendation:
    """`part` goes with partly agreed, `reason` with partly and not agreed; both are left out where they do not belong.

    What is not agreed stays open until a reviewer closes it as such.
    """
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        if current.version != seen_version:
            raise Conflict
        refuse_unless_open(current)
        _refuse_unsaid(response, part, reason)
        part = part if response == Response.PARTLY else ""
        reason = "" if response == Response.AGREED else reason
        values = {
            "response": response,
            "response_part": kept(current.response_part, part, op),
            "response_reason": kept(current.response_reason, reason, op),
        }
        if any(getattr(current, name) != value for name, value in values.items()):
            update_and_record(current, op, "recommendation.responded", why=values["response_reason"], **values)  # type: ignore[arg-type]
            unclear(op, current)
    return current


def kept(held: FreeText | None, text: str, op: Operation) -> FreeText | None:
    """The row that already has this text, or a new one."""
    return held if held is not None and held.text == text else op.words(text)


def _refuse_unsaid(response: str, part: str, reason: str) -> None:
    if response not in (Response.AGREED, Response.PARTLY, Response.NOT_AGREED):
        raise ValidationError({"response": _("Select a response")})
    if response == Response.PARTLY and not part:
        raise ValidationError({"part": _("Enter which part you agree with")})
    if response != Response.AGREED and not reason:
        raise ValidationError({"reason": _("Enter a reason")})
