"""What a recommendation may be marked with on a day: lists, counts, boards and chasing share these conditions."""

import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q

from tracker.accounts.models import Membership
from tracker.recommendations.recommendation.progress import Outlook
from tracker.web.workingdays import working_days_before

# What is due in so many days is due soon.
DUE_SOON_DAYS = 14

# Working days that a submission may wait for its reviewer.
REVIEW_DAYS = 10


def is_open() -> Q:
    """Open and not carried by a later one: with the later one it is owned, dated, reported on and counted."""
    return Q(status="open", carried_by=None)


def status_filters(on: datetime.date) -> dict[str, Q]:
    """Conditions of recommendations by name, put together once a day: nearly every page asks for some."""
    return dict(_status_filters(on, settings.STALE_DAYS))


@lru_cache(maxsize=32)
def _status_filters(on: datetime.date, stale_days: int) -> dict[str, Q]:
    may_own = Membership.objects.may_own_recommendations(on).filter(user=OuterRef("owner"))
    undecided = Q(carried_by=None, accepted_on=None)
    return {
        "open": is_open(),
        # Due today is not overdue.
        "overdue": is_open() & Q(due_on__lt=on),
        # Nobody, or somebody who has lost access since or has become an administrator.
        "no_owner": is_open() & Q(~Exists(may_own)),
        # "Ongoing" is no date, but its review day stands in for one until it has passed.
        "no_date": is_open() & Q(due_on=None) & (Q(review_on=None) | Q(review_on__lt=on)),
        # Unfinished after the original due date, or submitted after it; fixed by the first accepted submission.
        "slipped": (
            (undecided & Q(status="open", original_due_on__lt=on))
            | (undecided & Q(status="submitted", submitted_on__gt=F("original_due_on")))
            | Q(carried_by=None, accepted_on__gt=F("original_due_on"))
        ),
        # Nothing has moved for a number of days that is a setting.
        "stale": is_open() & Q(quiet_since__lte=on - datetime.timedelta(days=stale_days)),
        # Not late yet: due soon, or the owner says that it may come late.
        "late_next": is_open()
        & (Q(due_on=None) | Q(due_on__gte=on))
        & (
            Q(due_on__lte=on + datetime.timedelta(days=DUE_SOON_DAYS))
            | Q(outlook__in=(Outlook.AT_RISK, Outlook.WILL_MISS))
        ),
        "at_risk": is_open() & Q(outlook__in=(Outlook.AT_RISK, Outlook.WILL_MISS)),
        "no_response": is_open() & Q(response=""),
        "returned": is_open() & Q(returned_on__isnull=False),
        "submitted": Q(status="submitted", carried_by=None),
        # Counted against the reviewer's organisation and not against the owner.
        "review_late": Q(
            status="submitted", carried_by=None, submitted_on__lte=working_days_before(on, REVIEW_DAYS + 1)
        ),
        "signed_off": Q(status="signed_off", carried_by=None),
        "checked": Q(status__in=("open", "submitted"), carried_by=None, checked_progress="sufficient"),
        "gap": _gap(),
        "unsustained": Q(status="signed_off", carried_by=None, sustained_on=None),
    }


# How long something has been overdue, in days: from and to, the last without an end.
AGES: dict[str, tuple[int, int | None]] = {"14": (1, 14), "28": (15, 28), "84": (29, 84), "more": (85, None)}


def aged(on: datetime.date) -> dict[str, Q]:
    """The overdue by how late they are; each falls into one of them."""
    return {name: _overdue_for(on, *days) for name, days in AGES.items()}


def _overdue_for(on: datetime.date, least: int, most: int | None) -> Q:
    late = is_open() & Q(due_on__lte=on - datetime.timedelta(days=least))
    return late if most is None else late & Q(due_on__gte=on - datetime.timedelta(days=most))


def _gap() -> Q:
    """Unfinished, and the owner reports more than a check that is not older found, or Sufficient that is not checked.

    A check before the report says nothing about what moved since.
    """
    unchecked = Q(checked_on=None) | Q(checked_on__lt=F("reported_on"))
    more = Q(progress="some", checked_progress="no") | Q(progress="sufficient", checked_progress__in=("no", "some"))
    gap = (Q(checked_on__gte=F("reported_on")) & more) | (Q(progress="sufficient") & unchecked)
    return Q(status__in=("open", "submitted"), carried_by=None) & gap
