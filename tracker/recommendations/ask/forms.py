"""The forms of requests to other organisations."""

import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, OrganisationQuerySet
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.recommendation.forms import WordsField, find_person
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.readers import EVERYONE, NOT_INSPECTORS, ONCE_ANSWERED
from tracker.web.forms import ChoiceRadios, DayField, Form, PersonInput, TextField, VersionedForm

State = Ask.State


class AskForm(Form):
    readers = ONCE_ANSWERED

    asked_of: "forms.ModelChoiceField[Organisation]" = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Who needs to answer?"),
        error_messages={"required": gettext_lazy("Select who needs to answer")},
        widget=ChoiceRadios(),
        empty_label=None,
    )
    person = TextField(
        label=gettext_lazy("Named person (optional)"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Type part of a name or an email address. They will be able to see this recommendation"),
    )
    words = WordsField(
        label=gettext_lazy("What do you need from them?"),
        error_messages={"required": gettext_lazy("Enter what you need from them")},
    )
    wanted_on = DayField(
        label=gettext_lazy("When do you need it by?"),
        error_messages={"required": gettext_lazy("Enter the date you need it by")},
        help_text=gettext_lazy("For example, 31/10/2026"),
    )

    def __init__(
        self, data: Any = None, *, item: Recommendation, organisations: OrganisationQuerySet, on: datetime.date
    ) -> None:
        self.on = on
        super().__init__(data)
        self.fields["asked_of"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["person"].widget = PersonInput(reverse("recommendations:people") + f"?for={item.pk}")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed, place = data.get("person"), data.get("asked_of")
        if typed and place is not None:
            try:
                data["person"] = find_person(typed, place, self.on)
            except forms.ValidationError as error:
                self.add_error("person", error)
        return data

    def values(self) -> dict[str, Any]:
        return super().values() | {"person": self.cleaned_data["person"] or None}


class AnswerForm(VersionedForm):
    readers = EVERYONE

    answer = forms.ChoiceField(
        label=gettext_lazy("What is the answer?"),
        error_messages={"required": gettext_lazy("Select an answer")},
        choices=[
            (State.YES, gettext_lazy("Yes, it is done")),
            (State.BY_A_DAY, gettext_lazy("Yes, by a date")),
            (State.NO, gettext_lazy("No")),
        ],
        widget=ChoiceRadios(reveals={State.BY_A_DAY: "promised_on"}),
    )
    promised_on = DayField(label=gettext_lazy("By what date?"), required=False)
    words = WordsField(
        label=gettext_lazy("Reason, or what will be done"),
        error_messages={"required": gettext_lazy("Enter a reason, or what will be done")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("answer") == State.BY_A_DAY and not data.get("promised_on") and not self.has_error("promised_on"):
            self.add_error("promised_on", _("Enter the date, such as 31/10/2026"))
        return data

    def values(self) -> dict[str, Any]:
        typed = super().values()
        state = typed.pop("answer")
        return typed | {"state": state, "promised_on": typed["promised_on"] if state == State.BY_A_DAY else None}


class PassUpForm(VersionedForm):
    readers = ONCE_ANSWERED

    reason = WordsField(
        label=gettext_lazy("Why are you escalating it?"),
        error_messages={"required": gettext_lazy("Enter why you are escalating it")},
        max_length=1000,
    )


class WithdrawAskForm(Form):
    readers = NOT_INSPECTORS

    reason = WordsField(label=gettext_lazy("Why are you withdrawing it? (optional)"), max_length=1000, required=False)
