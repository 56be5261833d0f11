"""Helpers of operations: lock rows, refuse outdated pages, write changes."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.models import FreeText
from tracker.history.operations import Conflict, Operation, save_changes, snapshot
from tracker.inspections.queries import is_under_embargo
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.queries import last_event_id


def lock(pk: int) -> Recommendation:
    """The row, locked until the end of the operation.

    Every verb that changes what stands on a recommendation's page holds it first, so that what a reviewer signs is what
    was on the screen.
    """
    rows = Recommendation.objects.select_for_update(of=("self",))
    return rows.select_related("addressee", "inspection", "owner").get(pk=pk)


def lock_all(pks: Iterable[int]) -> list[Recommendation]:
    """Lock several rows, always in the same order, so that two operations cannot deadlock."""
    rows = Recommendation.objects.select_for_update(of=("self",)).filter(pk__in=list(pks)).order_by("pk")
    return list(rows.select_related("addressee", "inspection", "owner"))


def refuse_newer(item: Recommendation, seen_event: int) -> None:
    """Raises Conflict when something has happened to the held `item` since the event that the person was shown last."""
    if last_event_id(item) != seen_event:
        raise Conflict


def refuse_embargoed(item: Recommendation, op: Operation, field: str) -> None:
    """Public recommendations must not refer to a report under embargo."""
    if is_under_embargo(item.inspection, op.at):
        raise ValidationError({field: _("%(title)s is still under embargo.") % {"title": item.title}})


def refuse_unless_open(item: Recommendation) -> None:
    if item.carried_by is not None:
        raise ValidationError(
            _("It is carried forward in %(later)s of %(report)s. Do this there.")
            % {"later": item.carried_by.title, "report": item.carried_by.inspection}
        )
    if item.status != Recommendation.Status.OPEN:
        raise ValidationError(
            _("It is no longer open (%(status)s), so you cannot do this now.")
            % {"status": item.get_status_display().lower()}
        )


def update_and_record(
    item: Recommendation, op: Operation, verb: str, *, why: FreeText | None = None, **values: Any
) -> Recommendation:
    """Write these columns of the held row, with their event. Nothing is written where nothing changes."""
    before = snapshot(item)
    save_changes(item, item.version, values)
    op.record(verb, item, before=before, why=why)
    return item
