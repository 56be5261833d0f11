"""Changing owner, due date and progress of one recommendation in one step."""

import datetime
import uuid

from tracker.history.operations import Actor, Conflict, operation
from tracker.recommendations.due.operations import replan
from tracker.recommendations.recommendation.models import Plan, Recommendation
from tracker.recommendations.recommendation.operations import lock, refuse_unless_open
from tracker.recommendations.update.models import Report
from tracker.recommendations.update.operations import append_update


def change(
    recommendation: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    plan: Plan | None = None,
    report: Report | None = None,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """Plan it, report on it, or both at once; whatever is as it was before is left alone.

    Raises Conflict when the row is newer than `seen_version`, AlreadyDone for a form sent twice, and ValidationError by
    field where the change cannot be made.
    """
    with operation(by=by, at=at, key=key) as op:
        current = lock(recommendation.pk)
        if current.version != seen_version:
            raise Conflict
        refuse_unless_open(current)
        if plan is not None:
            replan(current, plan, op)
        if report is not None:
            append_update(current, report, op=op, by=by, words=op.words(report.what_changed))
    return current
