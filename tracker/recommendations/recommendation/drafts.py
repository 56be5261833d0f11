"""What an inspector does not see of recommendations: what was not sent, decided or accepted.

Everybody else gets what is handed in here back as it is, without a condition in the SQL.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery

from tracker.accounts.policies import Access
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.decision.models import Submission
from tracker.recommendations.due.models import Extension
from tracker.recommendations.plan.models import SentPlan
from tracker.recommendations.recommendation.models import Recommendation

Rows = TypeVar("Rows", bound=QuerySet[Any])

# Events of what waits for a decision, was withdrawn or was sent back.
UNDECIDED = (
    *("extension.asked", "extension.withdrawn", "removal.asked", "removal.refused"),
    *("ask.asked", "ask.passed_up", "ask.handed_over", "ask.withdrawn"),
    *("recommendation.submitted", "recommendation.withdrawn", "recommendation.returned"),
)
# Events of writing a plan, hidden until it is first sent.
OF_PLANS = ("recommendation.responded", "recommendation.dates_fixed")


def decided_extensions(access: Access, rows: Rows) -> Rows:
    if access.sees_drafts:
        return rows
    return rows.filter(state__in=(Extension.State.GRANTED, Extension.State.DECLINED))


def answered_asks(access: Access, rows: Rows) -> Rows:
    if access.sees_drafts:
        return rows
    return rows.exclude(state__in=(Ask.State.OPEN, Ask.State.WITHDRAWN))


def accepted_submissions(access: Access, rows: Rows) -> Rows:
    return rows if access.sees_drafts else rows.filter(outcome=Submission.Outcome.SIGNED_OFF)


def sent_with_plans(access: Access, rows: Rows) -> Rows:
    """Actions, or plans, of an inspection and addressee whose plan was sent."""
    return rows if access.sees_drafts else rows.filter(Exists(_sent()))


def _sent() -> QuerySet[SentPlan]:
    return SentPlan.objects.filter(plan__inspection=OuterRef("inspection_id"), plan__addressee=OuterRef("addressee_id"))


def told_events(access: Access, events: Rows) -> Rows:
    """Without undecided matters, and without the writing of a plan up to when it was first sent."""
    if access.sees_drafts:
        return events
    since = SentPlan.objects.order_by().values("plan__inspection", "plan__addressee").annotate(at=Min("sent_at"))
    of_item = Recommendation.objects.filter(pk=OuterRef("recommendation_id"))
    sent = of_item.annotate(
        sent_at=Subquery(
            since.filter(plan__inspection=OuterRef("inspection_id"), plan__addressee=OuterRef("addressee_id")).values(
                "at"
            )[:1]
        )
    ).filter(sent_at__lt=OuterRef("at"))
    of_place = SentPlan.objects.filter(
        plan__inspection=OuterRef("inspection_id"),
        plan__addressee=OuterRef("organisation_id"),
        sent_at__lt=OuterRef("at"),
    )
    of_plans = Q(verb__in=OF_PLANS) & ~Exists(sent)
    of_actions = Q(subject_type__in=("action", "actionplan")) & ~Exists(of_place)
    return events.exclude(verb__in=UNDECIDED).exclude(of_plans).exclude(of_actions)


def without_return(access: Access, item: Recommendation) -> None:
    """Take from the row, which must not be saved, that a submission was returned."""
    if not access.sees_drafts:
        item.returned_on = None


def without_drafts(access: Access, items: Iterable[Recommendation]) -> None:
    """Empty what is drafted or undecided on these rows, which must not be saved: the response of a plan that was not
    sent, and that a submission was returned.
    """
    if access.sees_drafts:
        return
    rows = list(items)
    plans = SentPlan.objects.filter(plan__inspection__in={row.inspection_id for row in rows})
    sent = set(plans.values_list("plan__inspection", "plan__addressee"))
    for row in rows:
        without_return(access, row)
        if (row.inspection_id, row.addressee_id) not in sent:
            row.response, row.response_part, row.response_reason = "", None, None
