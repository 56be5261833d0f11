"""The form that chooses a past day."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.reviews.policies import SHOWN_AS_AT
from tracker.web.forms import DayField, Form


class AsAtForm(Form):
    """A past day and a page to show as at that day. `first` is the first day with any data."""

    day = DayField(
        is_ahead=False,
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("You will see the page as it was at the end of this day."),
    )
    to = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, on: datetime.date, first: datetime.date | None, **kwargs: Any) -> None:
        self.on, self.first = on, first
        super().__init__(*args, **kwargs)

    def clean_day(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["day"]
        if day >= self.on:
            raise ValidationError(_("Enter a date before today"))
        if self.first is None or day < self.first:
            raise ValidationError(_("There are no records for that date. Enter a later date"))
        return day

    def clean_to(self) -> str:
        """The address of a page that can be shown as at a past day; the overview for any other address."""
        to: str = self.cleaned_data["to"]
        if not to.startswith("/") or not url_has_allowed_host_and_scheme(to, allowed_hosts=None):
            return ""
        try:
            return to if resolve(to.partition("?")[0]).view_name in SHOWN_AS_AT else ""
        except Resolver404:
            return ""
