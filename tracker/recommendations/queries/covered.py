"""Both names where somebody covered: for who is away, and for what was done in their place."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from tracker.accounts.models import Cover
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.models import RecommendationQuerySet


def covered_for(words: str) -> Subquery:
    """For rows about a recommendation whose event holds these words: the name of whom the writer covered for in it."""
    events = Event.objects.filter(why=OuterRef(words), recommendation_id=OuterRef("recommendation"))
    return Subquery(events.filter(in_place_of__isnull=False).values("in_place_of__name")[:1])


def with_cover_of_owner(rows: RecommendationQuerySet, access: Access) -> RecommendationQuerySet:
    """With `owner_covered_by` and `owner_away_until` where the owner is away that day. No query of its own."""

    def of_owner(column: str) -> Any:
        covers: QuerySet[Cover] = Cover.objects.holding(access.on).filter(person=OuterRef("owner"))
        return Subquery(covers.values(column)[:1])

    return rows.annotate(owner_covered_by=of_owner("cover__name"), owner_away_until=of_owner("until_on"))
