"""An action plan as it was sent, from the ids that were kept."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.models import FreeText
from tracker.recommendations.action.models import Action
from tracker.recommendations.plan.models import ActionPlan, SentPlan
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_inspections
from tracker.recommendations.recommendation.progress import Response


@dataclass(frozen=True)
class SentAction:
    text: str
    done_by: str
    owner: str
    due: str
    state: str


@dataclass(frozen=True)
class SentRow:
    item: Recommendation
    response: str
    part: str
    reason: str
    owner: str
    due: str
    actions: list[SentAction]


def sent_versions(plan: ActionPlan) -> list[SentPlan]:
    """The newest first."""
    return [] if plan._state.adding else list(plan.sent_versions.select_related("sent_by", "cleared_by"))


def visible_sent_plans(access: Access) -> QuerySet[SentPlan]:
    """Of inspections that the person sees; sees_plan says whether the plan is theirs to see."""
    rows = SentPlan.objects.filter(plan__inspection__in=visible_inspections(access).values("pk"))
    return rows.select_related("plan__addressee", "plan__inspection__organisation", "sent_by", "cleared_by")


def sent_in_words(sent: SentPlan) -> list[SentRow]:
    """Three queries. Words that were removed since say so."""
    rows: list[dict[str, Any]] = sent.content
    steps = [step for row in rows for step in row["actions"]]
    words = {row[name] for row in rows for name in ("reason", "part")}
    words |= {step[name] for step in steps for name in ("words", "done_by")}
    texts = dict(FreeText.objects.filter(pk__in=words - {None}).values_list("pk", "text"))
    people = {one["owner"] for one in (*rows, *steps)} - {None}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    items = Recommendation.objects.in_bulk([row["recommendation"] for row in rows])

    def text(pk: int | None) -> str:
        return (texts.get(pk) or _("[removed]")) if pk else ""

    return [
        SentRow(
            item=items[row["recommendation"]],
            response=str(Response(row["response"]).label),
            part=text(row["part"]),
            reason=text(row["reason"]),
            owner=names.get(row["owner"], ""),
            due=due_in_words(row),
            actions=[
                SentAction(
                    text=text(step["words"]),
                    done_by=text(step["done_by"]),
                    owner=names.get(step["owner"], ""),
                    due=due_in_words(step),
                    state=str(Action.State(step["state"]).label),
                )
                for step in row["actions"]
            ],
        )
        for row in rows
    ]


def due_in_words(kept: dict[str, Any]) -> str:
    if kept["due_on"]:
        day = datetime.date.fromisoformat(kept["due_on"])
        return format_date(day, "F Y" if kept["due_is_month"] else "j F Y")
    if kept.get("review_on"):
        day = datetime.date.fromisoformat(kept["review_on"])
        return _("Ongoing, review date %(day)s") % {"day": format_date(day, "j F Y")}
    return ""
