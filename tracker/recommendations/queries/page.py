"""What has happened to all that stands on the page of one recommendation."""

from django.db.models import Q

from tracker.history.models import Event, EventQuerySet
from tracker.measures.models import Reading
from tracker.recommendations.models import Recommendation

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
