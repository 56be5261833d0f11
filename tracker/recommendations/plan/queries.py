"""Action plans: their rows, what is missing, and their history."""

import datetime
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access
from tracker.history.models import Event, EventQuerySet
from tracker.inspections.models import Inspection
from tracker.recommendations.action.models import Action
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.plan.policies import sees_plan
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.progress import Response
from tracker.recommendations.recommendation.status_filters import is_open, status_filters
from tracker.recommendations.timeline.queries import Entry, entries_of
from tracker.web.forms import Form

# What changes what a plan says. Reports, evidence, and what is said of an action's doing do not.
CHANGING = (
    *("recommendation.planned", "recommendation.responded", "recommendation.dates_fixed", "recommendation.extended"),
    *("recommendation.date_corrected", "recommendation.handed_over", "recommendation.closed"),
    *("recommendation.reopened", "recommendation.carried", "recommendation.let_go", "recommendation.text_corrected"),
    *("action.added", "action.edited", "action.moved", "action.dropped", "action.handed_over", "action.date_fixed"),
)

LACKING = {
    "response": gettext_lazy("Response"),
    "owner": gettext_lazy("Owner"),
    "date": gettext_lazy("Due date"),
    "action": gettext_lazy("First action"),
}


@dataclass(frozen=True)
class PlanRow:
    """One recommendation in a plan. `lacks` holds keys of LACKING."""

    item: Recommendation
    actions: list[Action]
    lacks: list[str]

    @property
    def more_actions(self) -> int:
        """The versions after the first."""
        return max(len(self.actions) - 1, 0)

    @property
    def lacks_in_words(self) -> list[tuple[str, str]]:
        return [(name, str(LACKING[name])) for name in self.lacks]


@dataclass(frozen=True)
class PlanPage:
    plan: ActionPlan
    rows: list[PlanRow]

    @property
    def incomplete(self) -> list[PlanRow]:
        return [row for row in self.rows if row.lacks]

    @property
    def drafts(self) -> list[Recommendation]:
        """Those whose due date nobody has fixed yet."""
        return [row.item for row in self.rows if is_draft(row.item)]

    @property
    def undated(self) -> list[Recommendation]:
        return [row.item for row in self.rows if "date" in row.lacks]

    @property
    def draft_actions(self) -> list[Action]:
        found = {action.pk: action for row in self.rows for action in row.actions if is_draft_action(action)}
        return list(found.values())

    @property
    def is_complete(self) -> bool:
        """Nothing is missing and every date is confirmed: it can be approved."""
        return bool(self.rows) and not (self.incomplete or self.drafts or self.draft_actions)


def is_draft(item: Recommendation) -> bool:
    return item.due_is_draft and item.status == Recommendation.Status.OPEN and item.carried_by_id is None


def is_draft_action(action: Action) -> bool:
    return action.state == Action.State.OPEN and action.due_on is not None and action.original_due_on is None


def find_plan(inspection: Inspection, addressee_pk: int) -> ActionPlan | None:
    """The plan as it is held, or one not saved yet where nobody has begun it; None where there is nothing to plan."""
    people = ("addressee", "inspection__organisation", "cleared_by", "sent_by")
    held = ActionPlan.objects.select_related(*people).filter(inspection=inspection, addressee=addressee_pk).first()
    if held is not None:
        return held
    items = Recommendation.objects.filter(inspection=inspection, is_previous=False)
    addressee = Organisation.objects.filter(pk__in=items.values("addressee")).filter(pk=addressee_pk).first()
    return ActionPlan(inspection=inspection, addressee=addressee) if addressee else None


def answered_in(plan: ActionPlan) -> RecommendationQuerySet:
    """What the report recommends to the addressee. Previous ones were answered in the plan of their own report."""
    return Recommendation.objects.filter(inspection=plan.inspection_id, addressee=plan.addressee_id, is_previous=False)


def plan_page(plan: ActionPlan, on: datetime.date) -> PlanPage:
    """Two queries, however many recommendations and actions there are."""
    actions = Action.objects.exclude(state=Action.State.DROPPED).select_related("words", "done_by", "owner")
    rows = answered_in(plan).for_rows(on=on).select_related("response_reason", "response_part").order_by("position")
    rows = rows.prefetch_related(Prefetch("actions", queryset=actions.order_by("due_on", "pk"), to_attr="steps"))
    return PlanPage(plan, [_row(item, on) for item in rows])


def _row(item: Any, on: datetime.date) -> PlanRow:
    return PlanRow(item, item.steps, lacks_of(item, has_action=bool(item.steps), on=on))


def lacks_of(item: Recommendation, *, has_action: bool, on: datetime.date) -> list[str]:
    """Of a row with `has_no_owner`. What is not agreed, or no longer open, needs neither owner nor date nor action."""
    if item.status != Recommendation.Status.OPEN or item.carried_by_id is not None:
        return []
    if item.response == Response.NOT_AGREED:
        return []
    no_date = item.due_on is None and (item.review_on is None or item.review_on < on)
    lacks = {
        "response": not item.response,
        "owner": item.has_no_owner,
        "date": no_date,
        "action": not has_action,
    }
    return [name for name, is_lacking in lacks.items() if is_lacking]


