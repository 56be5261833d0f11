"""Operations: check, submit, withdraw, return, sign off, sustain, reopen."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.history.models import FreeText
from tracker.history.operations import Actor, Operation, operation, snapshot
from tracker.recommendations.decision.models import Check, Submission
from tracker.recommendations.decision.proof import lacking
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock, refuse_newer, refuse_unless_open, update_and_record
from tracker.recommendations.recommendation.progress import Progress
from tracker.web.workingdays import months_after

Status = Recommendation.Status

Outcome = Submission.Outcome

# It is asked whether progress lasts so many months after the sign-off.
SUSTAIN_MONTHS = 3

CLOSED = (Status.SIGNED_OFF, Status.NOT_AGREED, Status.NO_LONGER_APPLIES, Status.SUPERSEDED)

# What is open again stands neither submitted nor decided about. When it was first accepted stays.
UNDECIDED: dict[str, Any] = {
    "status": Status.OPEN,
    "submitted_by": None,
    "submitted_on": None,
    "returned_on": None,
    "signed_off_by": None,
    "signed_off_on": None,
    "sustained_on": None,
    "sustain_ask_on": None,
    "superseded_by": None,
}


def check(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    progress: str,
    method: str,
    cases: int | None = None,
    found: str,
    key: uuid.UUID | None = None,
) -> Check:
    """Record a reviewer's check. It does not count as an update."""
    with operation(by=by, at=at, key=key) as op:
        current = _decided_on(item.pk, seen_event, *Recommendation.UNFINISHED)
        words = _required_text(op, found, "found", _("Enter what you found"))
        return _judge(current, op, "recommendation.checked", by=by, progress=progress, how=(method, cases), words=words)


def _judge(
    item: Recommendation,
    op: Operation,
    verb: str,
    *,
    by: Actor,
    progress: str,
    how: tuple[str, int | None],
    words: FreeText,
    **values: Any,
) -> Check:
    """The check, and the columns that hold the latest one, in one event with `values`."""
    method, cases = how
    made = Check.objects.create(
        recommendation=item,
        reviewer=by.user,
        at=op.at,
        day=op.day,
        progress=progress,
        method=method,
        cases=cases,
        found=words,
    )
    update_and_record(
        item, op, verb, why=words, checked_progress=progress, checked_by=by.user, checked_on=op.day, **values
    )
    return made


