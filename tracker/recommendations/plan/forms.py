"""The forms of an action plan."""

import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.recommendation.forms import (
    ConfirmUnusualForm,
    SeenForm,
    WordsField,
    doubt_about,
)
from tracker.recommendations.recommendation.readers import NOT_INSPECTORS
from tracker.web.forms import DayField, Form, VersionedForm


class PlanDueForm(ConfirmUnusualForm, VersionedForm):
    due_on = DayField(
        label=gettext_lazy("Due to HMPPS on"), required=False, help_text=gettext_lazy("Leave empty if there is no date")
    )

    def __init__(self, data: Any = None, *, plan: ActionPlan, on: datetime.date) -> None:
        self.plan = plan
        self.on = on
        super().__init__(data, initial={"due_on": plan.due_on, "version": plan.version})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        due_on = data.get("due_on")
        # A person with an outdated page is shown the current one first.
        if due_on and due_on != self.plan.due_on and data.get("version") == self.plan.version:
            self.doubt("due_on", doubt_about(due_on, published=self.plan.inspection.published_from, on=self.on))
        return data


class FixDatesForm(SeenForm):
    pass


class ClearPlanForm(SeenForm):
    readers = NOT_INSPECTORS

    comment = WordsField(label=gettext_lazy("Comment for the lead (optional)"), required=False)


class SendPlanForm(Form):
    pass


class RevisePlanForm(Form):
    readers = NOT_INSPECTORS

    reason = WordsField(label=gettext_lazy("What needs to change? (optional)"), required=False)
