"""Records visits to the overview. They are not part of the record and have no event."""

import datetime

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.reviews.models import LastLook

# Away for so long, and the next look begins a new sitting; within one, a look is written down once in so many minutes.
A_SITTING = datetime.timedelta(hours=1)
AT_MOST_EVERY = datetime.timedelta(minutes=5)


def look(access: Access, *, is_kept: bool = True) -> LastLook:
    """The person looks now: the row says since when changes are counted.

    Not `is_kept`: only a part is looked at, or on another's behalf; nothing is written.
    """
    last_event = Event.objects.newest_first().values_list("pk", flat=True).first() or 0
    held = LastLook.objects.filter(person=access.user).first()
    if held is None:
        first = LastLook(person=access.user, looked_at=access.at, event_id=last_event)
        if is_kept:
            LastLook.objects.bulk_create([first], ignore_conflicts=True)
        return first
    seen_at, away = held.looked_at, access.at - held.looked_at
    if away >= A_SITTING:
        held.since_at, held.since_event_id = held.looked_at, held.event_id
    if away >= AT_MOST_EVERY:
        held.looked_at, held.event_id = access.at, last_event
        if is_kept:
            # If another tab was faster, its visit counts.
            LastLook.objects.filter(person=access.user, looked_at=seen_at).update(
                looked_at=held.looked_at,
                event_id=held.event_id,
                since_at=held.since_at,
                since_event_id=held.since_event_id,
            )
    return held
