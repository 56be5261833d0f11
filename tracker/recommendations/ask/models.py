"""Requests from one organisation to another."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import FreeText, Tracked
from tracker.recommendations.recommendation.models import Recommendation


class AskQuerySet(models.QuerySet["Ask"]):
    def unanswered(self) -> "AskQuerySet":
        return self.filter(state=Ask.State.OPEN)

    def overdue(self, *, on: datetime.date) -> "AskQuerySet":
        """Not answered by the day wanted; one that promised a day is late after that day until it says yes or no."""
        return self.filter(Q(state=Ask.State.OPEN, wanted_on__lt=on) | Q(state=Ask.State.BY_A_DAY, promised_on__lt=on))


class Ask(Tracked):
    """What the addressee needs from another organisation: written down, dated, answered and chased."""

    class State(models.TextChoices):
        OPEN = "open", _("Not answered")
        YES = "yes", _("Yes")
        NO = "no", _("No")
        BY_A_DAY = "by_a_day", _("Yes, by a date")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRACKED = (
        "asked_of_id",
        "person_id",
        "words_id",
        "wanted_on",
        "state",
        "promised_on",
        "answer_id",
        "answered_by_id",
        "answered_on",
        "version",
    )

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="asks")
    words = models.ForeignKey(FreeText, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("requested at"))
    day = models.DateField(_("day in Europe/London"))
    asked_of = models.ForeignKey(Organisation, models.PROTECT, related_name="asks")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="asks")
    wanted_on = models.DateField(_("needed by"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    promised_on = models.DateField(_("promised by"), null=True, blank=True)
    answer = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="+")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = AskQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ("wanted_on", "pk")
        indexes = (models.Index(fields=["asked_of", "state", "wanted_on", "id"], name="asks_by_organisation_and_day"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("open", "withdrawn"))
                | Q(answer__isnull=False, answered_by__isnull=False, answered_on__isnull=False),
                name="an_answer_has_its_speaker_day_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="by_a_day", promised_on__isnull=False) | ~Q(state="by_a_day"),
                name="a_promise_has_its_day",
            ),
        )

    def __str__(self) -> str:
        return str(self.words)

    def days_overdue(self, on: datetime.date) -> int:
        """0 when it is not overdue."""
        until = {self.State.OPEN: self.wanted_on, self.State.BY_A_DAY: self.promised_on}.get(self.State(self.state))
        return max((on - until).days, 0) if until else 0

    def audit_scope(self) -> dict[str, int | None]:
        return self.recommendation.audit_scope()
