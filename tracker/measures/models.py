"""Measures and their readings: figures with a source, a date, a method and an optional caution."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import FreeText, Tracked
from tracker.inspections.models import Inspection


class MeasureQuerySet(models.QuerySet["Measure"]):
    def current(self) -> "MeasureQuerySet":
        return self.filter(ended_on=None)

    def wanted(self, *, month: datetime.date) -> "MeasureQuerySet":
        """Measures without a reading for the period of `month` (its first day)."""
        return self.current().filter(Q(last_as_of=None) | Q(next_on__lte=month))


class Measure(Tracked):
    """A figure that shows an effect, for one or more recommendations.

    Its baseline is what the report prints: a value, or `baseline_of` cases out of `baseline_out_of`. Anything not
    printed is None.
    """

    class Better(models.TextChoices):
        UP = "up", _("Higher is better")
        DOWN = "down", _("Lower is better")

    class Rhythm(models.TextChoices):
        MONTHLY = "monthly", _("Every month")
        QUARTERLY = "quarterly", _("Every 3 months")
        YEARLY = "yearly", _("Every year")

    MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}
    # The days of readings are not tracked, as they follow from the events of readings.
    TRACKED = ("organisation_id", "unit", "better", "target", "supplier_id", "rhythm", "ended_on", "version")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="measures")
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, blank=True, related_name="measures")
    name = models.CharField(_("what it measures"), max_length=300)
    definition = models.TextField(_("definition: what is counted, and how"), blank=True)
    unit = models.CharField(_("unit"), max_length=40)
    better = models.CharField(_("which way is better"), max_length=4, choices=Better)
    baseline = models.DecimalField(_("baseline"), max_digits=12, decimal_places=2, null=True, blank=True)
    baseline_of = models.PositiveIntegerField(_("baseline, cases"), null=True, blank=True)
    baseline_out_of = models.PositiveIntegerField(_("baseline, out of"), null=True, blank=True)
    baseline_place = models.CharField(_("place of the baseline in the report"), max_length=200, blank=True)
    baseline_method = models.CharField(_("method of the baseline"), max_length=120, blank=True)
    caution = models.TextField(_("caution"), blank=True)
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=2, null=True, blank=True)
    supplier = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="supplied_measures")
    rhythm = models.CharField(_("rhythm"), max_length=10, choices=Rhythm, default=Rhythm.MONTHLY)
    # Updated with each reading: the date of the latest, and from when the next one is due.
    last_as_of = models.DateField(_("latest figure as of"), null=True, blank=True)
    next_on = models.DateField(_("next figure due from"), null=True, blank=True)
    is_ours = models.BooleanField(_("is our interpretation of the report"), default=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ("pk",)
        indexes = (models.Index(fields=["supplier", "next_on", "id"], name="measures_to_supply"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(baseline_of=None, baseline_out_of=None)
                | Q(baseline_of__isnull=False, baseline_out_of__gte=1),
                name="a_baseline_of_cases_says_out_of_how_many",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def audit_scope(self) -> dict[str, int | None]:
        return {"inspection_id": self.inspection_id, "organisation_id": self.organisation_id}

    @property
    def baseline_value(self) -> Decimal | None:
        """The baseline as a number for charts; for cases, their share in per cent."""
        if self.baseline_of is not None and self.baseline_out_of:
            return share(self.baseline_of, self.baseline_out_of)
        return self.baseline

    @property
    def baseline_in_words(self) -> str:
        return in_words(self.unit, self.baseline, self.baseline_of, self.baseline_out_of)

    @property
    def target_in_words(self) -> str:
        return in_words(self.unit, self.target) if self.target is not None else ""


class Reading(Tracked):
    """One value of a measure. Never edited: a later reading as of the same day replaces it.

    `value` is None if it cannot be calculated, which is not zero. If cases were counted, `of` and `out_of` are set and
    `value` is their share in per cent.
    """

    TRACKED = ("measure_id", "value", "of", "out_of", "as_of", "method")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="readings")
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2, null=True)
    of = models.PositiveIntegerField(_("cases"), null=True)
    out_of = models.PositiveIntegerField(_("out of"), null=True)
    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=200)
    # Readings of another method are never joined by a line to the baseline's.
    method = models.CharField(_("method"), max_length=120, blank=True)
    caution = models.ForeignKey(FreeText, models.PROTECT, null=True, related_name="+")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day in Europe/London"))

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ("as_of", "pk")
        indexes = (models.Index(fields=["measure", "as_of", "id"], name="readings_by_day"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(of=None, out_of=None) | Q(of__isnull=False, out_of__gte=1),
                name="a_reading_of_cases_says_out_of_how_many",
            ),
        )

    def __str__(self) -> str:
        return f"{self.as_of}: {self.value}"

    def audit_scope(self) -> dict[str, int | None]:
        return self.measure.audit_scope()

    @property
    def in_words(self) -> str:
        return in_words(self.measure.unit, self.value, self.of, self.out_of)


@dataclass(frozen=True)
class NewReading:
    """A reading to record: a value, or `of` cases out of `out_of`, or `cannot` for "Cannot be calculated".

    `method` is how it was counted. An empty method differs from every named one.
    """

    as_of: datetime.date
    value: Decimal | None = None
    of: int | None = None
    out_of: int | None = None
    cannot: bool = False
    source: str = ""
    method: str = ""
    caution: str = ""


def in_words(unit: str, value: Decimal | None, of: int | None = None, out_of: int | None = None) -> str:
    """A value in words: "89%", "3 of 7 (42.9%)", "10.5 weeks"."""
    if value is None and of is None:
        return str(_("Cannot be calculated"))
    if of is not None and out_of:
        return _("%(of)s of %(out_of)s (%(share)s)") % {
            "of": of,
            "out_of": out_of,
            "share": in_words("%", share(of, out_of).quantize(Decimal("0.1"))),
        }
    assert value is not None
    return f"{trimmed(value)}{'' if unit.startswith('%') else ' '}{unit}"


def trimmed(value: Decimal) -> str:
    """The number without trailing zeros."""
    number = f"{value:f}"
    return number.rstrip("0").rstrip(".") if "." in number else number


def share(of: int, out_of: int) -> Decimal:
    """The share in per cent, to two places."""
    return (Decimal(100 * of) / Decimal(out_of)).quantize(Decimal("0.01"))
