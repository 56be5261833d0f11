"""Changes since a person's last visit to the overview."""

import datetime
from dataclasses import dataclass

from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.page.queries import changes_by_others, with_items
from tracker.recommendations.timeline.queries import Entry, entry_of
from tracker.reviews.models import LastLook

NEWEST = 5


@dataclass(frozen=True)
class Looked:
    """`count` of all changes by others to what the person sees, and the newest; `since` is None at the first look."""

    since: datetime.datetime | None
    count: int
    changes: list[tuple[Recommendation, Entry]]

    @property
    def more(self) -> int:
        return self.count - len(self.changes)

    @property
    def day_before(self) -> datetime.date | None:
        """What moved since the end of it holds all that changed since the look."""
        return (self.since - datetime.timedelta(days=1)).date() if self.since else None


def changed_since(access: Access, look: LastLook, items: RecommendationQuerySet) -> Looked:
    """A constant number of queries."""
    if look.since_at is None:
        return Looked(None, 0, [])
    events = changes_by_others(access, items).filter(pk__gt=look.since_event_id)
    newest = with_items(access, events, NEWEST)
    return Looked(
        # The day in Europe/London.
        look.since_at.astimezone(access.at.tzinfo),
        events.count(),
        # Old and new values are not shown here, so no names are needed.
        [(item, entry_of(event, {})) for item, event in newest],
    )
