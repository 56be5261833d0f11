"""Measures: added, linked, changed, ended; and their readings, all of one supplier's page at once."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, User
from tracker.history.operations import Actor, Conflict, Operation, operation, save_changes, snapshot
from tracker.inspections.queries import is_under_embargo
from tracker.measures.models import Measure, NewReading, Reading
from tracker.measures.operations import give, next_wanted
from tracker.recommendations.measure.models import MeasureLink
from tracker.recommendations.participation.operations import carry_parts
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock, lock_all, refuse_unless_open
from tracker.recommendations.recommendation.progress import SaidBy

# Columns its lead can change. The others define the measure.
PLANNED = ("better", "target", "supplier", "rhythm")


def add_measure(
    item: Recommendation, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None, **values: Any
) -> Measure:
    """`values` are columns of Measure. It belongs to the addressee and the report of the recommendation."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        refuse_unless_open(current)
        _refuse_supplier(values.get("supplier"), op.day)
        measure = Measure.objects.create(organisation=current.addressee, inspection=current.inspection, **values)
        MeasureLink.objects.create(recommendation=current, measure=measure, said_by=SaidBy.OURS)
        op.record("measure.added", measure)
    return measure


def link_measure(
    item: Recommendation, measure: Measure, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> MeasureLink:
    """Link a measure to one more recommendation."""
    with operation(by=by, at=at, key=key) as op:
        held = {row.pk: row for row in lock_all([item.pk, *linked_to(measure)])}
        refuse_unless_open(held[item.pk])
        current = _current(measure)
        if current.links.filter(recommendation=item).exists():
            raise ValidationError({"measure": _("This measure already applies to this recommendation.")})
        report = current.inspection
        # A public recommendation must not show figures of a report under embargo.
        if report is not None and report.pk != item.inspection_id and is_under_embargo(report, op.at):
            raise ValidationError({"measure": _("%(title)s is still under embargo.") % {"title": report}})
        link = MeasureLink.objects.create(recommendation=held[item.pk], measure=current, said_by=SaidBy.OURS)
        op.record("measure.linked", current, before=snapshot(current))
        carry_parts(current, [item.pk])
    return link


def change_measure(
    measure: Measure,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    key: uuid.UUID | None = None,
    **values: Any,
) -> Measure:
    """Those columns of PLANNED that are given. Nothing is written where nothing changes."""
    with operation(by=by, at=at, key=key) as op:
        _hold_open(measure)
        current = _current(measure)
        if current.version != seen_version:
            raise Conflict
        changed = {name: values[name] for name in PLANNED if name in values and values[name] != getattr(current, name)}
        if not changed:
            return current
        if "supplier" in changed:
            _refuse_supplier(changed["supplier"], op.day)
        before = snapshot(current)
        save_changes(current, seen_version, changed)
        if "rhythm" in changed and current.last_as_of is not None:
            current.next_on = next_wanted(current.rhythm, current.last_as_of)
            current.save(update_fields=["next_on"])
        op.record("measure.changed", current, before=before)
    return current


def end_measure(
    measure: Measure, *, by: Actor, at: datetime.datetime, reason: str, key: uuid.UUID | None = None
) -> Measure:
    """End the measure: no more figures. Earlier figures stay and stay visible."""
    with operation(by=by, at=at, key=key) as op:
        _hold_open(measure)
        current = _current(measure)
        before = snapshot(current)
        save_changes(current, current.version, {"ended_on": op.day})
        op.record("measure.ended", current, before=before, why=op.words(reason))
    return current


def supply(
    readings: Sequence[tuple[Measure, NewReading]], *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> list[Reading]:
    """All of them or none. What is refused stands by `value_<pk>`, the field of that measure's box."""
    with operation(by=by, at=at, key=key) as op:
        pks = {measure.pk for measure, _new in readings}
        lock_all(MeasureLink.objects.filter(measure__in=pks).values_list("recommendation", flat=True).distinct())
        held = Measure.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(pks)
        given, refused = [], {}
        for measure, new in readings:
            try:
                given.append(_supply_one(held[measure.pk], new, op, by))
            except ValidationError as error:
                refused[f"value_{measure.pk}"] = error.messages
        if refused:
            raise ValidationError(refused)
    return given


def _supply_one(measure: Measure, new: NewReading, op: Operation, by: Actor) -> Reading:
    if (
        not op.is_by(measure.supplier_id, measure)
        or not Membership.objects.may_own(op.day).filter(user=by.user).exists()
    ):
        raise ValidationError(_("Someone else is now the analyst for this measure."))
    return give(measure, new, op=op, by=by)


def linked_to(measure: Measure) -> list[int]:
    """The recommendations of the measure. They are locked before it is changed or a figure is recorded."""
    return list(measure.links.values_list("recommendation", flat=True))


def _hold_open(measure: Measure) -> None:
    """Lock its recommendations, and refuse unless at least one is open."""
    items = lock_all(linked_to(measure))
    if items and not any(item.status == Recommendation.Status.OPEN for item in items):
        refuse_unless_open(items[0])


def _current(measure: Measure) -> Measure:
    """The row, locked; refused once it has ended."""
    current = Measure.objects.select_for_update(of=("self",)).get(pk=measure.pk)
    if current.ended_on is not None:
        raise ValidationError(_("This measure has ended."))
    return current


def _refuse_supplier(supplier: User | None, on: datetime.date) -> None:
    if supplier is not None and not Membership.objects.may_own(on).filter(user=supplier).exists():
        raise ValidationError(
            {"supplier": _("%(name)s does not have a role that can provide figures.") % {"name": supplier.name}}
        )
