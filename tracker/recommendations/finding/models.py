"""What inspections found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.inspections.models import Inspection
from tracker.recommendations.recommendation.models import Recommendation


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
