"""The filter of the page of changes: since which day, and by addressee."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation
from tracker.web.forms import DayField, Form


class SinceForm(Form):
    """`first` is the first day with any data."""

    since = DayField(
        is_ahead=False,
        label=gettext_lazy("Since"),
        help_text=gettext_lazy("You will see what has changed since the end of this day."),
    )
    organisation: "forms.ModelChoiceField[Organisation]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Addressed to"), required=False, empty_label=gettext_lazy("Anyone")
    )

    def __init__(self, data: Any, *, on: datetime.date, first: datetime.date, organisations: Any) -> None:
        self.on, self.first = on, first
        super().__init__(data)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]

    def clean_since(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["since"]
        if day >= self.on:
            raise ValidationError(
                _("Enter a date before %(day)s"), params={"day": format_date(self.on, "j F Y")}, code="late"
            )
        if day < self.first:
            raise ValidationError(_("There are no records for that date. Enter a later date"))
        return day
