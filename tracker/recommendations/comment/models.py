"""What people say about a recommendation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import FreeText
from tracker.recommendations.recommendation.models import Recommendation


class Comment(models.Model):
    """What somebody says about a recommendation; an internal one is hidden from readers. Added, never edited."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    words = models.ForeignKey(FreeText, models.PROTECT, related_name="+")
    is_internal = models.BooleanField(_("is hidden from readers"), default=False)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["recommendation", "-id"], name="comments_newest_first"),)

    def __str__(self) -> str:
        return str(self.words)
