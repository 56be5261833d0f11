"""Who can record readings, and which measures are visible."""

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, MeasureQuerySet


def can_supply(access: Access, measure: Measure) -> bool:
    """Its supplier, while their role is not read-only, and whoever covers for them."""
    return measure.supplier_id in access.owners


def supplied(access: Access) -> MeasureQuerySet:
    """Current measures that this person, or somebody they cover for, supplies."""
    rows = Measure.objects.current().filter(pk__in=published(access).values("pk"))
    return rows.filter(supplier__in=access.owners)


def published(access: Access) -> MeasureQuerySet:
    """Measures of visible reports that are linked to a visible report or to no recommendation."""
    rows = Measure.objects.filter(may_be_seen(access, "inspection__"))
    return rows.filter(may_be_seen(access, "links__recommendation__inspection__")).distinct()
