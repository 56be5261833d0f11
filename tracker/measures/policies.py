"""Who gives the readings of a measure."""

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, MeasureQuerySet


def can_supply(access: Access, measure: Measure) -> bool:
    """The supplier who is named for it, while they have a role that changes something, and who covers for them."""
    return measure.supplier_id in access.owners


def supplied(access: Access) -> MeasureQuerySet:
    """Every current measure that this person supplies, or who they cover."""
    rows = Measure.objects.current().filter(pk__in=published(access).values("pk"))
    return rows.filter(supplier__in=access.owners)


def published(access: Access) -> MeasureQuerySet:
    """Of reports that the person may see, speaking for something in such a report or for nothing."""
    rows = Measure.objects.filter(may_be_seen(access, "inspection__"))
    return rows.filter(may_be_seen(access, "links__recommendation__inspection__")).distinct()
