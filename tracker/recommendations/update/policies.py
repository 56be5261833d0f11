"""Who can correct an update."""

from tracker.accounts.policies import Access
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_report, leads
from tracker.recommendations.update.models import Update


def can_correct(access: Access, item: Recommendation, update: Update) -> bool:
    """One's own update of `item`, or any as its lead. It is corrected by another update and stays as it is."""
    return can_report(access, item) and (update.author_id in access.owners or leads(access, item))
