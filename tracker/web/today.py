"""The only module that reads the clock. Views and tasks call it and pass the day on."""

import contextlib
import contextvars
import datetime
from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

_stood_at: contextvars.ContextVar[datetime.date | None] = contextvars.ContextVar("stood_at", default=None)


def today() -> datetime.date:
    """The day in Europe/London, or TRACKER_TODAY where that is allowed; inside `standing_at`, that day."""
    return _stood_at.get() or settings.TODAY or timezone.now().astimezone(settings.LONDON).date()


def now() -> datetime.datetime:
    """This instant, aware; on the day of TRACKER_TODAY where that is allowed; inside `standing_at`, that day's end."""
    if (stood_at := _stood_at.get()) is not None:
        return datetime.datetime.combine(stood_at, datetime.time.max, tzinfo=settings.LONDON)
    instant = timezone.now().astimezone(settings.LONDON)
    if settings.TODAY is None:
        return instant
    return datetime.datetime.combine(settings.TODAY, instant.time(), tzinfo=settings.LONDON)


@contextlib.contextmanager
def standing_at(day: datetime.date) -> Iterator[None]:
    """Inside this context, now() and today() give the end of that day."""
    token = _stood_at.set(day)
    try:
        yield
    finally:
        _stood_at.reset(token)
