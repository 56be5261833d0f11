"""Sets and lifts embargoes, and names the people who can see the inspection until they end."""

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
    """Set the end of an embargo, or lift it now if `until` is None. An ended embargo cannot be set again."""
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
    """Name a person, who then sees what their roles would show them after the embargo."""
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
    """Unname a person, who then sees nothing of it until the embargo ends."""
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
    """The current row, locked."""
    current = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if not is_under_embargo(current, op.at):
        raise ValidationError(_("This report is no longer under embargo."))
    return current
