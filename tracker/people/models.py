"""Permanent removal of text and files, which takes two people. The events stay."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import Tracked, Words
from tracker.recommendations.models import Evidence, Recommendation


class Removal(Tracked):
    """An administrator asks for it, a reviewer agrees, and from then on "[removed]" stands in its place."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for a reviewer")
        REMOVED = "removed", _("Removed")
        REFUSED = "refused", _("Not removed")

    TRACKED = ("words_id", "evidence_id", "state", "decided_by_id", "decided_on")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="removals")
    words = models.ForeignKey(Words, models.PROTECT, null=True, blank=True, related_name="removals")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="removals")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True, blank=True)

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(words=None, evidence__isnull=False) | Q(words__isnull=False, evidence=None),
                name="a_removal_is_of_words_or_of_a_file",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="a_removal_takes_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"{self.words_id or self.evidence_id}: {self.state}"

    def audit_scope(self) -> dict[str, int | None]:
        return self.recommendation.audit_scope()
