"""Recent changes by other people, for Home and the overview."""

import datetime

from django.db.models import Q

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event, EventQuerySet
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.recommendation.drafts import told_events
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.policies import owned, visible_recommendations
from tracker.recommendations.recommendation.queries import RATED_EARLY
from tracker.recommendations.timeline.queries import TITLES


def recent_changes(access: Access, *, days: int = 7, most: int = 10) -> list[tuple[Recommendation, Event]]:
    """What others did in the last days to what the person owns or leads, newest first; for reviewers and readers
    to all they see.
    """
    theirs = Recommendation.objects.filter(
        may_be_seen(access, "inspection__"), owned(access) | Q(addressee__in=access.led_ids)
    )
    if any(access.has(role) for role in (Membership.Role.REVIEWER, *Membership.READ_ONLY)):
        theirs = visible_recommendations(access)
    lately = Q(day__gt=access.on - datetime.timedelta(days=days))
    return with_items(access, changes_by_others(access, theirs).filter(lately), most)


def changes_by_others(access: Access, items: RecommendationQuerySet) -> EventQuerySet:
    """Recent events of other people about these."""
    events = Event.objects.filter(
        recommendation_id__in=items.values("pk"), day__lte=access.on, actor__isnull=False, verb__in=TITLES
    )
    return (
        told_events(access, events)
        # Comments stand on the page: an internal one is not even mentioned here. Nor is what a report found that was
        # under embargo.
        .exclude(verb__in=("recommendation.commented", RATED_EARLY))
        .exclude(actor=access.user)
    )


def with_items(access: Access, rows: EventQuerySet, most: int) -> list[tuple[Recommendation, Event]]:
    """The newest first, each with its recommendation. Two queries."""
    events = list(rows.select_related("actor", "in_place_of", "why").newest_first()[:most])
    items = Recommendation.objects.for_rows(on=access.on).in_bulk([event.recommendation_id for event in events])
    return [(items[event.recommendation_id], event) for event in events if event.recommendation_id in items]
