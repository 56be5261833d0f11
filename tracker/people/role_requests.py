"""Gives roles. One that decides takes two people: who asks for it, and who confirms it."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import refuse_role, start_role
from tracker.history.models import FreeText
from tracker.history.operations import Actor, Operation, operation, snapshot
from tracker.inspections.models import Inspection
from tracker.people.models import RoleRequest
from tracker.people.policies import administers_nationally, administrators_to_confirm, people_to_name

State = RoleRequest.State


@dataclass(frozen=True)
class Terms:
    """`from_on` is None for now; `confirmer` is named where no second administrator exists."""

    role: str
    organisation: Organisation
    from_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    confirmer: User | None = None


def give_role(
    person: User, *, by: Actor | None, at: datetime.datetime, key: uuid.UUID | None = None, **terms: Any
) -> RoleRequest | Membership:
    """Give the role now, on its first day, or once it is confirmed. `terms` as in Terms.

    Returns the role, or the request for it. Raises ValidationError for a role one would give oneself, or that the
    person has there already.
    """
    with operation(by=by, at=at, key=key) as op:
        return give(person, Terms(**terms), op=op)


def give(person: User, terms: Terms, *, op: Operation) -> RoleRequest | Membership:
    """The same inside an operation under way."""
    asker = op.by.user if op.by else None
    if asker == person:
        raise ValidationError(_("You cannot give yourself a role. Ask another administrator."))
    of_role: dict[str, Any] = {"role": terms.role, "organisation": terms.organisation, "ends_on": terms.ends_on}
    from_on = terms.from_on if terms.from_on and terms.from_on > op.day else None
    if terms.role not in Membership.TWO_PERSON_ROLES and from_on is None:
        return start_role(person, **of_role, op=op)
    refuse_role(person, **of_role, from_on=from_on, on=op.day)
    asked = RoleRequest.objects.filter(user=person, role=terms.role, organisation=terms.organisation)
    if asked.filter(state__in=RoleRequest.OPEN).exists():
        raise ValidationError({"role": _("This role has already been requested for %(name)s.") % {"name": person}})
    request = RoleRequest(user=person, **of_role, from_on=from_on, asked_by=asker, asked_at=op.at)
    if _needs_confirmation(request, terms.confirmer, op):
        request.save()
        op.record("role.requested", request)
        return request
    request.state = State.CONFIRMED
    request.save()
    op.record("role.confirmed", request)
    if from_on is None:
        _give(request, op)
    return request


def _needs_confirmation(request: RoleRequest, confirmer: User | None, op: Operation) -> bool:
    """Whether it waits for a second person, who is set where they have to be named.

    Not the operator's, and none before a report is held: there is nothing to decide about yet. A national administrator
    who has nobody beside or above them gives it alone, and everybody with a say is told.
    """
    asker = request.asked_by
    if asker is None or request.role not in Membership.TWO_PERSON_ROLES or not Inspection.objects.exists():
        return False
    if administrators_to_confirm(request, on=op.day).exists():
        return True
    able = people_to_name(request, on=op.day)
    if not able.exists():
        if not administers_nationally(asker, on=op.day):
            raise ValidationError(
                _("Nobody else can confirm this role. Ask whoever runs this site to give it."), code="operator"
            )
        return False
    if confirmer is None or not able.filter(pk=confirmer.pk).exists():
        said = _("Nobody else administers %(organisation)s. Select who above will confirm this role.")
        shown = {"organisation": request.organisation}
        raise ValidationError({"confirmer": ValidationError(said % shown, code="confirmer")})
    request.confirmer = confirmer
    return True


def confirm_role(
    request: RoleRequest, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> RoleRequest:
    """The role starts now, or on its first day if that is still to come."""
    with operation(by=by, at=at, key=key) as op:
        current = _waiting(request)
        refuse_role(
            current.user,
            role=current.role,
            organisation=current.organisation,
            from_on=current.from_on,
            ends_on=current.ends_on,
            on=op.day,
        )
        _write(current, op, "role.confirmed", state=State.CONFIRMED, decided_by=by.user, decided_on=op.day)
        if current.from_on is None or current.from_on <= op.day:
            _give(current, op)
    return current


def decline_role(
    request: RoleRequest, *, by: Actor, at: datetime.datetime, reason: str, key: uuid.UUID | None = None
) -> RoleRequest:
    with operation(by=by, at=at, key=key) as op:
        current = _waiting(request)
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Enter why you are declining it")})
        values: dict[str, Any] = {"state": State.DECLINED, "decided_by": by.user, "decided_on": op.day}
        _write(current, op, "role.declined", why=why, **values)
    return current


def withdraw_role_request(
    request: RoleRequest, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> RoleRequest:
    """Before the role has started."""
    with operation(by=by, at=at, key=key) as op:
        return withdraw(request, op)


def withdraw(request: RoleRequest, op: Operation) -> RoleRequest:
    """The same inside an operation under way."""
    current = _open(request, *RoleRequest.OPEN)
    _write(current, op, "role.request_withdrawn", state=State.WITHDRAWN)
    return current


def give_roles_that_start(*, on: datetime.date, at: datetime.datetime) -> int:
    """Confirmed roles whose first day has come; one that can no longer be given is withdrawn. Returns how many."""
    given = 0
    due = RoleRequest.objects.filter(state=State.CONFIRMED, from_on__lte=on).values_list("pk", flat=True)
    for pk in list(due):
        with operation(by=None, at=at) as op:
            current = RoleRequest.objects.select_for_update(of=("self",)).get(pk=pk)
            if current.state != State.CONFIRMED:
                continue
            try:
                _give(current, op)
            except ValidationError:
                _write(current, op, "role.request_withdrawn", state=State.WITHDRAWN)
            else:
                given += 1
    return given


def _give(request: RoleRequest, op: Operation) -> None:
    membership = start_role(
        request.user, role=request.role, organisation=request.organisation, ends_on=request.ends_on, op=op
    )
    before = snapshot(request)
    request.state, request.membership = State.GIVEN, membership
    request.save(update_fields=["state", "membership"])
    op.record("role.request_given", request, before=before)


def _waiting(request: RoleRequest) -> RoleRequest:
    return _open(request, State.WAITING)


def _open(request: RoleRequest, *states: str) -> RoleRequest:
    """The row as it is now, locked."""
    rows = RoleRequest.objects.select_for_update(of=("self",)).select_related("user", "organisation", "asked_by")
    current = rows.get(pk=request.pk)
    if current.state not in states:
        raise ValidationError(
            _("This request is no longer open (%(state)s).") % {"state": current.get_state_display().lower()}
        )
    return current


def _write(request: RoleRequest, op: Operation, verb: str, *, why: FreeText | None = None, **values: Any) -> None:
    before = snapshot(request)
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=list(values))
    op.record(verb, request, before=before, why=why)
