"""Drafts of forms."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User


class Unsent(models.Model):
    """What somebody is typing and has not sent, saved every few seconds. No event; forgotten after 30 days.

    `place` says which form it belongs to ("report:7"). `values` is {field: text}, never a file.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    place = models.CharField(_("form"), max_length=80)
    values = models.JSONField(_("what was typed"))
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("unsent update")
        verbose_name_plural = _("unsent updates")
        constraints = (models.UniqueConstraint(fields=["person", "place"], name="a_form_has_one_unsent_text"),)

    def __str__(self) -> str:
        return self.place
