"""The three versions of a plan's due date, shown when somebody else was faster."""

from typing import Any

from tracker.history.operations import to_json
from tracker.history.queries import as_of_version
from tracker.recommendations.conflict.queries import compared, three_versions
from tracker.recommendations.plan.forms import PlanDueForm
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.timeline.queries import in_words


def plan_due_versions(plan: ActionPlan, form: PlanDueForm) -> dict[str, Any]:
    current = ActionPlan.objects.get(inspection=plan.inspection_id, addressee=plan.addressee_id)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    before, theirs, mine = base.get("due_on"), to_json(current.due_on), to_json(form.cleaned_data.get("due_on"))
    said = [in_words("due_on", one, {}) for one in (before, theirs, mine)]
    fields = [compared(form, "due_on", said, theirs or "")]
    return three_versions(current, form, fields, version=current.version)
