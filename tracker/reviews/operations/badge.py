"""The number of tasks beside "Home" on every page."""

import datetime

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.task.queries import already_counted, count_waiting
from tracker.reviews.models import WaitingCount

# For changes without an event: an embargo that ends, or an event committed after a later one.
AT_MOST = datetime.timedelta(minutes=1)


def known_count(access: Access) -> int | None:
    """How many tasks this person has, if that was counted after the last event, today and within the last minute.

    Every change is an event, so what was counted after the last one still holds.
    """
    if (counted_here := already_counted(access)) is not None:
        return counted_here
    lately = (access.at - AT_MOST, access.at)
    still_true = WaitingCount.objects.filter(
        person=access.user, day=access.on, last_event_id=_last_event(), counted_at__range=lately
    )
    return still_true.values_list("count", flat=True).first()


def badge_count(access: Access) -> int:
    """The stored count, or a new one. Counting takes about twenty queries, and the result is stored."""
    if (known := known_count(access)) is not None:
        return known
    counted = WaitingCount(
        person=access.user,
        last_event_id=_last_event(),
        count=count_waiting(access),
        day=access.on,
        counted_at=access.at,
    )
    WaitingCount.objects.bulk_create(
        [counted],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["count", "day", "last_event_id", "counted_at"],
    )
    return counted.count


def _last_event() -> int:
    return Event.objects.newest_first().values_list("pk", flat=True).first() or 0
