"""What is kept of looking at the record."""

import datetime

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.task.queries import already_counted, count_waiting
from tracker.reviews.models import WaitingCount

# What no event tells: an embargo that ends at its minute, an event that was committed after a later one.
AT_MOST = datetime.timedelta(minutes=1)


def badge_count(access: Access) -> int:
    """How many things wait for this person: counted anew after every event, each day, and once a minute.

    Every change is an event, so what was counted after the last one still holds; counting asks some twenty questions.
    """
    if (counted_here := already_counted(access)) is not None:
        return counted_here
    last_event = Event.objects.newest_first().values_list("pk", flat=True).first() or 0
    lately = (access.at - AT_MOST, access.at)
    still_true = WaitingCount.objects.filter(
        person=access.user, day=access.on, last_event_id=last_event, counted_at__range=lately
    )
    known = still_true.values_list("count", flat=True).first()
    if known is not None:
        return known
    counted = WaitingCount(
        person=access.user,
        count=count_waiting(access),
        day=access.on,
        last_event_id=last_event,
        counted_at=access.at,
    )
    WaitingCount.objects.bulk_create(
        [counted],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["count", "day", "last_event_id", "counted_at"],
    )
    return counted.count
