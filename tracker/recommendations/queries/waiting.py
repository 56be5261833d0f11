"""What waits for a person."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Q

from tracker.accounts.models import Membership, Organisation
from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation, RecommendationQuerySet, marked
from tracker.recommendations.policies.recommendation import owned

DUE_SOON_DAYS = 14
DIGEST_DAYS_AHEAD = 7
ESCALATE_TO_LEAD_DAYS = 14
ESCALATE_TO_REVIEWER_DAYS = 28


class Reason:
    """Why something waits for a person. Each item waits for one reason, the most urgent."""

    OVERDUE = "overdue"
    OVERDUE_HERE = "overdue_here"
    DUE_SOON = "due_soon"
    UNPLANNED = "unplanned"
    ESCALATED = "escalated"


@dataclass(frozen=True)
class Waiting:
    reason: str
    item: Recommendation
    since: datetime.date
    days_overdue: int = 0


def waiting_for(access: Access, *, days_ahead: int = DUE_SOON_DAYS) -> list[Waiting]:
    """Everything that waits for this person on this day, each item once, most late first within its reason.

    The owner: overdue, or due within `days_ahead`. The lead: the same where they lead, and what has no owner or no
    date. The reviewer: what is overdue by 28 days or more there and below.
    """
    own, escalated = _waiting_rows(access, days_ahead)
    found = [
        _why(item, access)
        for item in own.for_rows(on=access.on).order_by(F("due_on").asc(nulls_last=True), "quiet_since", "pk")
    ]
    if escalated is not None:
        for item in escalated.for_rows(on=access.on).order_by("due_on", "pk"):
            late = item.days_overdue(access.on)
            found.append(Waiting(Reason.ESCALATED, item, item.due_on or access.on, late))
    return found


def count_waiting(access: Access) -> int:
    """How many `waiting_for` would give, without fetching them."""
    return sum(rows.count() for rows in _waiting_rows(access, DUE_SOON_DAYS) if rows is not None)


def _waiting_rows(access: Access, days_ahead: int) -> tuple[RecommendationQuerySet, RecommendationQuerySet | None]:
    """What the person owns or leads, and what reaches them as a reviewer; no row stands in both."""
    mine = owned(access)
    here = Q(addressee__in=access.led_ids)
    soon = Q(due_on__lte=access.on + datetime.timedelta(days=days_ahead))
    unplanned = here & (Q(due_on=None) | marked(access.on)["no_owner"])
    own = Recommendation.objects.open().filter(((mine | here) & soon) | unplanned)
    paths = access.paths(Membership.Role.REVIEWER)
    if not paths:
        return own, None
    below = Organisation.objects.below(*paths)
    limit = access.on - datetime.timedelta(days=ESCALATE_TO_REVIEWER_DAYS)
    escalated = Recommendation.objects.open().filter(due_on__lte=limit, addressee__in=below)
    return own, escalated.exclude(pk__in=own.values("pk"))


def _why(item: Recommendation, access: Access) -> Waiting:
    if item.due_on is not None and item.due_on < access.on:
        mine = item.owner_id == access.user.pk
        reason = Reason.OVERDUE if mine else Reason.OVERDUE_HERE
        return Waiting(reason, item, item.due_on, item.days_overdue(access.on))
    if item.due_on is None or item.has_no_owner:
        return Waiting(Reason.UNPLANNED, item, item.quiet_since)
    return Waiting(Reason.DUE_SOON, item, item.due_on)


def also_owned(access: Access, waiting: list[Waiting]) -> list[Recommendation]:
    """What the person owns that is open and does not wait: not late, and not due soon."""
    rows = Recommendation.objects.open().filter(owned(access)).exclude(pk__in=[one.item.pk for one in waiting])
    return list(rows.for_rows(on=access.on).order_by(F("due_on").asc(nulls_last=True), "pk")[:50])
