"""Who covers for whom, on which days."""

import datetime

from django.db.models import F, Q, QuerySet

from tracker.accounts.models import Cover, User


def covers_of(person: User, on: datetime.date) -> QuerySet[Cover]:
    """Covers for this person on that day and later, earliest first."""
    return Cover.objects.not_over(on).filter(person=person).select_related("person", "cover")


def covered_by(person: User, on: datetime.date) -> QuerySet[Cover]:
    """Covers by this person on that day."""
    return Cover.objects.holding(on).filter(cover=person).select_related("person", "cover")


def covering_later(person: User, on: datetime.date) -> QuerySet[Cover]:
    """Covers by this person that start later."""
    return Cover.objects.not_over(on).filter(cover=person, from_on__gt=on).select_related("person", "cover")


def overlapping(person: User, from_on: datetime.date, until_on: datetime.date) -> QuerySet[Cover]:
    """Covers for this person on any of these days."""
    rows = Cover.objects.filter(person=person, from_on__lte=until_on, until_on__gte=from_on)
    return rows.filter(Q(ended_on=None) | (Q(ended_on__gt=from_on) & Q(ended_on__gt=F("from_on"))))
