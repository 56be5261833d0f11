"""Which measures a person sees, and who decides what is measured."""

from django.db.models import Q

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, MeasureQuerySet
from tracker.measures.policies import supplied
from tracker.recommendations.measure.models import MeasureLink
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_plan, visible_recommendations


def visible_measures(access: Access) -> MeasureQuerySet:
    """What speaks for a recommendation that the person sees, and what they supply."""
    seen = MeasureLink.objects.filter(recommendation__in=visible_recommendations(access))
    rows = Measure.objects.filter(Q(pk__in=seen.values("measure")) | Q(pk__in=supplied(access).values("pk")))
    return rows.filter(may_be_seen(access, "inspection__"))


def can_add_measure(access: Access, item: Recommendation) -> bool:
    """The lead adds measures."""
    return can_plan(access, item)


def can_change_measure(access: Access, measure: Measure) -> bool:
    """A lead of any recommendation that it speaks for. One query."""
    return measure.links.filter(recommendation__addressee__in=access.led_ids).exists()
