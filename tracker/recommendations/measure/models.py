"""Links of measures to recommendations."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.measures.models import Measure
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import SaidBy


class MeasureLink(models.Model):
    """A measure of a recommendation."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="measure_links")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="links")
    said_by = models.CharField(_("source"), max_length=6, choices=SaidBy)

    class Meta:
        verbose_name = _("link of a measure")
        verbose_name_plural = _("links of measures")
        ordering = ("recommendation", "measure")
        constraints = (
            models.UniqueConstraint(fields=["recommendation", "measure"], name="a_measure_speaks_once_for_each"),
        )

    def __str__(self) -> str:
        return f"{self.measure_id}: {self.recommendation_id}"
