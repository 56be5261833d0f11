"""Files and links that support an update or a submission."""

import uuid

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import FreeText, Tracked
from tracker.recommendations.recommendation.models import Recommendation


def evidence_storage() -> Storage:
    """Outside the web root: only the view that checks permission serves it."""
    return FileSystemStorage(location=settings.EVIDENCE_DIR, file_permissions_mode=0o600)


def random_name(_evidence: "Evidence", _filename: str) -> str:
    """What the person called it is kept in the row and never becomes part of a path."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


class Evidence(Tracked):
    """A file or a link for one recommendation. A file given to several is stored once and has a row for each."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "", _("Not scanned for viruses")
        CLEAN = "clean", _("Scanned: no virus found")
        INFECTED = "infected", _("A virus was found")

    TRACKED = ("caption_id", "speaks_of", "sha256", "size", "scan", "withdrawn_on", "withdrawn_by_id", "is_removed")
    NOT_REWOUND = ("is_removed",)

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="evidence")
    update = models.ForeignKey("recommendations.Update", models.PROTECT, null=True, blank=True, related_name="evidence")
    caption = models.ForeignKey(FreeText, models.PROTECT, related_name="+")
    speaks_of = models.DateField(_("date it relates to"))
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day in Europe/London"))
    file = models.FileField(_("file"), storage=evidence_storage, upload_to=random_name, blank=True, max_length=60)
    name = models.CharField(_("file name"), max_length=150, blank=True)
    kind = models.CharField(_("kind of file"), max_length=5, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    scan = models.CharField(_("virus scan"), max_length=8, choices=Scan, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    is_removed = models.BooleanField(_("was permanently removed"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("evidence")
        ordering = ("-speaks_of", "-pk")
        indexes = (models.Index(fields=["recommendation", "-speaks_of", "-id"], name="evidence_newest_first"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(is_removed=True) | (~Q(file="") & Q(link="")) | (Q(file="") & ~Q(link="")),
                name="evidence_is_a_file_or_a_link",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_by=None)
                | Q(withdrawn_on__isnull=False, withdrawn_by__isnull=False),
                name="evidence_is_withdrawn_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return str(self.caption)

    def audit_scope(self) -> dict[str, int | None]:
        return self.recommendation.audit_scope()
