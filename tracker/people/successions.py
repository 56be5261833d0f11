"""An organisation ends and another takes over its place in the tree, its roles, its names, and what it was to do."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import administrators_at, close_role, start_role
from tracker.accounts.policies import upwards
from tracker.history.models import Event
from tracker.history.operations import Actor, Operation, operation, save_changes, snapshot
from tracker.people.models import RoleRequest, Succession
from tracker.people.queries import needs_successor
from tracker.people.role_requests import Terms, give, withdraw
from tracker.recommendations.models import Action, Recommendation
from tracker.recommendations.recommendation.operations import lock_all, update_and_record

# The person, the role, and its last day.
EndedRole = tuple[int, str, str | None]


@dataclass
class Carried:
    """Rows by id as they were before, as Succession.carried holds them."""

    moved: list[tuple[int, int | None, str]] = field(default_factory=list)
    ended: list[EndedRole] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    readdressed: list[tuple[int, int]] = field(default_factory=list)
    actions: list[tuple[int, int]] = field(default_factory=list)
    last_event: int = 0


def end_organisation(
    organisation: Organisation,
    *,
    successor: Organisation | None,
    elsewhere: Mapping[int, Organisation] | None = None,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    key: uuid.UUID | None = None,
) -> Organisation:
    """From today it stands below its successor, whose people see and do what is addressed to it.

    `elsewhere` names, by the id of a recommendation, another organisation that it is passed to. A region's PDUs become
    PDUs of the successor. Raises ValidationError by `successor` where one is needed and missing, or not of its kind.
    """
    with operation(by=by, at=at, key=key) as op:
        _refuse_end(organisation, successor, op)
        carried = Carried()
        roles = list(Membership.objects.active(op.day).filter(organisation=organisation).select_related("user"))
        for role in roles:
            carried.ended.append((role.user_id, role.role, role.ends_on.isoformat() if role.ends_on else None))
            close_role(role, seen_version=role.version, op=op)
        values: dict[str, Any] = {"ended_on": op.day}
        if successor is not None:
            for child in organisation.children.current(op.day).order_by("path"):
                _move(child, successor, op, carried)
            values |= {"successor": successor} | _place_below(organisation, successor, op, carried)
        before = snapshot(organisation)
        save_changes(organisation, seen_version, values)
        op.record("organisation.ended", organisation, before=before)
        if successor is not None:
            _carry_roles(carried.ended, successor, op, carried)
            _readdress(organisation, elsewhere or {}, op, carried)
        carried.last_event = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        Succession.objects.create(
            organisation=organisation, successor=successor, ended_by=by.user, ended_at=at, carried=vars(carried)
        )
    return organisation


def _refuse_end(organisation: Organisation, successor: Organisation | None, op: Operation) -> None:
    if organisation.ended_on is not None:
        raise ValidationError(_("This organisation has already ended."))
    if organisation.parent_id is None:
        raise ValidationError(_("You cannot end the national service."))
    here, *above = upwards(organisation.path)
    if administrators_at([here], op.day).exists() and not administrators_at(above, op.day).exists():
        raise ValidationError(_("No organisation above it has an administrator. Add one first."))
    if successor is None:
        if needs_successor(organisation, op.day):
            raise ValidationError({"successor": _("Select which organisation takes over")})
        return
    is_below = successor.path.startswith(organisation.path)
    if successor.kind != organisation.kind or successor.ended_on is not None or is_below:
        raise ValidationError({"successor": _("Select another organisation of the same type that has not ended.")})


def _move(organisation: Organisation, parent: Organisation, op: Operation, carried: Carried) -> None:
    values = _place_below(organisation, parent, op, carried)
    before = snapshot(organisation)
    save_changes(organisation, organisation.version, values)
    op.record("organisation.moved", organisation, before=before)


def _place_below(organisation: Organisation, parent: Organisation, op: Operation, carried: Carried) -> dict[str, Any]:
    """The columns that put it there; what is below it moves along now."""
    old = organisation.path
    new = parent.path + old.rstrip("/").rpartition("/")[2] + "/"
    if Organisation.objects.filter(path=new).exists():
        said = _("%(parent)s already has an organisation with a name like %(name)s. Rename one of them first.")
        raise ValidationError(said % {"parent": parent, "name": organisation})
    carried.moved.append((organisation.pk, organisation.parent_id, old))
    for below in Organisation.objects.below(old).exclude(pk=organisation.pk).order_by("path"):
        carried.moved.append((below.pk, below.parent_id, below.path))
        _put(below, op, path=new + below.path.removeprefix(old))
    return {"parent": parent, "path": new}


def _put(organisation: Organisation, op: Operation, **values: Any) -> None:
    before = snapshot(organisation)
    save_changes(organisation, organisation.version, values)
    op.record("organisation.moved", organisation, before=before)


def _carry_roles(roles: Iterable[EndedRole], successor: Organisation, op: Operation, carried: Carried) -> None:
    """The same roles at the successor. One that decides is requested; where nobody can confirm it, it is left out."""
    for user, role, ends_on in roles:
        try:
            made = give(User.objects.get(pk=user), Terms(role, successor, None, _day(ends_on)), op=op)
        except ValidationError:
            continue
        if isinstance(made, RoleRequest):
            carried.requests.append(made.pk)
            if made.membership_id:
                carried.given.append(made.membership_id)
        else:
            carried.given.append(made.pk)


def _readdress(
    organisation: Organisation, elsewhere: Mapping[int, Organisation], op: Operation, carried: Carried
) -> None:
    for item in lock_all(elsewhere):
        to = elsewhere[item.pk]
        if item.addressee_id != organisation.pk:
            raise ValidationError(_("%(title)s is no longer addressed to this organisation.") % {"title": item.title})
        if to.kind != organisation.kind or to.ended_on is not None:
            raise ValidationError(_("Select another organisation of the same type that has not ended."))
        carried.readdressed.append((item.pk, item.addressee_id))
        update_and_record(item, op, "recommendation.readdressed", addressee=to)
    actions = Action.objects.filter(recommendations__in=list(elsewhere), addressee=organisation).distinct()
    for action in actions.order_by("pk"):
        places = {elsewhere.get(pk, organisation) for pk in action.answers}
        if len(places) == 1:
            carried.actions.append((action.pk, action.addressee_id))
            _give_action(action, places.pop(), op)


def _give_action(action: Action, to: Organisation, op: Operation) -> None:
    before = snapshot(action)
    save_changes(action, action.version, {"addressee": to})
    op.record("action.readdressed", action, before=before)


def undo_end(succession: Succession, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> Organisation:
    """By a second administrator, while nothing was built upon it."""
    with operation(by=by, at=at, key=key) as op:
        current = Succession.objects.select_for_update().get(pk=succession.pk)
        _refuse_undo(current, by)
        was = Carried(**current.carried)
        for pk, addressee in was.readdressed:
            [item] = lock_all([pk])
            update_and_record(item, op, "recommendation.readdressed", addressee=_organisation(addressee))
        for pk, addressee in was.actions:
            _give_action(Action.objects.get(pk=pk), _organisation(addressee), op)
        for role in Membership.objects.active(op.day).filter(pk__in=was.given):
            close_role(role, seen_version=role.version, op=op)
        for request in RoleRequest.objects.filter(pk__in=was.requests, state__in=RoleRequest.OPEN):
            withdraw(request, op)
        organisation = _organisation(current.organisation_id)
        for pk, parent, path in sorted(was.moved, key=lambda row: row[2]):
            if pk != organisation.pk:
                _put(_organisation(pk), op, parent_id=parent, path=path)
        _restore(organisation, was, op)
        current.undone_by, current.undone_at = by.user, at
        current.save(update_fields=["undone_by", "undone_at"])
    return organisation


def _restore(organisation: Organisation, was: Carried, op: Operation) -> None:
    before = snapshot(organisation)
    place = next(((parent, path) for pk, parent, path in was.moved if pk == organisation.pk), None)
    values: dict[str, Any] = {"ended_on": None, "successor": None}
    if place is not None:
        values |= {"parent_id": place[0], "path": place[1]}
    save_changes(organisation, organisation.version, values)
    op.record("organisation.end_undone", organisation, before=before)
    for user, role, ends_on in was.ended:
        person, last = User.objects.get(pk=user), _day(ends_on)
        if person.is_active and (last is None or last > op.day):
            start_role(person, role=role, organisation=organisation, ends_on=last, op=op)


def _refuse_undo(succession: Succession, by: Actor) -> None:
    if succession.undone_at is not None:
        raise ValidationError(_("This has already been undone."))
    if succession.ended_by_id == by.user.pk:
        raise ValidationError(_("You ended this organisation, so another administrator must undo it."))
    if built_upon(succession):
        raise ValidationError(_("Work has been done since, so this can no longer be undone."))


def built_upon(succession: Succession) -> bool:
    """Anything done since about what was addressed to it, or about what was carried over."""
    was = Carried(**succession.carried)
    readdressed = [pk for pk, _addressee in was.readdressed]
    items = Recommendation.objects.filter(Q(addressee=succession.organisation_id) | Q(pk__in=readdressed))
    about = Q(recommendation_id__in=items.values("pk"))
    about |= Q(subject_type="membership", subject_id__in=was.given)
    about |= Q(subject_type="action", organisation_id=succession.organisation_id)
    about |= Q(subject_type="organisation", subject_id__in=[pk for pk, _parent, _path in was.moved])
    return Event.objects.filter(about, pk__gt=was.last_event).exists()


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _organisation(pk: int) -> Organisation:
    return Organisation.objects.get(pk=pk)
