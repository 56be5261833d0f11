"""Who has had a part in a recommendation, and so does not decide about it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.recommendations.recommendation.models import Recommendation


class Part(models.TextChoices):
    """What bars from deciding, as it stands after "you"."""

    OWNED = "owned", _("owned it")
    OWNED_ACTION = "owned_action", _("owned an action for it")
    REPORTED = "reported", _("reported on it")
    SUBMITTED = "submitted", _("submitted it for sign-off")
    SUPPLIED = "supplied", _("recorded a figure for it")
    EXTENSION = "extension", _("requested or endorsed an extension of it")
    PLANNED = "planned", _("worked on its plan")
    LED = "led", _("led the organisation that it is addressed to")


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def barring(self) -> "ParticipationQuerySet":
        """Those since the recommendation was last opened: what was before counts no longer."""
        return self.filter(Q(recommendation__opened_at=None) | Q(at__gte=F("recommendation__opened_at")))


class Participation(models.Model):
    """One part of one person on one day, written with the event that shows it; `at` is the last time that day.

    A day at a time, so that a past day knows who had a part by then. Whom the person covered for has a row too.
    """

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="participations")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    part = models.CharField(_("part"), max_length=12, choices=Part)
    day = models.DateField(_("day in Europe/London"))
    at = models.DateTimeField(_("at"))

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = (
            models.UniqueConstraint(
                fields=["recommendation", "person", "part", "day"], name="a_part_is_written_once_a_day"
            ),
        )
        indexes = (models.Index(fields=["person", "recommendation", "at"], name="participation_by_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.part} {self.recommendation_id}"
