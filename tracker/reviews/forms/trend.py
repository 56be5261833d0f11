"""The filter of the trend: by inspection and addressee."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation
from tracker.inspections.models import Inspection
from tracker.web.forms import Form


class InspectionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.organisation}, {obj.published}"


class TrendForm(Form):
    inspection = InspectionField(
        None, label=gettext_lazy("Inspection"), required=False, empty_label=gettext_lazy("All")
    )
    organisation: "forms.ModelChoiceField[Organisation]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Addressed to"), required=False, empty_label=gettext_lazy("Anyone")
    )

    def __init__(self, data: Any, *, inspections: Any, organisations: Any) -> None:
        super().__init__(data)
        self.fields["inspection"].queryset = inspections.select_related("organisation")  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]

    @property
    def chosen(self) -> tuple[Inspection | None, Organisation | None]:
        return self.cleaned_data["inspection"], self.cleaned_data["organisation"]
