"""The figures that speak for it, as a part of its page."""

from tracker.accounts.policies import Access
from tracker.measures.models import Measure
from tracker.recommendations.models import Recommendation
from tracker.recommendations.queries.section import Section


def section(access: Access, item: Recommendation) -> Section | None:
    return None


def figures_to_supply(access: Access) -> list[Measure]:
    return []
