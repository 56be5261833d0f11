"""People who are away, and who covers for them."""

import datetime

from tests.base import TODAY
from tracker.accounts.models import Cover, User

DAY = datetime.timedelta(days=1)


def away(person: User, cover: User, *, since: int = 3, until: int = 10, ended: int | None = None) -> Cover:
    """From so many days before today until so many after; `ended` early so many days from today. Without its verb."""
    return Cover.objects.create(
        person=person,
        cover=cover,
        from_on=TODAY - since * DAY,
        until_on=TODAY + until * DAY,
        ended_on=None if ended is None else TODAY + ended * DAY,
        named_by=person,
    )
