"""Who can record the response."""

from tracker.accounts.policies import Access
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import leads


def can_respond(access: Access, item: Recommendation) -> bool:
    return leads(access, item) and item.carried_by_id is None
