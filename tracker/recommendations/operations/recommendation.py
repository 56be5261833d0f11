"""The verbs of a recommendation."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.history.operations import Conflict, Operation, operation, save_changes, snapshot
from tracker.inspections.models import Inspection
from tracker.recommendations.models import Finding, Plan, Recommendation, Report, Speaker, Update


def change(
    recommendation: Recommendation,
    *,
    by: User,
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
        current = (
            Recommendation.objects.select_for_update(of=("self",)).select_related("addressee").get(pk=recommendation.pk)
        )
        if current.version != seen_version:
            raise Conflict
        if current.status != Recommendation.Status.OPEN:
            raise ValidationError(_("It is no longer open, so it cannot be changed."))
        if plan is not None:
            _plan(current, plan, op)
        if report is not None:
            _report(current, report, op, by)
    return current


def _plan(recommendation: Recommendation, plan: Plan, op: Operation) -> None:
    values: dict[str, Any] = {}
    if plan.owner != recommendation.owner:
        values["owner"] = plan.owner
        if plan.owner is not None:
            if not Membership.objects.may_own(op.day).filter(user=plan.owner).exists():
                raise ValidationError(
                    {"owner": _("%(name)s has no role that lets them own it.") % {"name": plan.owner}}
                )
            values["quiet_since"] = op.day
    if plan.due_on != recommendation.due_on:
        values |= _dates(recommendation, plan)
    if not values:
        return
    before = snapshot(recommendation)
    save_changes(recommendation, recommendation.version, values)
    op.record("recommendation.planned", recommendation, before=before, why=op.words(plan.reason))


def _dates(recommendation: Recommendation, plan: Plan) -> dict[str, Any]:
    """The first date stands for ever as the original one; earlier is always allowed, later needs a reason."""
    if plan.due_on is None:
        raise ValidationError({"due_on": _("A due date can be moved, not taken away.")})
    if recommendation.due_on is None:
        return {"due_on": plan.due_on, "original_due_on": plan.due_on}
    if plan.due_on > recommendation.due_on and not plan.reason:
        raise ValidationError({"reason": _("Say why the due date becomes later.")})
    return {"due_on": plan.due_on}


def _report(recommendation: Recommendation, report: Report, op: Operation, by: User) -> None:
    words = op.words(report.what_changed)
    if words is None:
        raise ValidationError({"what_changed": _("Say in one line what changed.")})
    speaker = Speaker.OWNER if recommendation.owner_id == by.pk else Speaker.LEAD
    before = snapshot(recommendation)
    Update.objects.create(
        recommendation=recommendation,
        author=by,
        speaker=speaker,
        at=op.at,
        day=op.day,
        progress=report.progress,
        what_changed=words,
    )
    values = {
        "progress": report.progress,
        "reported_by": by,
        "reported_on": op.day,
        "quiet_since": op.day,
    }
    save_changes(recommendation, recommendation.version, values)
    op.record("recommendation.reported", recommendation, before=before, why=words)


def print_in(inspection: Inspection, *, op: Operation, **printed: Any) -> Recommendation:
    """Hold a recommendation that a report prints. Nobody owns it and it has no date: the report prints neither."""
    recommendation = Recommendation.objects.create(
        inspection=inspection, quiet_since=max(inspection.published_to, op.day), **printed
    )
    op.record("recommendation.printed", recommendation)
    return recommendation


def find_about(recommendation: Recommendation, inspection: Inspection, *, op: Operation, **printed: Any) -> Finding:
    """Hold what an inspection printed about a recommendation that is held already."""
    finding = Finding.objects.create(recommendation=recommendation, inspection=inspection, **printed)
    op.record("recommendation.rated", recommendation, before=snapshot(recommendation))
    return finding


def held_previous(addressee: Organisation, text: str, *, but_of: Inspection) -> Recommendation | None:
    """The recommendation already held with this addressee and these very words, if there is one.

    One that the report `but_of` makes itself, in the same words again, is a new one and not meant.
    """
    held = Recommendation.objects.filter(addressee=addressee, text=text)
    return held.exclude(inspection=but_of, is_previous=False).order_by("pk").first()
