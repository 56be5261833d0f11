"""What was answered to it, and the action plan it is part of, as a part of its page; and plans that wait."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.decision.policies import decides
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.plan.policies import clearable, sees_plan
from tracker.recommendations.plan.queries import complete_plans, find_plan, state_seen
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.response.policies import can_respond


def section(access: Access, item: Recommendation) -> Section:
    is_open = item.status == Recommendation.Status.OPEN and item.carried_by_id is None
    answered = Event.objects.about(item).filter(verb="recommendation.responded").select_related("actor").newest_first()
    plan = None if item.is_previous else find_plan(item.inspection, item.addressee_id)
    if plan is not None and not sees_plan(access, plan):
        plan = None
    data = {
        "answered": answered.first() if item.response else None,
        "can_respond": is_open and can_respond(access, item),
        "plan": plan,
        "state": state_seen(access, plan) if plan else "",
    }
    return Section("response", _("Response"), str(item.get_response_display()), data)


@dataclass(frozen=True)
class WaitingPlan:
    """An action plan that waits for a person: "plan_due" for who leads it, "plan_to_clear" for a reviewer."""

    reason: str
    plan: ActionPlan
    since: datetime.date
    days_overdue: int = 0


PLAN_DUE, PLAN_TO_CLEAR = "plan_due", "plan_to_clear"


def plans_waiting(access: Access) -> list[WaitingPlan]:
    """For leads, what is due to HMPPS and not sent yet; for reviewers, what is complete and not cleared yet."""
    seen = ActionPlan.objects.filter(may_be_seen(access, "inspection__"))
    seen = seen.select_related("inspection__organisation", "addressee", "cleared_by")
    led = access.led_ids
    due = seen.filter(addressee__in=led, due_on__isnull=False).exclude(state=ActionPlan.State.SENT)
    found = [
        WaitingPlan(PLAN_DUE, plan, plan.due_on, max((access.on - plan.due_on).days, 0))
        for plan in (due.order_by("due_on", "pk") if led else ())
        if plan.due_on is not None
    ]
    if not decides(access):
        return found
    complete = complete_plans(access.on).filter(clearable(access), pk__in=seen.values("pk"))
    rows = complete.select_related("inspection__organisation", "addressee").order_by("dates_fixed_on", "pk")
    return found + [WaitingPlan(PLAN_TO_CLEAR, plan, plan.dates_fixed_on or access.on) for plan in rows]
