"""Operations on requests: send, answer, escalate, withdraw."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.history.models import FreeText
from tracker.history.operations import Actor, Conflict, Operation, operation, save_changes, snapshot
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.ask.policies import asked_organisations
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock, refuse_unless_open

State = Ask.State


def ask(
    item: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    asked_of: Organisation,
    person: User | None = None,
    words: str,
    wanted_on: datetime.date,
    key: uuid.UUID | None = None,
) -> Ask:
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        refuse_unless_open(current)
        _refuse_others(current, asked_of, person, op.day)
        if wanted_on < op.day:
            raise ValidationError({"wanted_on": _("Date must be today or in the future")})
        made = Ask.objects.create(
            recommendation=current,
            words=_required_text(op, words, "words"),
            asked_by=by.user,
            asked_at=op.at,
            day=op.day,
            asked_of=asked_of,
            person=person,
            wanted_on=wanted_on,
        )
        op.record("ask.asked", made, why=made.words)
    return made


def _refuse_others(item: Recommendation, asked_of: Organisation, person: User | None, on: datetime.date) -> None:
    if not asked_organisations(item, on).filter(pk=asked_of.pk).exists():
        raise ValidationError(
            {"asked_of": _("%(name)s cannot be sent a request about this recommendation.") % {"name": asked_of}}
        )
    if person is None:
        return
    if not Membership.objects.may_own(on).filter(user=person, organisation=asked_of).exists():
        raise ValidationError({"person": _("%(name)s has no role at %(place)s.") % {"name": person, "place": asked_of}})


def answer(
    asked: Ask,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    state: str,
    promised_on: datetime.date | None = None,
    words: str,
    key: uuid.UUID | None = None,
) -> Ask:
    """Yes, no, or yes by a day; one that promised a day is answered once more, yes or no."""
    with operation(by=by, at=at, key=key) as op:
        current = _unanswered(asked, seen_version)
        if state == State.BY_A_DAY and current.state == State.BY_A_DAY:
            raise ValidationError({"answer": _("You have already given a date. Select yes or no.")})
        if promised_on is not None and promised_on < op.day:
            raise ValidationError({"promised_on": _("Date must be today or in the future")})
        said = _required_text(op, words, "words")
        values = {"state": state, "promised_on": promised_on, "answer": said}
        _write(current, op, "ask.answered", said, **values, answered_by=by.user, answered_on=op.day)
    return current


def pass_up(
    asked: Ask,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    by_asked: bool,
    reason: str,
    key: uuid.UUID | None = None,
) -> Ask:
    """Escalate it one level up. The day by which it is needed stays.

    `by_asked`: by whoever leads the organisation asked, and so at any time. Those who asked wait until it is overdue.
    """
    with operation(by=by, at=at, key=key) as op:
        current = _unanswered(asked, seen_version)
        if not by_asked and not current.days_overdue(op.day):
            raise ValidationError(_("This request is not overdue yet. You can escalate it once it is overdue."))
        above = current.asked_of.parent
        if above is None:
            raise ValidationError(_("There is no organisation above %(name)s.") % {"name": current.asked_of})
        if above == current.recommendation.addressee:
            raise ValidationError(_("%(name)s sent this request, so it cannot be escalated to them.") % {"name": above})
        said = _required_text(op, reason, "reason")
        # A day promised by the lower level does not bind the higher one.
        nothing = dict.fromkeys(("person", "promised_on", "answer", "answered_by", "answered_on"))
        _write(current, op, "ask.passed_up", said, asked_of=above, state=State.OPEN, **nothing)
    return current


def withdraw_ask(
    asked: Ask, *, by: Actor, at: datetime.datetime, reason: str = "", key: uuid.UUID | None = None
) -> Ask:
    with operation(by=by, at=at, key=key) as op:
        current = _unanswered(asked)
        _write(current, op, "ask.withdrawn", op.words(reason), state=State.WITHDRAWN)
    return current


def _unanswered(asked: Ask, seen_version: int | None = None) -> Ask:
    """As it is now that its recommendation is held; refused when it is answered, and in conflict when it is newer."""
    refuse_unless_open(lock(asked.recommendation_id))
    rows = Ask.objects.select_related("recommendation__addressee", "asked_of__parent")
    current = rows.get(pk=asked.pk)
    if seen_version is not None and current.version != seen_version:
        raise Conflict
    if current.state not in (State.OPEN, State.BY_A_DAY):
        raise ValidationError(
            _("This request is no longer open (%(state)s).") % {"state": current.get_state_display().lower()}
        )
    return current


def _required_text(op: Operation, text: str, field: str) -> FreeText:
    words = op.words(text)
    if words is None:
        raise ValidationError({field: _("Enter your answer")})
    return words


def _write(current: Ask, op: Operation, verb: str, why: FreeText | None, **values: Any) -> None:
    before = snapshot(current)
    save_changes(current, current.version, values)
    op.record(verb, current, before=before, why=why)
