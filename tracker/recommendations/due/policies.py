"""Who requests an extension. Who decides: decision/policies.py."""

from tracker.accounts.policies import Access
from tracker.recommendations.decision.policies import Deciders, deciders_of
from tracker.recommendations.due.models import Extension
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import leads
from tracker.recommendations.recommendation.progress import DateSetBy


def can_set_due(access: Access, item: Recommendation) -> bool:
    return leads(access, item)


def can_ask_extension(access: Access, item: Recommendation) -> bool:
    """The lead, not the owner."""
    return leads(access, item)


def can_withdraw_extension(access: Access, extension: Extension) -> bool:
    return leads(access, extension.recommendation)


def extension_deciders(access: Access, item: Recommendation) -> Deciders:
    """With whom a later due date of it waits, or would wait."""
    return deciders_of(item, access.on, nationally=item.due_set_by != DateSetBy.LEAD)
