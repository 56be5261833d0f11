"""Saved views: named filters of the list."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation


class SavedView(models.Model):
    """A filter by a name: its owner's own thing, and no part of the record. It holds no row, only what is asked for.

    `organisation` is the region (or HMPPS) within which it is shared; None where it is only its owner's. A shared view
    outlives its owner's account: colleagues have its address.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    # The query string of the list: "mark=overdue&addressee=4".
    query = models.TextField(_("filter"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=["person", "name"], name="a_person_names_a_view_once"),)

    def __str__(self) -> str:
        return self.name
