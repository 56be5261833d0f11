"""An embargo is set anew or lifted; people are named who may see the inspection until it ends."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.history.operations import Actor, Operation, operation, save_changes, snapshot
from tracker.inspections.models import Inspection, Named
from tracker.inspections.queries import is_under_embargo, named_now


def set_embargo(
    inspection: Inspection,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    until: datetime.datetime | None,
    key: uuid.UUID | None = None,
) -> Inspection:
    """`until` None lifts it now. Only while it lasts: what everybody has seen is not hidden again."""
    with operation(by=by, at=at, key=key) as op:
        current = _held(inspection, op)
        before = snapshot(current)
        if until is not None and until <= op.at:
            raise ValidationError(
                {"day": _("Date and time must be in the future. To end the embargo now, select Now.")}
            )
        if until == current.embargo_until:
            raise ValidationError({"day": _("No change to save")})
        save_changes(current, seen_version, {"embargo_until": until or op.at})
        op.record("inspection.embargo_set", current, before=before)
    return current


def name_person(
    inspection: Inspection, *, by: Actor, at: datetime.datetime, person: User, key: uuid.UUID | None = None
) -> Named:
    """It shows the person what their roles would show them once the embargo has ended, and nothing beyond that."""
    with operation(by=by, at=at, key=key) as op:
        current = _held(inspection, op)
        if person == by.user:
            raise ValidationError({"person": _("You cannot name yourself. Ask another administrator.")})
        return name(person, current, op)


def name(person: User, inspection: Inspection, op: Operation) -> Named:
    if named_now(inspection, op.day).filter(person=person).exists():
        raise ValidationError({"person": _("%(person)s is already named.") % {"person": person}})
    named = Named.objects.create(inspection=inspection, person=person)
    op.record("named.added", named)
    return named


def unname_person(
    inspection: Inspection, *, by: Actor, at: datetime.datetime, person: User, key: uuid.UUID | None = None
) -> Named:
    """From now on the person sees nothing of it until the embargo has ended."""
    with operation(by=by, at=at, key=key) as op:
        current = _held(inspection, op)
        named = named_now(current, op.day).filter(person=person).first()
        if named is None:
            raise ValidationError(_("%(person)s is no longer named.") % {"person": person})
        before = snapshot(named)
        named.until = op.day
        named.save(update_fields=["until"])
        op.record("named.ended", named, before=before)
    return named


def _held(inspection: Inspection, op: Operation) -> Inspection:
    """The row as it is now, kept from others until this is done."""
    current = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if not is_under_embargo(current, op.at):
        raise ValidationError(_("This report is no longer under embargo."))
    return current
