"""Sets one owner or one due date for several recommendations, for all or none."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.history.operations import Actor, Conflict, operation
from tracker.recommendations.due.operations import refuse_later, replan
from tracker.recommendations.recommendation.models import Plan, Recommendation
from tracker.recommendations.recommendation.operations import lock_all, refuse_unless_open


@dataclass(frozen=True)
class Wanted:
    """What several are changed to; what is None stays. `weeks` count from the last day of publication."""

    owner: User | None = None
    due_on: datetime.date | None = None
    due_is_month: bool = False
    weeks: int | None = None
    reason: str = ""

    @property
    def mark(self) -> str:
        """A hash of the requested change."""
        return f"{self.owner.pk if self.owner else 0} {self.due_on} {self.due_is_month} {self.weeks}"

    def plan_for(self, item: Recommendation) -> Plan:
        owner = self.owner or item.owner
        if self.weeks is not None:
            due_on = item.inspection.published_to + datetime.timedelta(weeks=self.weeks)
            return Plan(owner, due_on, self.reason, due_set_by=item.due_set_by)
        if self.due_on is not None:
            return Plan(owner, self.due_on, self.reason, self.due_is_month, due_set_by=item.due_set_by)
        return Plan(owner, item.due_on, self.reason, item.due_is_month, item.review_on, item.due_set_by)


@dataclass(frozen=True)
class Outcome:
    """What would become of one row: from what to what, or why not. `is_change` is False where it is so already."""

    item: Recommendation
    owner: tuple[str, str]
    due: tuple[str, str]
    refused: str = ""

    @property
    def is_change(self) -> bool:
        return not self.refused and (self.owner[0] != self.owner[1] or self.due[0] != self.due[1])

    @property
    def mark(self) -> str:
        """The row and the version that was shown."""
        return f"{self.item.pk}-{self.item.version}"


def outcome_of(item: Recommendation, wanted: Wanted, *, may_plan: bool) -> Outcome:
    """A preview: nothing is changed."""
    plan = wanted.plan_for(item)
    owner = (str(item.owner or _("nobody")), str(plan.owner or _("nobody")))
    day = format_date(plan.due_on, "F Y" if plan.due_is_month else "j F Y") if plan.due_on else item.due
    refused = "" if may_plan else _("You are not a lead of the organisation it is addressed to.")
    try:
        refuse_unless_open(item)
        if plan.due_on != item.due_on:
            refuse_later(item, plan.due_on)
    except ValidationError as error:
        refused = refused or " ".join(error.messages)
    return Outcome(item, owner, (item.due or _("no date"), day or _("no date")), refused)


def change_many(
    versions: Mapping[int, int],
    *,
    wanted: Wanted,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> int:
    """`versions` is {id: the version that was shown}; Conflict when any row is newer. Gives how many were changed.

    A row costs six queries at the most, and one where nothing changes.
    """
    with operation(by=by, at=at, key=key) as op:
        items = lock_all(versions)
        if any(item.version != versions[item.pk] for item in items) or len(items) != len(versions):
            raise Conflict
        changed = 0
        for item in items:
            try:
                refuse_unless_open(item)
                replan(item, wanted.plan_for(item), op)
            except ValidationError as error:
                said = " ".join(error.messages)
                raise ValidationError(_("%(title)s: %(said)s") % {"title": item.title, "said": said}) from error
            changed += item.version != versions[item.pk]
    return changed
