"""Recommendations: what was printed, the plan, and progress."""

import datetime
import functools
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import FreeText, Tracked
from tracker.inspections.models import Inspection
from tracker.recommendations.recommendation.progress import DateSetBy, Outlook, Progress, Response
from tracker.recommendations.recommendation.status_filters import is_open, status_filters
from tracker.web.joins import unread
from tracker.web.workingdays import working_days_since


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def in_report(self, inspection: Inspection) -> "RecommendationQuerySet":
        """What its report prints, and the previous ones that it rates anew."""
        return self.filter(Q(inspection=inspection) | Q(pk__in=inspection.findings.values("recommendation")))

    def exclude_carried(self) -> "RecommendationQuerySet":
        """Without those carried by a later one, which stand under it and are not counted twice."""
        return self.filter(carried_by=None)

    def unfinished(self) -> "RecommendationQuerySet":
        return self.filter(status__in=Recommendation.UNFINISHED)

    def open(self) -> "RecommendationQuerySet":
        return self.filter(is_open())

    def within(self, place: Organisation) -> "RecommendationQuerySet":
        """Addressed to this organisation or to one below it."""
        return self.filter(addressee__path__startswith=place.path)

    def overdue(self, *, on: datetime.date) -> "RecommendationQuerySet":
        return self.filter(status_filters(on)["overdue"])

    def for_rows(self, *, on: datetime.date) -> "RecommendationQuerySet":
        """With what a row of a list shows on that day, in the same query: also `has_no_owner`."""
        rows = self.annotate(has_no_owner=status_filters(on)["no_owner"])  # type: ignore[no-redef]
        joined = ("inspection__organisation", "addressee", "carried_by__inspection", "superseded_by", *ROW_PEOPLE)
        return rows.select_related(*joined).defer(*unread_in_rows())


ROW_PEOPLE = ("owner", "reported_by", "checked_by", "submitted_by", "signed_off_by")


@functools.cache
def unread_in_rows() -> tuple[str, ...]:
    """The columns that a row of a list does not read of what is joined to it: over half of all."""
    inspection = ("organisation", "title", "published_from", "published_to", "embargo_until")
    other = ("inspection", "addressee", "number", "position", "is_previous")
    return (
        *unread("inspection", Inspection, *inspection),
        *unread("carried_by__inspection", Inspection, *inspection),
        *unread("carried_by", Recommendation, *other),
        *unread("superseded_by", Recommendation, *other),
        *(column for path in ROW_PEOPLE for column in unread(path, User, "name", "email")),
    )


