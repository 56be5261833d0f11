"""The filter of a list, read from the query string."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, User
from tracker.recommendations.recommendation.fields import FIELDS, ShownField
from tracker.web.forms import TextField

FILTERED = tuple(field for field in FIELDS if field.is_filtered)


class FilterForm(forms.Form):
    """The filter of a list. It is in the address, so that it can be bookmarked and shared."""

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
    late = forms.ChoiceField(label=gettext_lazy("How late"), required=False, choices=[("", gettext_lazy("Any")), *LATE])
    standard = forms.ChoiceField(label=gettext_lazy("Standard"), required=False)
    mark = forms.MultipleChoiceField(
        label=gettext_lazy("Show only"), required=False, choices=MARKS, widget=forms.CheckboxSelectMultiple
    )

    # Offered to those who see what was returned.
    OF_DRAFTS = ("returned",)

    def __init__(
        self,
        data: Any,
        *,
        addressees: Any,
        owners: Any,
        standards: Callable[[], dict[str, str]],
        sees_drafts: bool = True,
    ) -> None:
        """`standards` is called for the names by number when needed."""
        super().__init__(data, label_suffix="", auto_id="filter_%s")
        if not sees_drafts:
            offered = [choice for choice in self.MARKS if choice[0] not in self.OF_DRAFTS]
            self.fields["mark"].choices = offered  # type: ignore[attr-defined]
        self.fields["standard"].choices = lambda: [  # type: ignore[attr-defined]
            ("", _("Any")),
            *self._standards.items(),
            (self.NONE_NAMED, _("No standard named")),
        ]
        self._standards_of = standards
        for field in FILTERED:
            self.fields[field.column] = self._choice_of(field)
        self.order_fields(["q", "addressee", "below", "owner", *(field.column for field in FILTERED)])
        self.fields["addressee"].queryset = addressees  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.is_valid()

    def _choice_of(self, field: ShownField) -> forms.ChoiceField:
        """One of its choices, or any; the empty one has a word of its own in an address."""
        assert field.choices is not None
        empty, *others = field.choices.choices
        choices = [("", _("Any")), (self.NOT_REPORTED, empty[1]), *others]
        return forms.ChoiceField(label=field.label, required=False, choices=choices)

    @cached_property
    def _standards(self) -> dict[str, str]:
        return self._standards_of()

    def _standard_in_words(self, standard: str) -> str:
        return _("No standard named") if standard == self.NONE_NAMED else self._standards[standard]

    @property
    def used(self) -> list[str]:
        """The filter in words."""
        data = self.cleaned_data
        marks = dict(self.MARKS)
        words = [
            f"“{data['q']}”" if data.get("q") else "",
            self._to(data.get("addressee"), bool(data.get("below"))),
            _("owner %(name)s") % {"name": data["owner"]} if data.get("owner") else "",
            *(self._chosen(field.column) for field in FILTERED if data.get(field.column)),
            self._standard_in_words(data["standard"]) if data.get("standard") else "",
            str(dict(self.LATE)[data["late"]]) if data.get("late") else "",
            *(str(marks[mark]) for mark in data.get("mark", ())),
        ]
        return [word for word in words if word]

    def _chosen(self, column: str) -> str:
        return str(dict(self.fields[column].choices)[self.cleaned_data[column]])  # type: ignore[attr-defined]

    def _to(self, addressee: Organisation | None, with_below: bool) -> str:
        if addressee is None:
            return ""
        words = _("to %(name)s and organisations below it") if with_below else _("to %(name)s")
        return words % {"name": addressee}
