"""The action plan of one inspection and addressee, and the versions of it that were sent."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import Tracked
from tracker.inspections.models import Inspection


class ActionPlan(Tracked):
    """Responses, actions and dates of one inspection and addressee: draft, cleared by a reviewer, sent."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CLEARED = "cleared", _("Approved")
        SENT = "sent", _("Sent")

    TRACKED = (
        "inspection_id",
        "addressee_id",
        "due_on",
        "state",
        "dates_fixed_on",
        "cleared_by_id",
        "cleared_on",
        "sent_by_id",
        "sent_on",
        "version",
    )

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="action_plans")
    addressee = models.ForeignKey(Organisation, models.PROTECT, related_name="action_plans")
    due_on = models.DateField(_("due to HMPPS on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    dates_fixed_on = models.DateField(_("dates confirmed on"), null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cleared_on = models.DateField(_("approved on"), null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_on = models.DateField(_("sent on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        ordering = ("inspection", "addressee")
        constraints = (
            models.UniqueConstraint(
                fields=["inspection", "addressee"], name="an_inspection_and_addressee_have_one_plan"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(cleared_by__isnull=False, cleared_on__isnull=False),
                name="a_plan_is_cleared_before_it_is_sent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.inspection}: {self.addressee}"

    def days_left(self, on: datetime.date) -> int | None:
        """Negative when the day has passed; None without a day or once it is sent."""
        if self.due_on is None or self.state == self.State.SENT:
            return None
        return (self.due_on - on).days

    def audit_scope(self) -> dict[str, int | None]:
        return {"inspection_id": self.inspection_id, "organisation_id": self.addressee_id}


class SentPlan(models.Model):
    """A version of an action plan as it was sent. Added and read, never changed.

    `content` is a list of {recommendation, response, reason, part, owner, due_on, due_is_month, review_on, actions:
    [{action, words, done_by, owner, due_on, state}]}: people, words and rows by id, so that words can be removed.
    """

    plan = models.ForeignKey(ActionPlan, models.PROTECT, related_name="sent_versions")
    number = models.PositiveSmallIntegerField(_("version"))
    sent_at = models.DateTimeField(_("sent at"))
    day = models.DateField(_("day in Europe/London"))
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    cleared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    cleared_on = models.DateField(_("approved on"))
    content = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("sent plan")
        verbose_name_plural = _("sent plans")
        ordering = ("plan", "-number")
        constraints = (models.UniqueConstraint(fields=["plan", "number"], name="a_version_is_sent_once"),)

    def __str__(self) -> str:
        return f"{self.plan}, {self.number}"