class Recommendation(Tracked):
    """A recommendation: the printed text, its owner, due date, progress and status.

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
        "due_is_month",
        "due_set_by",
        "original_due_on",
        "review_on",
        "response",
        "response_reason_id",
        "response_part_id",
        "progress",
        "reported_by_id",
        "reported_on",
        "outlook",
        "outlook_reason_id",
        "checked_progress",
        "checked_by_id",
        "checked_on",
        "quiet_since",
        "status",
        "submitted_by_id",
        "submitted_on",
        "returned_on",
        "signed_off_by_id",
        "signed_off_on",
        "accepted_on",
        "sustained_on",
        "sustain_ask_on",
        "opened_at",
        "carried_by_id",
        "superseded_by_id",
        "asked_before",
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
    # The years in which earlier reports, which are not held here, asked for it: "2019, 2021".
    asked_before = models.CharField(_("recommended before, in the years"), max_length=60, blank=True)

    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="owned_recommendations")
    # The date that counts. A month means its last day; without an original it is a draft that may move freely.
    due_on = models.DateField(_("due date"), null=True, blank=True)
    due_is_month = models.BooleanField(_("the due date is a month"), default=False)
    due_set_by = models.CharField(_("who set the due date"), max_length=6, choices=DateSetBy, default=DateSetBy.LEAD)
    original_due_on = models.DateField(_("original due date"), null=True, blank=True)
    # "Ongoing" is no date, but is looked at again on a day.
    review_on = models.DateField(_("ongoing, review date"), null=True, blank=True)
    response = models.CharField(_("response"), max_length=10, choices=Response, blank=True)
    response_reason = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="+")
    response_part = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="+")
    progress = models.CharField(_("progress"), max_length=10, choices=Progress, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reported_on = models.DateField(_("last reported on"), null=True, blank=True)
    outlook = models.CharField(_("outlook"), max_length=10, choices=Outlook, blank=True)
    outlook_reason = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="+")
    checked_progress = models.CharField(_("progress as checked"), max_length=10, choices=Progress, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    checked_on = models.DateField(_("last checked on"), null=True, blank=True)
    quiet_since = models.DateField(_("no update since"))
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    returned_on = models.DateField(_("returned on, and not submitted since"), null=True, blank=True)
    signed_off_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_off_on = models.DateField(_("signed off on"), null=True, blank=True)
    # The day of the first submission that was signed off: it fixes for ever whether this slipped.
    accepted_on = models.DateField(_("first submitted in a way that was signed off"), null=True, blank=True)
    sustained_on = models.DateField(_("confirmed as sustained on"), null=True, blank=True)
    sustain_ask_on = models.DateField(_("sustained check due"), null=True, blank=True)
    opened_at = models.DateTimeField(_("last opened again at"), null=True, blank=True)
    carried_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="carries")
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")
    version = models.PositiveIntegerField(_("version"), default=1)

    # Set by for_rows().
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
                condition=Q(original_due_on=None) | Q(due_on__isnull=False),
                name="an_original_due_date_has_a_current_one",
            ),
            models.CheckConstraint(
                condition=Q(review_on=None) | Q(due_on=None), name="what_is_ongoing_has_no_due_date"
            ),
            models.CheckConstraint(
                condition=Q(progress="", reported_on=None, reported_by=None)
                | (~Q(progress="") & Q(reported_by__isnull=False, reported_on__isnull=False)),
                name="progress_has_its_speaker_and_day",
            ),
            models.CheckConstraint(
                condition=Q(checked_progress="", checked_on=None, checked_by=None)
                | (~Q(checked_progress="") & Q(checked_by__isnull=False, checked_on__isnull=False)),
                name="a_check_has_its_reviewer_and_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted")
                | Q(owner__isnull=False, submitted_by__isnull=False, submitted_on__isnull=False),
                name="owner_required_once_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(status="signed_off")
                | Q(signed_off_by__isnull=False, signed_off_on__isnull=False, accepted_on__isnull=False),
                name="a_sign_off_has_its_reviewer_and_day",
            ),
            models.CheckConstraint(
                condition=Q(carried_by=None) | ~Q(carried_by=F("pk")), name="none_is_carried_by_itself"
            ),
            models.CheckConstraint(
                condition=~Q(response__in=("partly", "not_agreed")) | Q(response_reason__isnull=False),
                name="a_response_that_is_not_agreed_has_its_reason",
            ),
            models.CheckConstraint(
                condition=~Q(response="partly") | Q(response_part__isnull=False),
                name="partly_agreed_says_which_part",
            ),
            models.CheckConstraint(
                condition=~Q(status="superseded") | Q(superseded_by__isnull=False),
                name="what_is_superseded_names_its_successor",
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
        """Who reported progress, with the name if it is not the current owner."""
        if self.reported_by_id == self.owner_id:
            return str(_("Owner reports"))
        return _("%(name)s reports") % {"name": self.reported_by}

    @property
    def due(self) -> str:
        """The due date as it was given: a day, a month, ongoing, or nothing."""
        if self.due_on is not None:
            return format_date(self.due_on, "F Y" if self.due_is_month else "j F Y")
        if self.review_on is not None:
            return _("Ongoing, review date %(day)s") % {"day": format_date(self.review_on, "j F Y")}
        return ""

    @property
    def due_is_draft(self) -> bool:
        """Whether the due date is provisional."""
        return self.due_on is not None and self.original_due_on is None

    @property
    def was_moved(self) -> bool:
        return self.original_due_on is not None and self.due_on != self.original_due_on

    def days_overdue(self, on: datetime.date) -> int:
        """0 when it is not overdue."""
        if self.status != self.Status.OPEN or self.due_on is None or self.carried_by_id is not None:
            return 0
        return max((on - self.due_on).days, 0)

    @property
    def days_late_when_submitted(self) -> int:
        """0 when it was submitted in time, had no date, or is not submitted."""
        if self.submitted_on is None or self.due_on is None:
            return 0
        return max((self.submitted_on - self.due_on).days, 0)

    def working_days_in_review(self, on: datetime.date) -> int:
        return working_days_since(self.submitted_on, on) if self.submitted_on else 0

    def has_slipped(self, on: datetime.date) -> bool:
        """Unfinished after the original due date, or submitted after it; fixed by the first accepted submission."""
        if self.original_due_on is None or self.carried_by_id is not None:
            return False
        if self.accepted_on is not None:
            return self.accepted_on > self.original_due_on
        if self.status == self.Status.OPEN:
            return self.original_due_on < on
        return self.submitted_on is not None and self.submitted_on > self.original_due_on

    def audit_scope(self) -> dict[str, int | None]:
        return {
            "recommendation_id": self.pk,
            "inspection_id": self.inspection_id,
            "organisation_id": self.addressee_id,
        }


@dataclass(frozen=True)
class Base:
    """A recommendation as a person saw it, when somebody has changed it since: every tracked column, and its owner."""

    columns: dict[str, Any]
    owner: User | None


@dataclass(frozen=True)
class Plan:
    """Who owns it and by when; `reason` goes into the history."""

    owner: User | None
    due_on: datetime.date | None
    reason: str = ""
    due_is_month: bool = False
    review_on: datetime.date | None = None
    due_set_by: str = DateSetBy.LEAD
