"""Owner, due date and progress, as typed into the row."""

import datetime
from typing import Any

from django import forms
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.recommendations.recommendation.forms import (
    REPORTABLE,
    Due,
    DueField,
    doubt,
    doubt_about,
    due_of,
    find_person,
)
from tracker.recommendations.recommendation.models import Base, Plan, Recommendation
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.recommendations.update.models import Report
from tracker.web.forms import Form, PersonInput, TextField


class ChangeForm(Form):
    """Owner, due date and progress of one recommendation; only the fields that this person may set are there."""

    readers = EVERYONE

    owner = TextField(
        label=gettext_lazy("Owner"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Type part of a name or an email address"),
        widget=PersonInput(reverse_lazy("recommendations:people")),
    )
    due_on = DueField(label=gettext_lazy("Due date"), required=False)
    confirm = forms.BooleanField(label=gettext_lazy("Yes, this due date is right"), required=False)
    progress = forms.ChoiceField(label=gettext_lazy("Progress"), required=False)
    what_changed = TextField(
        label=gettext_lazy("What changed?"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("One line. Do not name anyone on probation"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    PLAN = ("owner", "due_on", "confirm")
    REPORT = ("progress", "what_changed")

    def __init__(
        self,
        data: Any = None,
        *,
        recommendation: Recommendation,
        on: datetime.date,
        may_plan: bool,
        may_report: bool,
        base: Base | None = None,
    ) -> None:
        """`base` is the recommendation as this person saw it, where somebody has changed it since."""
        self.recommendation = recommendation
        self.base = base
        self.on = on
        super().__init__(
            data,
            prefix=f"r{recommendation.pk}",
            initial={
                "owner": recommendation.owner.label if recommendation.owner else "",
                "due_on": due_of(recommendation),
                "version": recommendation.version,
            },
        )
        # People of the addressee are suggested first.
        self.fields["owner"].widget.attrs["data-people-url"] = (
            reverse("recommendations:people") + f"?for={recommendation.pk}"
        )
        unchanged = _("No update") if may_plan else _("Select one")
        self.fields["progress"].choices = [("", unchanged), *REPORTABLE]  # type: ignore[attr-defined]
        self.fields["progress"].required = self.fields["what_changed"].required = may_report and not may_plan
        if not may_plan:
            self._remove(self.PLAN)
        if not may_report:
            self._remove(self.REPORT)

    def _remove(self, names: tuple[str, ...]) -> None:
        for name in names:
            del self.fields[name]

    @property
    def asks_to_confirm(self) -> bool:
        """The date is unusual, so the form asks for confirmation."""
        return "confirm" in self.fields and (self.has_error("due_on", "confirm") or bool(self["confirm"].value()))

    @property
    def wants_later(self) -> Due | None:
        """The later date that was typed for a fixed one: it can be asked for with a reason."""
        if not self.has_error("due_on", "later"):
            return None
        typed: Due | None = DueField().clean(self.data.get(self.add_prefix("due_on")))
        return typed

    def clean_owner(self) -> User | None:
        typed: str = self.cleaned_data["owner"]
        for known in (self.recommendation.owner, self.base.owner if self.base else None):
            if known is not None and typed == known.label:
                return known
        return find_person(typed, self.recommendation.addressee, self.on) if typed else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "due_on" in self.fields and not self.has_error("due_on"):
            self._check_date(data.get("due_on"), bool(data.get("confirm")))
        progress, words = data.get("progress"), data.get("what_changed")
        if progress and not words and not self.has_error("what_changed"):
            self.add_error("what_changed", _("Enter what changed"))
        if words and not progress and not self.has_error("progress"):
            self.add_error("progress", _("Select the progress, even if it has not changed"))
        return data

    def _check_date(self, due: Due | None, confirmed: bool) -> None:
        # A conflict is shown first. An unusual date is asked about at the next save.
        if due is None or due == due_of(self.recommendation) or confirmed or self.base is not None:
            return
        published = self.recommendation.inspection.published_from
        if message := doubt_about(due.on, published=published, on=self.on):
            self.add_error("due_on", doubt(message))

    @property
    def plan(self) -> Plan | None:
        if "owner" not in self.fields:
            return None
        item, due = self.recommendation, self.cleaned_data["due_on"]
        return Plan(
            self.cleaned_data["owner"],
            due.on if due else None,
            due_is_month=bool(due and due.is_month),
            # What is ongoing stays so until a date takes its place.
            review_on=None if due else item.review_on,
            due_set_by=item.due_set_by,
        )

    @property
    def report(self) -> Report | None:
        if not self.cleaned_data.get("progress"):
            return None
        return Report(self.cleaned_data["progress"], self.cleaned_data["what_changed"])
