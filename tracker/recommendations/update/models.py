"""What owners and leads report."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import FreeText
from tracker.measures.models import Reading
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Outlook, Progress, Speaker


class Update(models.Model):
    """What was reported. Appended, never edited: a mistake is corrected by another update that says so.

    One report on several recommendations is an update of each, and their words are the same row.
    """

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="updates")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    speaker = models.CharField(_("who reports"), max_length=5, choices=Speaker)
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day in Europe/London"))
    progress = models.CharField(_("progress"), max_length=10, choices=Progress)
    what_changed = models.ForeignKey(FreeText, models.PROTECT, related_name="updates")
    outlook = models.CharField(_("outlook"), max_length=10, choices=Outlook, blank=True)
    outlook_reason = models.ForeignKey(FreeText, models.PROTECT, null=True, related_name="+")
    went_down = models.BooleanField(_("progress went down"), default=False)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrected_by")
    readings = models.ManyToManyField(Reading, related_name="updates")

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["recommendation", "-id"], name="updates_newest_first"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.get_progress_display()}"


@dataclass(frozen=True)
class Report:
    """What is reported in one go; `corrects` is an earlier update that was mistaken."""

    progress: str
    what_changed: str
    outlook: str = ""
    outlook_reason: str = ""
    corrects: Update | None = None