def submit(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    statement: str,
    key: uuid.UUID | None = None,
) -> Submission:
    """Hand it in to be signed off. The owner's lateness stops here, and the reviewer's wait begins."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        refuse_newer(current, seen_event)
        refuse_unless_open(current)
        if missing := lacking(current, op.day):
            raise ValidationError([one.missing for one in missing])
        words = _required_text(op, statement, "statement", _("Enter a closing statement"))
        latest = current.updates.first()
        assert latest is not None, "a recommendation cannot be submitted without an update"
        made = Submission.objects.create(
            recommendation=current,
            update=latest,
            statement=words,
            submitted_by=by.user,
            submitted_at=op.at,
            day=op.day,
            days_late=current.days_overdue(op.day),
        )
        op.record("submission.made", made)
        update_and_record(
            current,
            op,
            "recommendation.submitted",
            why=words,
            status=Status.SUBMITTED,
            submitted_by=by.user,
            submitted_on=op.day,
            returned_on=None,
        )
    return made


def withdraw(
    item: Recommendation, *, by: Actor, at: datetime.datetime, seen_event: int, key: uuid.UUID | None = None
) -> Recommendation:
    """Take a submission back: it is open, and as late as if it had never been submitted."""
    with operation(by=by, at=at, key=key) as op:
        current = _decided_on(item.pk, seen_event, Status.SUBMITTED)
        _end_submission(current, op, Outcome.WITHDRAWN, by=by)
        return update_and_record(
            current, op, "recommendation.withdrawn", status=Status.OPEN, submitted_by=None, submitted_on=None
        )


def return_(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    reason: str,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """Back to the owner, with the reason, and as late as if it had never been submitted."""
    with operation(by=by, at=at, key=key) as op:
        current = _decided_on(item.pk, seen_event, Status.SUBMITTED)
        why = _required_text(op, reason, "reason", _("Enter what is missing"))
        _end_submission(current, op, Outcome.RETURNED, by=by, decision=why)
        return update_and_record(
            current,
            op,
            "recommendation.returned",
            why=why,
            status=Status.OPEN,
            submitted_by=None,
            submitted_on=None,
            returned_on=op.day,
        )


def sign_off(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    method: str,
    cases: int | None = None,
    words: str,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """Sign it off. The first accepted submission decides for good whether it slipped."""
    with operation(by=by, at=at, key=key) as op:
        current = _decided_on(item.pk, seen_event, Status.SUBMITTED)
        found = _required_text(op, words, "words", _("Enter what you found"))
        _end_submission(current, op, Outcome.SIGNED_OFF, by=by, decision=found, method=method, cases=cases)
        _judge(
            current,
            op,
            "recommendation.signed_off",
            by=by,
            progress=Progress.SUFFICIENT,
            how=(method, cases),
            words=found,
            status=Status.SIGNED_OFF,
            signed_off_by=by.user,
            signed_off_on=op.day,
            accepted_on=current.accepted_on or current.submitted_on,
            sustain_ask_on=months_after(op.day, SUSTAIN_MONTHS),
        )
    return current


def sustain(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    is_sustained: bool,
    words: str,
    due_on: datetime.date | None = None,
    due_is_month: bool = False,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """Three months after the sign-off: still so, or opened again with a new due date."""
    with operation(by=by, at=at, key=key) as op:
        current = _decided_on(item.pk, seen_event, Status.SIGNED_OFF)
        if current.sustain_ask_on is None:
            raise ValidationError(_("This has already been answered."))
        if current.sustain_ask_on > op.day:
            day = format_date(current.sustain_ask_on, "j F Y")
            raise ValidationError(_("You can record if progress is sustained from %(day)s.") % {"day": day})
        why = _required_text(op, words, "words", _("Enter how you know"))
        if is_sustained:
            return update_and_record(
                current, op, "recommendation.sustained", why=why, sustained_on=op.day, sustain_ask_on=None
            )
        return _open_again(current, op, "recommendation.not_sustained", why, due_on, due_is_month)


def reopen(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_event: int,
    reason: str,
    due_on: datetime.date,
    due_is_month: bool = False,
    key: uuid.UUID | None = None,
) -> Recommendation:
    """Whatever it was closed as, it is open again, with a new due date beside its first original."""
    with operation(by=by, at=at, key=key) as op:
        current = _decided_on(item.pk, seen_event, *CLOSED)
        why = _required_text(op, reason, "reason", _("Enter why you are reopening it"))
        return _open_again(current, op, "recommendation.reopened", why, due_on, due_is_month)


def _open_again(
    item: Recommendation,
    op: Operation,
    verb: str,
    why: FreeText,
    due_on: datetime.date | None,
    due_is_month: bool,
) -> Recommendation:
    if due_on is None:
        raise ValidationError({"due_on": _("Enter the new due date")})
    # A date that a reviewer gives is no draft: where there was no original, this is it.
    original = item.original_due_on or due_on
    dates = {"due_on": due_on, "due_is_month": due_is_month, "review_on": None, "original_due_on": original}
    return update_and_record(item, op, verb, why=why, opened_at=op.at, quiet_since=op.day, **dates, **UNDECIDED)


def _decided_on(pk: int, seen_event: int, *statuses: str) -> Recommendation:
    """The held row, in one of these statuses, and just as the person was shown it."""
    item = lock(pk)
    refuse_newer(item, seen_event)
    refuse_unless(item, *statuses)
    return item


def refuse_unless(item: Recommendation, *statuses: str) -> None:
    if item.carried_by_id is not None:
        refuse_unless_open(item)
    if item.status not in statuses:
        raise ValidationError(
            _("The status is now “%(status)s”, so you cannot do this.") % {"status": item.get_status_display()}
        )


def _required_text(op: Operation, text: str, field: str, missing: str) -> FreeText:
    words = op.words(text)
    if words is None:
        raise ValidationError({field: missing})
    return words


def _end_submission(item: Recommendation, op: Operation, outcome: str, *, by: Actor, **values: Any) -> None:
    """End the pending submission, if there is one."""
    for submission in item.submissions.filter(outcome=Outcome.PENDING):
        before = snapshot(submission)
        values |= {"outcome": outcome, "decided_by": by.user, "decided_on": op.day}
        for name, value in values.items():
            setattr(submission, name, value)
        submission.save(update_fields=list(values))
        op.record(f"submission.{outcome}", submission, before=before, why=values.get("decision"))
