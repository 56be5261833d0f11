"""The last visit of each person to the overview."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LastLook(models.Model):
    """`looked_at` is the latest look, and `event_id` the last event that there was then.

    `since_at` and `since_event_id` are the same of the last look before this sitting, from which changes are counted:
    whoever reads on, goes away and comes back, or loads the page again, must not lose them.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    looked_at = models.DateTimeField(_("last looked at"))
    event_id = models.BigIntegerField(_("last event at that look"))
    since_at = models.DateTimeField(_("looked at before that"), null=True, blank=True)
    since_event_id = models.BigIntegerField(_("last event at the look before"), default=0)

    class Meta:
        verbose_name = _("last look")
        verbose_name_plural = _("last looks")

    def __str__(self) -> str:
        return f"{self.person}: {self.looked_at}"
