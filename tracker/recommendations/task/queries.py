"""A person's tasks, for Home, its badge, the digest and the overview."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Q

from tracker.accounts.models import Membership, Organisation
from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure
from tracker.recommendations.action.models import Action
from tracker.recommendations.action.queries import actions_waiting
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.ask.queries import asks_waiting
from tracker.recommendations.decision.policies import decides, pending_review_for
from tracker.recommendations.due.models import Extension
from tracker.recommendations.due.queries import extensions_waiting
from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.lineage.queries import lineage_waiting
from tracker.recommendations.measure.queries import figures_to_supply
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.policies import owned
from tracker.recommendations.recommendation.progress import Outlook
from tracker.recommendations.recommendation.status_filters import DUE_SOON_DAYS, status_filters
from tracker.recommendations.response.queries import plans_waiting
from tracker.recommendations.task.left import LeftWork, left_work
from tracker.recommendations.task.roles import EmptyRole, empty_roles

DIGEST_DAYS_AHEAD = 7

ESCALATE_TO_LEAD_DAYS = 14

ESCALATE_TO_REVIEWER_DAYS = 28

Status = Recommendation.Status


class Reason:
    """Why something waits for a person. Each recommendation waits for one reason, the most urgent."""

    OVERDUE = "overdue"
    OVERDUE_HERE = "overdue_here"
    RETURNED = "returned"
    TO_DECIDE = "to_decide"
    UNPLANNED = "unplanned"
    DUE_SOON = "due_soon"
    AT_RISK = "at_risk"
    PROMISED = "promised"
    SUSTAINED = "sustained"
    ESCALATED = "escalated"
    # Tasks other than recommendations.
    ACTION_OVERDUE = "action_overdue"
    ACTION_OVERDUE_HERE = "action_overdue_here"
    ACTION_DUE_SOON = "action_due_soon"
    ACTION_UNOWNED = "action_unowned"
    ASKED = "asked"
    UNANSWERED = "unanswered"
    EXTENSION = "extension"
    PLAN_DUE = "plan_due"
    PLAN_TO_CLEAR = "plan_to_clear"
    FIGURE = "figure"
    LINEAGE = "lineage"
    EMPTY_ROLE = "empty_role"
    LEFT = "left"


@dataclass(frozen=True)
class Waiting:
    """`subject` is the action, ask, extension, action plan, measure, lineage, empty role or left work that waits, and
    None for `item` itself.

    `item` is the recommendation, or the one that the subject belongs to; a plan, a measure, a role and left work belong
    to none.
    """

    reason: str
    item: Recommendation | None
    since: datetime.date
    days_overdue: int = 0
    subject: Action | Ask | Extension | ActionPlan | Measure | Lineage | EmptyRole | LeftWork | None = None

    @property
    def recommendation(self) -> Recommendation:
        """The recommendation, where it is known that there is one."""
        assert self.item is not None
        return self.item


def waiting_for(access: Access, *, days_ahead: int = DUE_SOON_DAYS) -> list[Waiting]:
    """Everything that waits for this person on this day, each item once, most late first within its reason.

    The owner: overdue, returned, due within `days_ahead`. The lead: the same where they lead, what has no owner or no
    date, what is at risk, the work of people who have left, and what is late of what levels above promised in reports
    on the lead's organisation. The reviewer: submissions to decide, whether what was signed off is sustained, and what
    is overdue by 28 days or more. The administrator: roles that nobody holds.
    """
    found = []
    for reason, rows in _rows(access, days_ahead).items():
        ordered = rows.for_rows(on=access.on).order_by(F("due_on").asc(nulls_last=True), "quiet_since", "pk")
        found += [_why(item, access) if reason == OWN else _since(reason, item, access) for item in ordered]
    found += _beside(access, days_ahead)
    access.request_cache["waiting", days_ahead] = len(found)
    return found


def count_waiting(access: Access) -> int:
    """How many `waiting_for` would give, without fetching them; where it gave them to this page already, as many."""
    known = already_counted(access)
    if known is not None:
        return known
    return sum(rows.count() for rows in _rows(access, DUE_SOON_DAYS).values()) + len(_beside(access, DUE_SOON_DAYS))


def already_counted(access: Access) -> int | None:
    """How many tasks `waiting_for` found for this page, if it was called."""
    known: int | None = access.request_cache.get(("waiting", DUE_SOON_DAYS))
    return known


def _beside(access: Access, days_ahead: int) -> list[Waiting]:
    """What waits beside recommendations: a few dozen at the most, and a constant number of queries."""
    found = [
        Waiting(f"action_{one.reason}", one.action.recommendations.all()[0], one.since, one.days_overdue, one.action)
        for one in actions_waiting(access, days_ahead)
    ]
    for row in asks_waiting(access):
        reason = Reason.ASKED if row.can_answer else Reason.UNANSWERED
        found.append(Waiting(reason, row.ask.recommendation, row.ask.wanted_on, row.days_overdue, row.ask))
    found += [Waiting(Reason.EXTENSION, one.recommendation, one.day, subject=one) for one in extensions_waiting(access)]
    found += [Waiting(one.reason, None, one.since, one.days_overdue, one.plan) for one in plans_waiting(access)]
    found += [
        Waiting(Reason.FIGURE, None, measure.next_on or access.on, subject=measure)
        for measure in figures_to_supply(access).select_related("organisation")
    ]
    found += [
        Waiting(Reason.LINEAGE, link.later, link.later.quiet_since, subject=link) for link in lineage_waiting(access)
    ]
    found += [Waiting(Reason.LEFT, None, access.on, subject=left) for left in left_work(access)]
    return found + [Waiting(Reason.EMPTY_ROLE, None, access.on, subject=empty) for empty in empty_roles(access)]


OWN = "own"


def _rows(access: Access, days_ahead: int) -> dict[str, RecommendationQuerySet]:
    """By reason, or OWN for what the person owns or leads; no row stands in two of them."""
    seen = Recommendation.objects.filter(may_be_seen(access, "inspection__"))
    mine, here = owned(access), Q(addressee__in=access.led_ids)
    marks = status_filters(access.on)
    soon = Q(due_on__lte=access.on + datetime.timedelta(days=days_ahead))
    own = seen.open().filter(
        ((mine | here) & (soon | marks["returned"]))
        | (here & (marks["no_date"] | marks["no_owner"] | marks["at_risk"]))
    )
    found = {OWN: own}
    if led := [held for held in access.held if held.role == Membership.Role.LEAD]:
        above = Q(pk__in=[])
        for held in led:
            found_in = may_be_seen(access, "findings__inspection__")
            reports = Q(inspection__organisation__path=held.path) | (
                Q(findings__inspection__organisation__path=held.path) & found_in
            )
            above |= Q(pk__in=Recommendation.objects.filter(reports).values("pk")) & ~Q(
                addressee__path__startswith=held.path
            )
        found[Reason.PROMISED] = seen.filter(above, marks["overdue"]).exclude(pk__in=own.values("pk"))
    found |= _to_decide(access)
    if paths := access.paths(Membership.Role.REVIEWER):
        limit = access.on - datetime.timedelta(days=ESCALATE_TO_REVIEWER_DAYS)
        escalated = seen.open().filter(due_on__lte=limit, addressee__in=Organisation.objects.below(*paths))
        for other in (own, found.get(Reason.PROMISED)):
            escalated = escalated if other is None else escalated.exclude(pk__in=other.values("pk"))
        found[Reason.ESCALATED] = escalated
    return found


def _to_decide(access: Access) -> dict[str, RecommendationQuerySet]:
    """Submissions, and what was signed off and may not have held; nothing for whoever decides about nothing."""
    if not decides(access):
        return {}
    seen = Recommendation.objects.filter(may_be_seen(access, "inspection__"), pending_review_for(access))
    marks = status_filters(access.on)
    return {
        Reason.TO_DECIDE: seen.filter(marks["submitted"]),
        Reason.SUSTAINED: seen.filter(marks["signed_off"], sustain_ask_on__lte=access.on),
    }


@dataclass(frozen=True)
class Decisions:
    """The number of waiting decisions, and the first of them."""

    count: int
    waiting: list[Waiting]

    @property
    def more(self) -> int:
        return self.count - len(self.waiting)


def decisions_waiting(access: Access, *, most: int, within: Organisation | None = None) -> Decisions:
    """What waits for this person to decide, the oldest first: as much as `waiting_for` has of it.

    `within`: only what is addressed to this organisation or below it.
    """
    found, count = [], 0
    for reason, rows in _to_decide(access).items():
        asked = rows.within(within) if within else rows
        day = "submitted_on" if reason == Reason.TO_DECIDE else "sustain_ask_on"
        count += asked.count()
        found += [_since(reason, item, access) for item in asked.for_rows(on=access.on).order_by(day, "pk")[:most]]
    beside = [Waiting(Reason.EXTENSION, one.recommendation, one.day, subject=one) for one in extensions_waiting(access)]
    beside += [
        Waiting(one.reason, None, one.since, subject=one.plan)
        for one in plans_waiting(access)
        if one.reason == Reason.PLAN_TO_CLEAR
    ]
    beside = [one for one in beside if within is None or _addressee(one).path.startswith(within.path)]
    found = sorted([*found, *beside], key=lambda one: one.since)
    return Decisions(count + len(beside), found[:most])


def _addressee(waiting: Waiting) -> Organisation:
    if isinstance(waiting.subject, ActionPlan):
        return waiting.subject.addressee
    return waiting.recommendation.addressee


def _why(item: Recommendation, access: Access) -> Waiting:
    """The most urgent reason of what the person owns or leads."""
    if item.due_on is not None and item.due_on < access.on:
        mine = item.owner_id in access.owners
        reason = Reason.OVERDUE if mine else Reason.OVERDUE_HERE
        return Waiting(reason, item, item.due_on, item.days_overdue(access.on))
    if item.returned_on is not None:
        return Waiting(Reason.RETURNED, item, item.returned_on)
    leads = item.addressee_id in access.led_ids
    no_date = item.due_on is None and (item.review_on is None or item.review_on < access.on)
    if leads and (no_date or item.has_no_owner):
        return Waiting(Reason.UNPLANNED, item, item.quiet_since)
    if leads and item.outlook in (Outlook.AT_RISK, Outlook.WILL_MISS):
        return Waiting(Reason.AT_RISK, item, item.reported_on or item.quiet_since)
    return Waiting(Reason.DUE_SOON, item, item.due_on or access.on)


def _since(reason: str, item: Recommendation, access: Access) -> Waiting:
    days = {Reason.TO_DECIDE: item.submitted_on, Reason.SUSTAINED: item.sustain_ask_on}
    return Waiting(reason, item, days.get(reason) or item.due_on or access.on, item.days_overdue(access.on))


def also_owned(access: Access, waiting: list[Waiting]) -> list[Recommendation]:
    """What the person owns that is open and does not wait: not late, and not due soon."""
    rows = Recommendation.objects.filter(may_be_seen(access, "inspection__"), owned(access)).open()
    rows = rows.exclude(pk__in=[one.item.pk for one in waiting if one.item and one.subject is None])
    return list(rows.for_rows(on=access.on).order_by(F("due_on").asc(nulls_last=True), "pk")[:50])
