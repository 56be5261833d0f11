"""Who sees evidence, adds it, withdraws it, and may ask for it to be removed for good."""

from django.db.models import QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_report, leads, visible_recommendations


def visible_evidence(access: Access) -> QuerySet[Evidence]:
    """Including withdrawn evidence, for anyone who can see the recommendation."""
    return Evidence.objects.filter(recommendation__in=visible_recommendations(access).values("pk"))


def can_add_evidence(access: Access, item: Recommendation) -> bool:
    """The owner and the leads. Not reviewers, who would be deciding about their own evidence."""
    return can_report(access, item)


def can_withdraw_evidence(access: Access, evidence: Evidence) -> bool:
    """A lead, or the person who added it. The operation checks the status."""
    item = evidence.recommendation
    is_author = evidence.author_id in access.owners
    return item.carried_by_id is None and (is_author or leads(access, item))


def can_ask_removal(access: Access, item: Recommendation) -> bool:
    """An administrator of the addressee or above, for words and files about a person on probation."""
    return access.has_at_or_above(Membership.Role.ADMINISTRATOR, item.addressee)
