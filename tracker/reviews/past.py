"""The record as at the end of a past day, for a person with the access they have today."""

import contextlib
import datetime
from collections.abc import Collection, Iterator

from tracker.accounts.policies import Access
from tracker.history.models import Tracked
from tracker.history.past import Without, as_of
from tracker.inspections.models import Inspection
from tracker.inspections.policies import hidden_inspections
from tracker.reviews.policies import onlooker
from tracker.web.today import now, standing_at, today


@contextlib.contextmanager
def seen_then(present: Access, day: datetime.date, *, copied: Collection[type[Tracked]] = ()) -> Iterator[Access]:
    """Inside, the tables stand as they did, and whoever asks for the time is told that day's end.

    Gives what the person may see then: what their roles of today show, and nothing of a report that they may not see
    today. They may do nothing. Whatever is written inside is undone.
    """
    without: Without = {Inspection: list(hidden_inspections(present))}
    places = present.organisation_ids
    with standing_at(day), as_of(day, without=without, copied=copied, apart=["reviews"]):
        yield onlooker(present, today(), now(), places)
