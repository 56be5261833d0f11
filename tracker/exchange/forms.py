"""Forms that request packs and documents."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, OrganisationQuerySet
from tracker.web.forms import DayField, Form


def past_day(day: datetime.date | None, on: datetime.date, first: datetime.date | None) -> datetime.date | None:
    """The day, or None for today. Raises ValidationError for a day before the first record."""
    if day is None or day == on:
        return None
    if day > on:
        raise ValidationError(_("Date must be today or in the past"))
    if first is None or day < first:
        raise ValidationError(_("There are no records for that date. Enter a later date"))
    return day


class PackForm(Form):
    """The organisation and the day of a pack; the day is None for today."""

    organisation: "forms.ModelChoiceField[Organisation]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Organisation"), empty_label=gettext_lazy("Select one")
    )
    day = DayField(
        is_ahead=False,
        label=gettext_lazy("Date (optional)"),
        required=False,
        help_text=gettext_lazy("Leave empty for today, or enter an earlier date to see the pack as it was then"),
    )

    def __init__(
        self,
        *args: Any,
        organisations: OrganisationQuerySet,
        on: datetime.date,
        first: datetime.date | None,
        **kwargs: Any,
    ) -> None:
        self.on, self.first = on, first
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]

    def clean_day(self) -> datetime.date | None:
        return past_day(self.cleaned_data["day"], self.on, self.first)


class WordForm(Form):
    """Requests the Word document of the page that is shown, as at its day."""

    day = DayField(is_ahead=False, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, on: datetime.date, first: datetime.date | None, **kwargs: Any) -> None:
        self.on, self.first = on, first
        super().__init__(*args, **kwargs)

    def clean_day(self) -> datetime.date | None:
        return past_day(self.cleaned_data["day"], self.on, self.first)
