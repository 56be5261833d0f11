"""The verbs of a recommendation."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.history.operations import Conflict, Operation, operation, snapshot
from tracker.inspections.models import Inspection
from tracker.inspections.queries import is_under_embargo
from tracker.recommendations.models import Finding, Plan, Recommendation, Report
from tracker.recommendations.operations.plan import unclear
from tracker.recommendations.operations.update import append_update
from tracker.recommendations.operations.verb import alter, hold, refuse_unless_open
from tracker.recommendations.queries.page import RATED_EARLY
from tracker.web.workingdays import months_after

# What is ongoing has a day within so many months on which it is looked at again.
REVIEW_MONTHS = 3


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
        current = hold(recommendation.pk)
        if current.version != seen_version:
            raise Conflict
        refuse_unless_open(current)
        if plan is not None:
            replan(current, plan, op)
        if report is not None:
            append_update(current, report, op=op, by=by, words=op.words(report.what_changed))
    return current


def replan(item: Recommendation, plan: Plan, op: Operation) -> None:
    """Owner and due date of a held row, as the plan says. No event where nothing changes."""
    values: dict[str, Any] = {}
    if plan.owner != item.owner:
        values["owner"] = plan.owner
        if plan.owner is not None:
            if not Membership.objects.may_own(op.day).filter(user=plan.owner).exists():
                raise ValidationError(
                    {"owner": _("%(name)s does not have a role that can own this") % {"name": plan.owner}}
                )
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
        alter(item, op, "recommendation.planned", why=op.words(plan.reason), **values)
        unclear(op, item)


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
    verb = RATED_EARLY if is_under_embargo(inspection, op.at) else "recommendation.rated"
    op.record(verb, recommendation, before=snapshot(recommendation))
    return finding


def held_previous(addressee: Organisation, text: str, *, but_of: Inspection) -> Recommendation | None:
    """The recommendation already held with this addressee and these very words, if there is one.

    One that the report `but_of` makes itself, in the same words again, is a new one and not meant.
    """
    held = Recommendation.objects.filter(addressee=addressee, text=text)
    return held.exclude(inspection=but_of, is_previous=False).order_by("pk").first()
