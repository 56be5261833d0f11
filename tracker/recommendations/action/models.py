"""Actions on recommendations. They never set progress: doing something is not the same as improving."""

import datetime
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.history.models import FreeText, Tracked
from tracker.inspections.models import Inspection
from tracker.recommendations.recommendation.models import Recommendation

Status = Recommendation.Status
# A sign-off ends no action: what is still open then carries on until it is done or dropped.
WORKED_ON = (Status.OPEN, Status.SUBMITTED, Status.SIGNED_OFF)


def is_worked_on(items: Iterable[Recommendation]) -> bool:
    """Whether an action that answers these can still be done or dropped."""
    return any(item.status in WORKED_ON and item.carried_by_id is None for item in items)


class ActionQuerySet(models.QuerySet["Action"]):
    def open(self) -> "ActionQuerySet":
        """Not done, not dropped, and for at least one recommendation whose actions are still worked on."""
        wanted = Recommendation.objects.filter(status__in=WORKED_ON, carried_by=None)
        return self.filter(state=Action.State.OPEN, pk__in=wanted.values("actions"))

    def overdue(self, *, on: datetime.date) -> "ActionQuerySet":
        return self.open().filter(due_on__lt=on)


class Action(Tracked):
    """One step, for one or more recommendations of one inspection to one addressee.

    `done_by` is in words, for bodies without accounts ("Kent Police"). What was written is in FreeText rows.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Not done")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    TRACKED = (
        "inspection_id",
        "addressee_id",
        "words_id",
        "done_by_id",
        "owner_id",
        "due_on",
        "due_is_month",
        "original_due_on",
        "state",
        "done_on",
        "stuck_since",
        "stuck_because_id",
        "said_on",
        "answers",
        "version",
    )

    recommendations = models.ManyToManyField(Recommendation, related_name="actions")
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="actions")
    addressee = models.ForeignKey(Organisation, models.PROTECT, related_name="actions")
    words = models.ForeignKey(FreeText, models.PROTECT, related_name="+")
    done_by = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="owned_actions")
    due_on = models.DateField(_("due date"), null=True, blank=True)
    due_is_month = models.BooleanField(_("the due date is a month"), default=False)
    original_due_on = models.DateField(_("original due date"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    stuck_since = models.DateField(_("blocked since"), null=True, blank=True)
    stuck_because = models.ForeignKey(FreeText, models.PROTECT, null=True, blank=True, related_name="+")
    # The last day on which its owner said anything of it, also "not yet".
    said_on = models.DateField(_("last update on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    # Where actions_waiting() fetched it: nobody, or somebody who has lost access since.
    has_no_owner: bool

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=["owner", "state", "due_on", "id"], name="actions_by_owner_and_due"),
            models.Index(fields=["addressee", "state", "due_on", "id"], name="actions_by_addressee_and_due"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="done_is_done_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(stuck_since=None, stuck_because=None)
                | Q(stuck_since__isnull=False, stuck_because__isnull=False),
                name="what_is_stuck_says_why",
            ),
        )

    def __str__(self) -> str:
        return str(self.words)

    @property
    def answers(self) -> list[int]:
        """The ids of the recommendations it answers, in order."""
        return sorted(item.pk for item in self.recommendations.all())

    def days_overdue(self, on: datetime.date) -> int:
        """0 when it is not overdue."""
        if self.state != self.State.OPEN or self.due_on is None:
            return 0
        return max((on - self.due_on).days, 0)

    def audit_scope(self) -> dict[str, int | None]:
        return {"inspection_id": self.inspection_id, "organisation_id": self.addressee_id}
