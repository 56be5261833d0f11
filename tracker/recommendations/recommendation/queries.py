"""Events of one recommendation and of everything on its page."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import Cover
from tracker.accounts.policies import Access
from tracker.history.models import Event, EventQuerySet
from tracker.measures.models import Reading
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet

# Rated again by HMIP in a report that was under embargo when it was loaded.
RATED_EARLY = "recommendation.rated_early"


def events_of(item: Recommendation) -> EventQuerySet:
    """Of the recommendation itself, and of its evidence, actions, asks, measures and so on."""
    links = item.measure_links.values("measure")
    return Event.objects.filter(
        Q(recommendation_id=item.pk)
        | Q(subject_type="action", subject_id__in=item.actions.values("pk"))
        | Q(subject_type="measure", subject_id__in=links)
        | Q(subject_type="reading", subject_id__in=Reading.objects.filter(measure__in=links).values("pk"))
    )


def last_event_id(item: Recommendation) -> int:
    """0 for what has no history. What a report under embargo found stands on few screens, and is not waited for."""
    return events_of(item).exclude(verb=RATED_EARLY).order_by("-pk").values_list("pk", flat=True).first() or 0


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
