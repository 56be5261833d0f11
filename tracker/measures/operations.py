"""Recording readings."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.operations import Actor, Operation
from tracker.measures.models import Measure, NewReading, Reading, share
from tracker.web.workingdays import months_after

MOST = Decimal(10) ** 10


def give(measure: Measure, new: NewReading, *, op: Operation, by: Actor) -> Reading:
    """Add a reading inside an operation. A later one as of the same day replaces the earlier; both are kept.

    The caller has locked the recommendations of the measure. Raises ValidationError for `value`, `as_of` or `source`.
    """
    held = Measure.objects.select_for_update(of=("self",)).get(pk=measure.pk)
    value = _checked(held, new, op.day)
    reading = Reading.objects.create(
        measure=held,
        value=value,
        of=new.of,
        out_of=new.out_of,
        as_of=new.as_of,
        source=new.source,
        method=new.method,
        caution=op.words(new.caution),
        given_by=by.user,
        at=op.at,
        day=op.day,
    )
    if held.last_as_of is None or new.as_of >= held.last_as_of:
        held.last_as_of = new.as_of
        held.next_on = next_wanted(held.rhythm, new.as_of, given=op.day)
        held.save(update_fields=["last_as_of", "next_on"])
    op.record("reading.given", reading, why=reading.caution)
    return reading


def next_wanted(rhythm: str, as_of: datetime.date, *, given: datetime.date | None = None) -> datetime.date:
    """The first day of the month in which the next reading is due.

    One as of 31 October is October's and the next is wanted in December, when November is over; one as of 10 November
    is followed by one in December as well. What was given this month of the time just past is not wanted again in it.
    """
    months = Measure.MONTHS[Measure.Rhythm(rhythm)]
    wanted = months_after((as_of + datetime.timedelta(days=1)).replace(day=1), months)
    if given is not None and as_of >= months_after(given.replace(day=1), -months):
        wanted = max(wanted, months_after(given.replace(day=1), 1))
    return wanted


def _checked(measure: Measure, new: NewReading, on: datetime.date) -> Decimal | None:
    """The value to store; for cases, their share."""
    if measure.ended_on is not None:
        raise ValidationError({"value": _("This measure has ended, so you cannot add figures.")})
    if new.as_of > on:
        raise ValidationError({"as_of": _("Date must be today or in the past")})
    if not new.source:
        raise ValidationError({"source": _("Enter the source of the figure")})
    if fault := fault_of(measure, new):
        raise ValidationError({"value": fault})
    if new.of is not None and new.out_of is not None:
        return share(new.of, new.out_of)
    return new.value


def fault_of(measure: Measure, new: NewReading) -> str:
    """Why this value is invalid for this measure; "" if it is valid."""
    counts, is_share = new.of is not None or new.out_of is not None, measure.unit == "%"
    if (new.value is not None) + counts + new.cannot != 1:
        return _("Enter a number, or cases such as 3 of 7, or “cannot be calculated”")
    if counts:
        return _fault_of_cases(measure, new.of, new.out_of, is_share=is_share)
    if new.value is None:
        return ""
    if not new.value.is_finite() or abs(new.value) >= MOST:
        return _("Number is too large")
    if is_share and not 0 <= new.value <= 100:
        return _("Percentage must be between 0 and 100")
    # A difference can be negative. Counts and durations cannot.
    if new.value < 0 and "point" not in measure.unit:
        return _("Figure must be 0 or more")
    return ""


def _fault_of_cases(measure: Measure, of: int | None, out_of: int | None, *, is_share: bool) -> str:
    if not is_share:
        return _("Enter one number, in %(unit)s") % {"unit": measure.unit}
    if of is None or out_of is None or of < 0 or out_of < 1:
        return _("Enter the number of cases and the total, such as 3 of 7")
    if of > out_of:
        return _("%(of)s must not be more than %(out_of)s") % {"of": of, "out_of": out_of}
    return "" if out_of < 2**31 else _("Number is too large")
