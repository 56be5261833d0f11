"""The only reader of the time: views and tasks ask here and hand the day on."""

import datetime

from django.conf import settings
from django.utils import timezone


def today() -> datetime.date:
    """The day in Europe/London, or TRACKER_TODAY where that is allowed."""
    return settings.TODAY or timezone.now().astimezone(settings.LONDON).date()


def now() -> datetime.datetime:
    """This instant, aware; on the day of TRACKER_TODAY where that is allowed."""
    instant = timezone.now().astimezone(settings.LONDON)
    if settings.TODAY is None:
        return instant
    return datetime.datetime.combine(settings.TODAY, instant.time(), tzinfo=settings.LONDON)
