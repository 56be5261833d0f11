"""What is promised and how far it got."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.history.models import Tracked, Words
from tracker.inspections.models import Inspection


class Progress(models.TextChoices):
    """A judgement about effect. "Not reported" is its own value, never red by default."""

    NOT_REPORTED = "", _("Not reported")
    NO = "no", _("No progress")
    SOME = "some", _("Some progress")
    SUFFICIENT = "sufficient", _("Sufficient progress")


class Speaker(models.TextChoices):
    """Who says how far it got."""

    NOBODY = "", ""
    OWNER = "owner", _("Owner reports")
    LEAD = "lead", _("Lead reports")


def marked(on: datetime.date) -> dict[str, Q]:
    """What a recommendation may be marked with on that day, as conditions: filters, counts and chasing share them."""
    is_open = Q(status="open")
    may_own = Membership.objects.may_own(on).filter(user=OuterRef("owner"))
    return {
        # Due today is not overdue.
        "overdue": is_open & Q(due_on__lt=on),
        # Nobody, or somebody who has lost access since.
        "no_owner": is_open & Q(~Exists(may_own)),
        "no_date": is_open & Q(due_on=None),
        # Unfinished after the original due date, also when a later date was agreed.
        "slipped": Q(status__in=("open", "submitted"), original_due_on__lt=on),
        # Nothing has moved for a number of days that is a setting.
        "stale": is_open & Q(quiet_since__lte=on - datetime.timedelta(days=settings.STALE_DAYS)),
    }


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def unfinished(self) -> "RecommendationQuerySet":
        return self.filter(status__in=Recommendation.UNFINISHED)

    def open(self) -> "RecommendationQuerySet":
        return self.filter(status=Recommendation.Status.OPEN)

    def overdue(self, *, on: datetime.date) -> "RecommendationQuerySet":
        return self.filter(marked(on)["overdue"])

    def for_rows(self, *, on: datetime.date) -> "RecommendationQuerySet":
        """With what a row of a list shows on that day, in the same query: also `has_no_owner`."""
        rows = self.annotate(has_no_owner=marked(on)["no_owner"])  # type: ignore[no-redef]
        return rows.select_related("inspection__organisation", "addressee", "owner", "reported_by")


class Recommendation(Tracked):
    """Numbered text as printed, and the promise about it.

    `inspection` is the earliest report held that prints it. A previous recommendation (one that an annexe carries over)
    has no number of its own there, only its place in the annexe, `position`; it exists once, however many reports rate
    it again.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SUBMITTED = "submitted", _("Submitted")
        SIGNED_OFF = "signed_off", _("Signed off")
        NOT_AGREED = "not_agreed", _("Not agreed")
        NO_LONGER_APPLIES = "no_longer_applies", _("No longer applies")
        SUPERSEDED = "superseded", _("Superseded")

    UNFINISHED = (Status.OPEN, Status.SUBMITTED)
    TRACKED = (
        "inspection_id",
        "number",
        "position",
        "is_previous",
        "addressee_id",
        "addressee_printed",
        "text",
        "place",
        "owner_id",
        "due_on",
        "original_due_on",
        "progress",
        "reported_by_id",
        "reported_on",
        "quiet_since",
        "status",
        "version",
    )

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="recommendations")
    number = models.CharField(_("number"), max_length=10, blank=True)
    position = models.PositiveSmallIntegerField(_("position in the report"))
    is_previous = models.BooleanField(_("is carried over from before"), default=False)
    addressee = models.ForeignKey(Organisation, models.PROTECT, related_name="recommendations")
    addressee_printed = models.CharField(_("addressee as printed"), max_length=200)
    text = models.TextField(_("text as printed"))
    place = models.CharField(_("place in the report"), max_length=200, blank=True)

    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="owned_recommendations")
    due_on = models.DateField(_("due date"), null=True, blank=True)
    original_due_on = models.DateField(_("original due date"), null=True, blank=True)
    progress = models.CharField(_("progress"), max_length=10, choices=Progress, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reported_on = models.DateField(_("last reported on"), null=True, blank=True)
    quiet_since = models.DateField(_("nothing has moved since"))
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN)
    version = models.PositiveIntegerField(_("version"), default=1)

    # Where for_rows() fetched it.
    has_no_owner: bool

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ("inspection", "is_previous", "position")
        indexes = (
            models.Index(fields=["addressee", "status", "due_on", "id"], name="by_addressee_and_due"),
            models.Index(fields=["owner", "status", "due_on", "id"], name="by_owner_and_due"),
            models.Index(fields=["inspection", "is_previous", "position", "id"], name="by_place_in_the_report"),
            models.Index(fields=["due_on", "id"], name="by_due"),
            models.Index(fields=["reported_on", "id"], name="by_last_report"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["inspection", "is_previous", "position"], name="a_place_in_a_report_holds_one"
            ),
            models.CheckConstraint(
                condition=Q(is_previous=True) | ~Q(number=""), name="only_a_previous_one_has_no_number"
            ),
            models.CheckConstraint(
                condition=Q(due_on=None, original_due_on=None) | Q(due_on__isnull=False, original_due_on__isnull=False),
                name="a_due_date_keeps_its_original",
            ),
            models.CheckConstraint(
                condition=Q(progress="", reported_on=None, reported_by=None)
                | (~Q(progress="") & Q(reported_by__isnull=False, reported_on__isnull=False)),
                name="progress_has_its_speaker_and_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}: {self.text[:60]}"

    @property
    def title(self) -> str:
        if self.is_previous:
            return _("Previous recommendation %(position)s") % {"position": self.position}
        return _("Recommendation %(number)s") % {"number": self.number}

    @property
    def speaker(self) -> str:
        """Who says how far it got; the name, where that is not the one who owns it now."""
        if self.reported_by_id == self.owner_id:
            return str(_("Owner reports"))
        return _("%(name)s reports") % {"name": self.reported_by}

    def days_overdue(self, on: datetime.date) -> int:
        """0 when it is not overdue."""
        if self.status != self.Status.OPEN or self.due_on is None:
            return 0
        return max((on - self.due_on).days, 0)

    def has_slipped(self, on: datetime.date) -> bool:
        """Unfinished after the original due date."""
        return self.status in self.UNFINISHED and self.original_due_on is not None and self.original_due_on < on

    def standing(self) -> dict[str, int | None]:
        return {
            "recommendation_id": self.pk,
            "inspection_id": self.inspection_id,
            "organisation_id": self.addressee_id,
        }


class Finding(models.Model):
    """What one inspection printed about one recommendation. A recommendation may gather many; none replaces another."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="findings")
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings")
    text = models.TextField(_("finding as printed"))
    progress_printed = models.CharField(_("progress as printed"), max_length=60, blank=True)
    place = models.CharField(_("place in the report"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position in the annexe"))

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("inspection", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["recommendation", "inspection"], name="an_inspection_finds_once_about_each"
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def progress(self) -> str:
        """The printed word as one of our values, or "" where it is none of them."""
        return {"no progress": "no", "some progress": "some", "sufficient progress": "sufficient"}.get(
            self.progress_printed.lower(), ""
        )


class Update(models.Model):
    """What was reported. Appended, never edited."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="updates")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    speaker = models.CharField(_("who reports"), max_length=5, choices=Speaker)
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day in Europe/London"))
    progress = models.CharField(_("progress"), max_length=10, choices=Progress)
    what_changed = models.OneToOneField(Words, models.PROTECT, related_name="update")

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["recommendation", "-id"], name="updates_newest_first"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.get_progress_display()}"


@dataclass(frozen=True)
class Base:
    """A recommendation as a person saw it, when somebody has changed it since: every tracked column, and its owner."""

    columns: dict[str, Any]
    owner: User | None


@dataclass(frozen=True)
class Plan:
    """Who owns it and by when; `reason` is needed when the date becomes later."""

    owner: User | None
    due_on: datetime.date | None
    reason: str = ""


@dataclass(frozen=True)
class Report:
    progress: str
    what_changed: str
