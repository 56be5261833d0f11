"""Which recommendations a person sees, and what they may do with each."""

from django.db.models import Q, QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.recommendations.models import Finding, Recommendation, RecommendationQuerySet


def visible_recommendations(access: Access) -> RecommendationQuerySet:
    """What is addressed to the person's organisations or below, what stands in a report on them, and what they own."""
    if access.sees_everything:
        return Recommendation.objects.all()
    here = access.organisation_ids
    return Recommendation.objects.filter(
        Q(addressee__in=here)
        | Q(inspection__organisation__in=here)
        | Q(pk__in=Finding.objects.filter(inspection__organisation__in=here).values("recommendation"))
        | owned(access)
    )


def owned(access: Access) -> Q:
    """What the person owns: nothing, once they have no role that lets them own."""
    return Q(owner=access.user) if access.may_own else Q(pk__in=[])


def visible_inspections(access: Access) -> QuerySet[Inspection]:
    """Reports on the person's organisations or below, and any that prints a recommendation they may see.

    Naming an owner from elsewhere shows them the report, but of its recommendations only theirs.
    """
    if access.sees_everything:
        return Inspection.objects.all()
    theirs = Recommendation.objects.filter(Q(addressee__in=access.organisation_ids) | owned(access))
    return Inspection.objects.filter(
        Q(organisation__in=access.organisation_ids)
        | Q(pk__in=theirs.values("inspection"))
        | Q(pk__in=Finding.objects.filter(recommendation__in=theirs).values("inspection"))
    )


def leads(access: Access, recommendation: Recommendation) -> bool:
    """Is a lead of exactly the addressee, or of the nearest one above where the addressee has none."""
    return recommendation.addressee_id in access.led_ids


def leads_from_above(access: Access, recommendation: Recommendation) -> bool:
    """Acts as lead for an addressee that has none of its own."""
    return leads(access, recommendation) and not access.has(Membership.Role.LEAD, recommendation.addressee)


def owns(access: Access, recommendation: Recommendation) -> bool:
    return access.may_own and recommendation.owner_id == access.user.pk


def can_plan(access: Access, recommendation: Recommendation) -> bool:
    """May name the owner and set the due date."""
    return leads(access, recommendation)


def can_report(access: Access, recommendation: Recommendation) -> bool:
    return owns(access, recommendation) or leads(access, recommendation)


def can_change(access: Access, recommendation: Recommendation) -> bool:
    return can_plan(access, recommendation) or can_report(access, recommendation)
