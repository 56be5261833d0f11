"""Untrusted text to one owner or due date for several recommendations."""

import datetime
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, User
from tracker.recommendations.recommendation.forms import DueField, WordsField, find_person
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.web.forms import Form, TextField


class BulkForm(Form):
    """`row` is posted beside it, once for each that is ticked, as "<id>-<version that was shown>"."""

    readers = EVERYONE

    owner = TextField(
        label=gettext_lazy("New owner"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("A name or an email address. Leave empty to keep the current owners"),
    )
    due_on = DueField(
        label=gettext_lazy("New due date"),
        required=False,
        help_text=gettext_lazy("A day or a month. Leave empty to keep the current dates"),
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("Or weeks after the report was published"),
        required=False,
        min_value=1,
        max_value=260,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-4"}),
        help_text=gettext_lazy("If only a month of publication is known, weeks count from its last day"),
    )
    reason = WordsField(label=gettext_lazy("Reason"), required=False, max_length=500, rows=2)

    def __init__(self, data: Any = None, *, near: Organisation | None, on: datetime.date) -> None:
        self.near = near
        self.on = on
        super().__init__(data)

    def clean_owner(self) -> User | None:
        typed: str = self.cleaned_data["owner"]
        return find_person(typed, self.near, self.on) if typed and self.near else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("due_on") and data.get("weeks"):
            self.add_error("weeks", _("Enter a due date or a number of weeks, not both"))
        if not self.errors and not any(data.get(name) for name in ("owner", "due_on", "weeks")):
            raise ValidationError(_("Enter a new owner or a new due date"))
        return data


def rows_in(marks: list[str]) -> dict[int, int]:
    """{id: version}; what is not a row of ours is left out."""
    found = [re.fullmatch(r"([0-9]{1,18})-([0-9]{1,9})", mark) for mark in marks]
    return {int(one[1]): int(one[2]) for one in found if one}
