"""What reviewers decide: checks and submissions."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.accounts.models import User
from tracker.history.models import FreeText, Tracked
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Progress


class Method(models.TextChoices):
    """How something was checked."""

    PAPERS = "papers", _("Document review")
    CASES = "cases", _("Cases sampled")
    VISIT = "visit", _("Visit")


def how_in_words(method: str, cases: int | None) -> str:
    """As in “12 cases sampled” or “Papers read”; "" where nothing is said."""
    if method == Method.CASES and cases:
        return ngettext("%(n)s case sampled", "%(n)s cases sampled", cases) % {"n": cases}
    return str(Method(method).label) if method else ""


class Check(models.Model):
    """A reviewer's own judgement of progress at any time. Added and read, never changed."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="checks")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day in Europe/London"))
    progress = models.CharField(_("progress"), max_length=10, choices=Progress)
    method = models.CharField(_("how it was checked"), max_length=6, choices=Method)
    cases = models.PositiveSmallIntegerField(_("cases sampled"), null=True)
    found = models.ForeignKey(FreeText, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["recommendation", "-id"], name="checks_newest_first"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(method="cases", cases__gte=1) | (~Q(method="cases") & Q(cases=None)),
                name="a_sample_says_how_many_cases",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.get_progress_display()}"

    @property
    def how(self) -> str:
        return how_in_words(self.method, self.cases)


class Submission(Tracked):
    """Handed in to be signed off: the latest report, a closing statement, evidence; and what came of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RETURNED = "returned", _("Returned")
        SIGNED_OFF = "signed_off", _("Signed off")

    TRACKED = ("outcome", "decided_by_id", "decided_on", "decision_id", "method", "cases")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="submissions")
    update = models.ForeignKey("recommendations.Update", models.PROTECT, related_name="+")
    statement = models.ForeignKey(FreeText, models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("submitted at"))
    day = models.DateField(_("day in Europe/London"))
    days_late = models.PositiveIntegerField(_("days late when submitted"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.PENDING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True)
    decision = models.ForeignKey(FreeText, models.PROTECT, null=True, related_name="+")
    method = models.CharField(_("how it was checked"), max_length=6, choices=Method, blank=True)
    cases = models.PositiveSmallIntegerField(_("cases sampled"), null=True)
    # Older than the rule that it takes two people.
    is_exempt = models.BooleanField(_("decided by whoever submitted it"), default=False, editable=False)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["recommendation", "-id"], name="submissions_newest_first"),)
        constraints = (
            models.UniqueConstraint(
                fields=["recommendation"], condition=Q(outcome="pending"), name="one_submission_waits_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="signed_off") | (~Q(method="") & Q(decision__isnull=False)),
                name="a_sign_off_says_how_it_was_checked",
            ),
            models.CheckConstraint(
                condition=Q(is_exempt=True)
                | Q(outcome="withdrawn")
                | Q(decided_by=None)
                | ~Q(decided_by=F("submitted_by")),
                name="a_decision_takes_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.get_outcome_display()}"

    @property
    def how(self) -> str:
        return how_in_words(self.method, self.cases)

    def audit_scope(self) -> dict[str, int | None]:
        return self.recommendation.audit_scope()
