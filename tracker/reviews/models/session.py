"""Meetings about one organisation: the agenda and the notes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import Tracked
from tracker.recommendations.models import Comment, Recommendation


class ReviewSession(Tracked):
    """A meeting. It is opened once and closed once, and can be left and continued in between."""

    TRACKED = ("day", "opened_by_id", "opened_at", "closed_by_id", "closed_at")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="review_sessions")
    # The day in Europe/London on which it was opened.
    day = models.DateField(_("day of the meeting"))
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["organisation", "-id"], name="sessions_newest_first"),)
        constraints = (
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(closed_at=None), name="one_meeting_is_open_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_closed_meeting_says_who_closed_it",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}, {self.day}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def audit_scope(self) -> dict[str, int | None]:
        return {"organisation_id": self.organisation_id}


class SessionItem(models.Model):
    """A recommendation on the list of a meeting. What was passed over has never been talked about.

    `reasons` are those for which it was on the list, the most urgent first (queries.meeting.REASONS), and `days` how
    late it was then: the meeting's page tells them as they were.
    """

    session = models.ForeignKey(ReviewSession, models.PROTECT, related_name="items")
    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="session_items")
    position = models.PositiveSmallIntegerField(_("place on the list"))
    reasons = models.JSONField(_("reasons"), default=list)
    days = models.PositiveIntegerField(_("days overdue"), default=0)
    talked_at = models.DateTimeField(_("talked about at"), null=True, blank=True)

    class Meta:
        verbose_name = _("item of a meeting")
        verbose_name_plural = _("items of meetings")
        ordering = ("session", "position")
        constraints = (
            models.UniqueConstraint(fields=["session", "recommendation"], name="a_meeting_lists_each_once"),
            models.UniqueConstraint(fields=["session", "position"], name="a_place_on_the_list_is_taken_once"),
        )

    def __str__(self) -> str:
        return f"{self.session}: {self.recommendation.title}"


class SessionNote(models.Model):
    """A comment written in a meeting. Never edited."""

    item = models.ForeignKey(SessionItem, models.PROTECT, related_name="notes")
    comment = models.OneToOneField(Comment, models.PROTECT, related_name="session_note")

    class Meta:
        verbose_name = _("note of a meeting")
        verbose_name_plural = _("notes of meetings")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.comment)
