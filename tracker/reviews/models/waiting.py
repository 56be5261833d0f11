"""Cached task counts. They are not part of the record."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class WaitingCount(models.Model):
    """The last counted number of a person's tasks, for the badge."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    count = models.PositiveIntegerField(_("count"))
    day = models.DateField(_("on the day"))
    last_event_id = models.BigIntegerField(_("after the event"))
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("waiting count")
        verbose_name_plural = _("waiting counts")

    def __str__(self) -> str:
        return f"{self.person}: {self.count}"
