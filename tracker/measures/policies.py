"""Who gives the readings of a measure."""

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, MeasureQuerySet


def can_supply(access: Access, measure: Measure) -> bool:
    """The supplier who is named for it, while they have a role that changes something."""
    return access.may_own and measure.supplier_id == access.user.pk


def supplied(access: Access) -> MeasureQuerySet:
    """Every current measure that this person supplies."""
    rows = Measure.objects.current().filter(pk__in=published(access).values("pk"))
    return rows.filter(supplier=access.user) if access.may_own else rows.none()


def published(access: Access) -> MeasureQuerySet:
    """Of reports that the person may see, speaking for something in such a report or for nothing."""
    rows = Measure.objects.filter(may_be_seen(access, "inspection__"))
    return rows.filter(may_be_seen(access, "links__recommendation__inspection__")).distinct()
