"""Extensions of due dates."""

from django.db import models
from django.db.models import Q
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import FreeText, Tracked
from tracker.recommendations.recommendation.models import Recommendation


class Extension(Tracked):
    """A request for a later due date."""

    class State(models.TextChoices):
        ASKED = "asked", _("Requested")
        GRANTED = "granted", _("Granted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRACKED = ("from_on", "to_on", "to_is_month", "state", "decided_by_id", "decided_on", "decision_id")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="extensions")
    from_on = models.DateField(_("due date when requested"))
    to_on = models.DateField(_("date requested"))
    to_is_month = models.BooleanField(_("the date requested is a month"), default=False)
    reason = models.ForeignKey(FreeText, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("requested at"))
    day = models.DateField(_("day in Europe/London"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(_("decided on"), null=True)
    decision = models.ForeignKey(FreeText, models.PROTECT, null=True, related_name="+")
    # Older than the rule that it takes two people.
    is_exempt = models.BooleanField(_("decided by whoever requested it"), default=False, editable=False)

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["recommendation"], condition=Q(state="asked"), name="one_extension_is_asked_at_a_time"
            ),
            models.CheckConstraint(condition=Q(to_on__gt=models.F("from_on")), name="an_extension_is_later"),
            models.CheckConstraint(
                condition=Q(is_exempt=True)
                | Q(state="withdrawn")
                | Q(decided_by=None)
                | ~Q(decided_by=models.F("asked_by")),
                name="an_extension_takes_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_on} to {self.to_on}"

    @property
    def before(self) -> str:
        return format_date(self.from_on, "j F Y")

    @property
    def after(self) -> str:
        """The date asked for, as it was given: a day or a month."""
        return format_date(self.to_on, "F Y" if self.to_is_month else "j F Y")

    def audit_scope(self) -> dict[str, int | None]:
        return self.recommendation.audit_scope()
