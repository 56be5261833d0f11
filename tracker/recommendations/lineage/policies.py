"""Who can link recommendations, and to what."""

from django.db.models import Q, QuerySet

from tracker.accounts.policies import Access, upwards
from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.policies import leads, visible_recommendations


def visible_lineage(access: Access) -> QuerySet[Lineage]:
    """Links of which the person may see both ends."""
    seen = visible_recommendations(access).values("pk")
    return Lineage.objects.filter(earlier__in=seen, later__in=seen)


def may_be_repeated(access: Access, item: Recommendation) -> RecommendationQuerySet:
    """What `item` may repeat: to the same addressee or in its line, from an earlier report or carried over from before.

    Not what it is linked to already, but for what was found not to be so.
    """
    path = item.addressee.path
    line = Q(addressee__path__in=upwards(path)) | Q(addressee__path__startswith=path)
    earlier = Q(inspection__published_to__lt=item.inspection.published_from)
    if not item.is_previous:
        earlier |= Q(is_previous=True, inspection__published_from__lte=item.inspection.published_from)
    linked = Lineage.objects.filter(later=item).exclude(state=Lineage.State.REJECTED)
    rows = visible_recommendations(access).filter(line, earlier).exclude(pk__in=linked.values("earlier"))
    return rows.exclude(pk=item.pk).order_by("-inspection__published_to", "inspection", "is_previous", "position")


def can_link_earlier(access: Access, item: Recommendation) -> bool:
    return leads(access, item)


def can_confirm_lineage(access: Access, link: Lineage) -> bool:
    """The lead of the later one confirms or rejects it."""
    return leads(access, link.later)


def can_carry(access: Access, link: Lineage) -> bool:
    """The lead of the earlier one gives it to the later, once the lead of that one has confirmed the link."""
    return leads(access, link.earlier)


def can_unlink_successor(access: Access, item: Recommendation) -> bool:
    carrier = item.carried_by
    return leads(access, item) or (carrier is not None and leads(access, carrier))
