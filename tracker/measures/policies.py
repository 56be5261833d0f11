"""Who gives the readings of a measure."""

from tracker.accounts.policies import Access
from tracker.measures.models import Measure, MeasureQuerySet


def can_supply(access: Access, measure: Measure) -> bool:
    """The supplier who is named for it, while they have a role that changes something."""
    return access.may_own and measure.supplier_id == access.user.pk


def supplied(access: Access) -> MeasureQuerySet:
    """Every current measure that this person supplies."""
    rows = Measure.objects.current()
    return rows.filter(supplier=access.user) if access.may_own else rows.none()