def complete_plans(on: datetime.date) -> QuerySet[ActionPlan]:
    """The same as a condition: drafts that lack nothing and whose dates are fixed, waiting to be cleared."""
    kept = Action.objects.exclude(state=Action.State.DROPPED).filter(recommendations=OuterRef("pk"))
    marks = status_filters(on)
    lacking = is_open() & ~Q(response=Response.NOT_AGREED)
    lacking &= Q(response="") | marks["no_owner"] | marks["no_date"] | Q(~Exists(kept))
    draft = is_open() & Q(due_on__isnull=False, original_due_on=None)
    of_it = Recommendation.objects.filter(
        inspection=OuterRef("inspection"), addressee=OuterRef("addressee"), is_previous=False
    )
    draft_actions = Action.objects.filter(
        state=Action.State.OPEN,
        due_on__isnull=False,
        original_due_on=None,
        recommendations__is_previous=False,
        inspection=OuterRef("inspection"),
        addressee=OuterRef("addressee"),
    )
    return ActionPlan.objects.filter(
        Exists(of_it), ~Exists(of_it.filter(lacking | draft)), ~Exists(draft_actions), state=ActionPlan.State.DRAFT
    )


def draft_previous(plan: ActionPlan) -> list[Recommendation]:
    """Previous ones of the same report to the same addressee, whose dates are fixed with the plan's."""
    rows = Recommendation.objects.open().filter(inspection=plan.inspection_id, addressee=plan.addressee_id)
    return list(rows.filter(is_previous=True, due_on__isnull=False, original_due_on=None).order_by("position"))


def plans_of(access: Access, inspection: Inspection) -> list[ActionPlan]:
    """For its page: one for each addressee whose plan the person sees, begun or not."""
    items = Recommendation.objects.filter(inspection=inspection, is_previous=False)
    addressees = Organisation.objects.filter(pk__in=items.values("addressee")).order_by("-path")
    held = {
        plan.addressee_id: plan
        for plan in ActionPlan.objects.filter(inspection=inspection).select_related(
            "addressee", "inspection", "cleared_by"
        )
    }
    plans = [held.get(one.pk) or ActionPlan(inspection=inspection, addressee=one) for one in addressees]
    return [plan for plan in plans if sees_plan(access, plan)]


def plan_events(plan: ActionPlan) -> EventQuerySet:
    """What has changed in the plan: of its recommendations and their actions, and of the plan itself."""
    actions = Action.objects.filter(inspection=plan.inspection_id, addressee=plan.addressee_id)
    return Event.objects.filter(
        Q(verb__in=CHANGING, recommendation_id__in=answered_in(plan).values("pk"))
        | Q(verb__in=CHANGING, subject_type="action", subject_id__in=actions.values("pk"))
        | Q(subject_type="actionplan", subject_id=plan.pk)
    )


def last_plan_event(plan: ActionPlan) -> int:
    """0 when nothing has happened to it yet."""
    return plan_events(plan).order_by("-pk").values_list("pk", flat=True).first() or 0


def plan_history(plan: ActionPlan) -> list[Entry]:
    """Of the plan itself: when it was begun, fixed, cleared, sent."""
    if plan._state.adding:
        return []
    return entries_of(list(Event.objects.about(plan).select_related("actor", "in_place_of", "why").newest_first()))


def changed_since_cleared(plan: ActionPlan) -> bool:
    """Whether the plan differs from what the reviewer approved."""
    cleared = Event.objects.about(plan).filter(verb="plan.cleared").newest_first().values_list("pk", flat=True).first()
    return cleared is None or plan_events(plan).filter(verb__in=CHANGING, pk__gt=cleared).exists()


def plan_happened_since(plan: ActionPlan, form: Form) -> dict[str, Any]:
    """For _changes_since_view.html: what the person has not seen yet. Sent again, the form counts it as seen."""
    seen = form.cleaned_data["seen_event"]
    events = list(plan_events(plan).filter(pk__gt=seen).select_related("actor", "in_place_of", "why").newest_first())
    titles = {item.pk: item.title for item in answered_in(plan)}
    since = [
        replace(entry, title=f"{titles[event.recommendation_id]}: {entry.title}")
        if event.recommendation_id in titles
        else entry
        for event in events
        for entry in entries_of([event])
    ]
    # Events after these are not on the screen, so they do not count as seen.
    form.refill({"seen_event": str(events[0].pk if events else last_plan_event(plan))})
    return {"since": since}


def state_seen(access: Access, plan: ActionPlan) -> str:
    """The same; to an inspector of the last version that was sent."""
    if access.sees_drafts or plan.state == ActionPlan.State.SENT:
        return state_in_words(plan)
    last = plan.sent_versions.first()
    return _("Sent to HMPPS on %(day)s") % {"day": format_date(last.day, "j F Y")} if last else ""


def state_in_words(plan: ActionPlan) -> str:
    if plan.state == ActionPlan.State.CLEARED and plan.cleared_on:
        return _("Approved by %(name)s on %(day)s") % {
            "name": plan.cleared_by,
            "day": format_date(plan.cleared_on, "j F Y"),
        }
    if plan.state == ActionPlan.State.SENT and plan.sent_on:
        return _("Sent to HMPPS on %(day)s") % {"day": format_date(plan.sent_on, "j F Y")}
    return _("Draft")
