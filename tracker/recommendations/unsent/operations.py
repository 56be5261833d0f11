"""What somebody is typing and has not sent. No events: nothing has happened yet."""

import datetime

from tracker.accounts.models import User
from tracker.recommendations.unsent.models import Unsent

UNSENT_KEPT = datetime.timedelta(days=30)


def save_unsent(person: User, place: str, values: dict[str, str | list[str]], *, at: datetime.datetime) -> None:
    """In place of what was kept before; nothing typed leaves nothing behind."""
    if not values:
        discard_unsent(person, place)
        return
    Unsent.objects.update_or_create(person=person, place=place, defaults={"values": values, "saved_at": at})


def discard_unsent(person: User, place: str) -> None:
    Unsent.objects.filter(person=person, place=place).delete()


def forget_unsent(*, at: datetime.datetime) -> None:
    """What nobody has come back to for a month."""
    Unsent.objects.filter(saved_at__lt=at - UNSENT_KEPT).delete()
