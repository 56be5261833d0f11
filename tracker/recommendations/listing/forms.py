"""The filter of a list, as it stands in the address."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, User
from tracker.recommendations.recommendation.forms import REPORTABLE
from tracker.web.forms import TextField


class FilterForm(forms.Form):
    """What a list shows; it lives in the address, so that it can be bookmarked and sent."""

    MARKS = (
        ("open", gettext_lazy("Open")),
        ("overdue", gettext_lazy("Overdue")),
        ("no_owner", gettext_lazy("No owner")),
        ("no_date", gettext_lazy("No due date")),
        ("slipped", gettext_lazy("Past first due date")),
        ("stale", gettext_lazy("No update for 28 days")),
        ("at_risk", gettext_lazy("At risk, or will miss due date")),
        ("late_next", gettext_lazy("Due in 14 days, at risk, or will miss due date")),
        ("returned", gettext_lazy("Returned by a reviewer")),
        ("submitted", gettext_lazy("Waiting for review")),
        ("review_late", gettext_lazy("Waiting for review over 10 working days")),
        ("checked", gettext_lazy("Checked as Sufficient progress, not signed off yet")),
        ("signed_off", gettext_lazy("Signed off")),
        ("unsustained", gettext_lazy("Signed off, not yet confirmed as sustained")),
        ("gap", gettext_lazy("Reported higher than checked, or Sufficient and not checked")),
        ("went_down", gettext_lazy("Downgraded in last update")),
        ("moved", gettext_lazy("Improved since the inspection")),
        ("mine", gettext_lazy("I am the owner")),
    )
    NOT_REPORTED = "not_reported"
    NONE_NAMED = "none"
    LATE = (
        ("14", gettext_lazy("Overdue for up to 14 days")),
        ("28", gettext_lazy("Overdue for 15 to 28 days")),
        ("84", gettext_lazy("Overdue for 29 to 84 days")),
        ("more", gettext_lazy("Overdue for more than 84 days")),
    )
    use_required_attribute = False

    q = TextField(label=gettext_lazy("Text contains"), required=False, max_length=200)
    addressee: "forms.ModelChoiceField[Organisation]" = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Addressed to"),
        required=False,
        empty_label=gettext_lazy("Anyone"),
    )
    below = forms.BooleanField(label=gettext_lazy("Include organisations below it"), required=False)
    owner: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Owner"), required=False, empty_label=gettext_lazy("Anyone")
    )
    progress = forms.ChoiceField(
        label=gettext_lazy("Progress"),
        required=False,
        choices=[("", gettext_lazy("Any")), (NOT_REPORTED, gettext_lazy("Not reported")), *REPORTABLE],
    )
    late = forms.ChoiceField(label=gettext_lazy("How late"), required=False, choices=[("", gettext_lazy("Any")), *LATE])
    standard = forms.ChoiceField(label=gettext_lazy("Standard"), required=False)
    mark = forms.MultipleChoiceField(
        label=gettext_lazy("Show only"), required=False, choices=MARKS, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, addressees: Any, owners: Any, standards: Callable[[], dict[str, str]]) -> None:
        """`standards` is asked for the names by number once they are needed."""
        super().__init__(data, label_suffix="", auto_id="filter_%s")
        self.fields["standard"].choices = lambda: [  # type: ignore[attr-defined]
            ("", _("Any")),
            *self._standards.items(),
            (self.NONE_NAMED, _("No standard named")),
        ]
        self._standards_of = standards
        self.fields["addressee"].queryset = addressees  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.is_valid()

    @cached_property
    def _standards(self) -> dict[str, str]:
        return self._standards_of()

    def _standard_in_words(self, standard: str) -> str:
        return _("No standard named") if standard == self.NONE_NAMED else self._standards[standard]

    @property
    def used(self) -> list[str]:
        """What is asked for, in words."""
        data = self.cleaned_data
        marks, progress = dict(self.MARKS), dict(self.fields["progress"].choices)  # type: ignore[attr-defined]
        words = [
            f"“{data['q']}”" if data.get("q") else "",
            self._to(data.get("addressee"), bool(data.get("below"))),
            _("owner %(name)s") % {"name": data["owner"]} if data.get("owner") else "",
            str(progress[data["progress"]]) if data.get("progress") else "",
            self._standard_in_words(data["standard"]) if data.get("standard") else "",
            str(dict(self.LATE)[data["late"]]) if data.get("late") else "",
            *(str(marks[mark]) for mark in data.get("mark", ())),
        ]
        return [word for word in words if word]

    def _to(self, addressee: Organisation | None, with_below: bool) -> str:
        if addressee is None:
            return ""
        words = _("to %(name)s and organisations below it") if with_below else _("to %(name)s")
        return words % {"name": addressee}
