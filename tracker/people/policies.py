"""Who asks for words and files about a person on probation to be removed, and who agrees."""

from django.db.models import Q, QuerySet

from tracker.accounts.policies import Access, administered_organisations
from tracker.people.models import Removal
from tracker.recommendations.models import Recommendation
from tracker.recommendations.policies.evidence import can_ask_removal
from tracker.recommendations.policies.recommendation import visible_recommendations
from tracker.recommendations.policies.review import DECIDING, decidable

__all__ = ["can_ask_removal", "can_decide_removal", "can_see_removals", "decidable_removals", "visible_removals"]


def can_see_removals(access: Access) -> bool:
    return any(held.role in (*DECIDING, "administrator") for held in access.held)


def visible_removals(access: Access) -> QuerySet[Removal]:
    """For administrators of the addressee or above, and for who may decide about the recommendation."""
    decided = Recommendation.objects.filter(decidable(access)).values("pk")
    here = Q(recommendation__addressee__in=administered_organisations(access)) | Q(recommendation__in=decided)
    return Removal.objects.filter(here, recommendation__in=visible_recommendations(access).values("pk"))


def decidable_removals(access: Access) -> QuerySet[Removal]:
    """It takes two people, so never what one has asked for oneself, or who one covers for."""
    decided = Recommendation.objects.filter(decidable(access)).values("pk")
    waiting = visible_removals(access).filter(state=Removal.State.ASKED, recommendation__in=decided)
    return waiting.exclude(asked_by__in=access.persons)


def can_decide_removal(access: Access, removal: Removal) -> bool:
    decided = Recommendation.objects.filter(decidable(access), pk=removal.recommendation_id)
    return removal.asked_by_id not in access.persons and decided.exists()
