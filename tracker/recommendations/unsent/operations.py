"""What somebody is typing and has not sent. No events: nothing has happened yet."""

import datetime

from tracker.accounts.models import User
from tracker.recommendations.unsent.models import Unsent

UNSENT_KEPT = datetime.timedelta(days=30)
# The most drafts of one person. Beyond it the oldest is deleted.
MOST_UNSENT = 100


def save_unsent(person: User, place: str, values: dict[str, str | list[str]], *, at: datetime.datetime) -> None:
    """In place of what was kept before; nothing typed leaves nothing behind."""
    if not values:
        discard_unsent(person, place)
        return
    _kept, is_new = Unsent.objects.update_or_create(
        person=person, place=place, defaults={"values": values, "saved_at": at}
    )
    if is_new:
        mine = Unsent.objects.filter(person=person).order_by("-saved_at", "-pk").values_list("pk", flat=True)
        Unsent.objects.filter(pk__in=list(mine[MOST_UNSENT:])).delete()


def discard_unsent(person: User, place: str) -> None:
    Unsent.objects.filter(person=person, place=place).delete()


def forget_unsent(*, at: datetime.datetime) -> None:
    """Delete drafts that are a month old."""
    Unsent.objects.filter(saved_at__lt=at - UNSENT_KEPT).delete()
