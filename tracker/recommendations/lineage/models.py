"""What a recommendation repeats, and the standards it belongs to."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import Tracked
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import SaidBy


class Lineage(Tracked):
    """A later recommendation repeats an earlier one."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Not confirmed yet")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Not a repeat")

    TRACKED = ("earlier_id", "later_id", "said_by", "state", "decided_by_id", "decided_on", "version")

    earlier = models.ForeignKey(Recommendation, models.PROTECT, related_name="repeated_by")
    later = models.ForeignKey(Recommendation, models.PROTECT, related_name="repeats")
    said_by = models.CharField(_("source"), max_length=6, choices=SaidBy)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("lineage")
        ordering = ("later", "earlier")
        constraints = (
            models.UniqueConstraint(fields=["earlier", "later"], name="a_lineage_is_held_once"),
            models.CheckConstraint(condition=~Q(earlier=F("later")), name="none_repeats_itself"),
        )

    def __str__(self) -> str:
        return f"{self.earlier_id} > {self.later_id}"

    def audit_scope(self) -> dict[str, int | None]:
        return self.later.audit_scope()


class StandardLink(models.Model):
    """A recommendation belongs to a standard ("1.2")."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="standards")
    standard = models.CharField(_("standard"), max_length=10)
    said_by = models.CharField(_("source"), max_length=6, choices=SaidBy)

    class Meta:
        verbose_name = _("standard of a recommendation")
        verbose_name_plural = _("standards of recommendations")
        ordering = ("recommendation", "standard")
        constraints = (
            models.UniqueConstraint(fields=["recommendation", "standard"], name="a_standard_is_named_once_for_each"),
        )

    def __str__(self) -> str:
        return self.standard
