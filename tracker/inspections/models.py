"""Inspections as published, their ratings, and people named during an embargo."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import Tracked


class Inspection(Tracked):
    """One inspection of one organisation, as published.

    If a report prints only its month of publication, `published_from` is the first day and `published_to` the last, and
    the month is shown.
    """

    TRACKED = (
        "organisation_id",
        "title",
        "published_from",
        "published_to",
        "score",
        "max_score",
        "overall_rating",
        "embargo_until",
        "version",
    )

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="inspections")
    title = models.CharField(_("title"), max_length=250)
    published_from = models.DateField(_("published, first day it may have been"))
    published_to = models.DateField(_("published, last day it may have been"))
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    max_score = models.PositiveSmallIntegerField(_("highest possible score"), null=True)
    overall_rating = models.CharField(_("overall rating"), max_length=40, blank=True)
    isbn = models.CharField(_("ISBN"), max_length=20, blank=True)
    licence = models.CharField(_("licence and attribution"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True)
    loaded_on = models.DateField(_("loaded on"))
    # Until then only named people can see it.
    embargo_until = models.DateTimeField(_("under embargo until"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    fingerprint = models.CharField(_("SHA-256 of what was loaded"), max_length=64)
    # As in the file. They become rows when they are used.
    printed_measures = models.JSONField(_("measures as printed"), default=list)
    problems = models.JSONField(_("what could not be read for certain"), default=list)

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering = ("-published_to", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "title", "published_from"], name="an_inspection_is_held_once"
            ),
            models.CheckConstraint(
                condition=Q(published_from__lte=F("published_to")), name="publication_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def published(self) -> str:
        """The publication date as printed: a month or a day."""
        is_month = self.published_from != self.published_to
        return format_date(self.published_to, "F Y" if is_month else "j F Y")

    def months_since(self, on: datetime.date) -> int:
        """Whole months since publication. If only a month is printed, from that month to this one."""
        published = self.published_to
        months = (on.year - published.year) * 12 + on.month - published.month
        is_short = self.published_from == published and on.day < published.day
        return max(months - is_short, 0)

    def audit_scope(self) -> dict[str, int | None]:
        return {"inspection_id": self.pk, "organisation_id": self.organisation_id}


class Named(Tracked):
    """A person who can see an inspection under embargo."""

    TRACKED = ("inspection_id", "person_id", "until")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="named")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    # The first day on which they are no longer named.
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("named for an embargo")
        verbose_name_plural = _("named for embargoes")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["inspection", "person"], condition=Q(until=None), name="a_person_is_named_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.inspection}"

    def audit_scope(self) -> dict[str, int | None]:
        return self.inspection.audit_scope()


class Rating(models.Model):
    """The rating of one standard."""

    class Value(models.TextChoices):
        OUTSTANDING = "Outstanding", _("Outstanding")
        GOOD = "Good", _("Good")
        REQUIRES_IMPROVEMENT = "Requires improvement", _("Requires improvement")
        INADEQUATE = "Inadequate", _("Inadequate")

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="ratings")
    standard = models.CharField(_("standard"), max_length=10)
    name = models.CharField(_("name"), max_length=300)
    rating = models.CharField(_("rating"), max_length=40, choices=Value)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["inspection", "standard"], name="a_standard_is_rated_once"),)

    def __str__(self) -> str:
        return f"{self.standard} {self.name}: {self.rating}"
