"""Which recommendations a person sees, and what they may do with each."""

from django.db.models import Q, QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.action.models import Action
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet


def visible_recommendations(access: Access) -> RecommendationQuerySet:
    """What is addressed to the person's organisations or below, what stands in a report on them, and what they own.

    Nothing of a report under embargo, but for those whom it names.
    """
    if "visible_recommendations" not in access.request_cache:
        access.request_cache["visible_recommendations"] = _visible(access)
    rows: RecommendationQuerySet = access.request_cache["visible_recommendations"]
    return rows.all()


def _visible(access: Access) -> RecommendationQuerySet:
    """Built once a page, as many parts of a page filter by it."""
    rows = Recommendation.objects.filter(may_be_seen(access, "inspection__"))
    if access.sees_everything:
        return rows
    here = access.organisation_ids
    reports = Inspection.objects.filter(may_be_seen(access), organisation__in=here)
    return rows.filter(
        Q(addressee__in=here)
        | Q(inspection__organisation__in=here)
        | Q(pk__in=Finding.objects.filter(inspection__in=reports).values("recommendation"))
        | owned(access)
        | Q(pk__in=Action.objects.filter(_own_actions(access)).values("recommendations"))
        | Q(pk__in=Ask.objects.filter(_own_asks(access)).values("recommendation"))
    )


def owned(access: Access) -> Q:
    """What the person owns, or who they cover: nothing, once they have no role that lets them own."""
    return Q(owner__in=access.recommendation_owners)


def _own_actions(access: Access) -> Q:
    """Owning an action shows a person from elsewhere its recommendations and nothing more."""
    return Q(owner__in=access.owners)


def _own_asks(access: Access) -> Q:
    """The same for requests."""
    return Q(person__in=access.owners)


def visible_inspections(access: Access) -> QuerySet[Inspection]:
    """Reports on the person's organisations or below, and any that prints a recommendation they may see.

    Naming an owner from elsewhere shows them the report, but of its recommendations only theirs.
    """
    rows = Inspection.objects.filter(may_be_seen(access))
    if access.sees_everything:
        return rows
    here = access.organisation_ids
    theirs = Recommendation.objects.filter(
        Q(addressee__in=here)
        | owned(access)
        | Q(pk__in=Action.objects.filter(_own_actions(access)).values("recommendations"))
        | Q(pk__in=Ask.objects.filter(_own_asks(access)).values("recommendation"))
    )
    return rows.filter(
        Q(organisation__in=here)
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
    return recommendation.owner_id in access.recommendation_owners


def can_plan(access: Access, recommendation: Recommendation) -> bool:
    """May name the owner and set the due date; what a later one carries has both from there."""
    return leads(access, recommendation) and recommendation.carried_by_id is None


def can_report(access: Access, recommendation: Recommendation) -> bool:
    """Owners and leads, but for administrators, who have no say over progress."""
    if recommendation.carried_by_id is not None or access.administers:
        return False
    return owns(access, recommendation) or leads(access, recommendation)


def can_change(access: Access, recommendation: Recommendation) -> bool:
    return can_plan(access, recommendation) or can_report(access, recommendation)
