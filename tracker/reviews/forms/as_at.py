"""What is asked of the past; from untrusted text."""

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
    """A past day, and the page to be shown as it stood then. `first` is the first day of which anything is known."""

    day = DayField(
        label=gettext_lazy("Date"), help_text=gettext_lazy("You will see the page as it was at the end of this day.")
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
        """One of the pages that are shown so, by its address on our own host; the review where it is none."""
        to: str = self.cleaned_data["to"]
        if not to.startswith("/") or not url_has_allowed_host_and_scheme(to, allowed_hosts=None):
            return ""
        try:
            return to if resolve(to.partition("?")[0]).view_name in SHOWN_AS_AT else ""
        except Resolver404:
            return ""
