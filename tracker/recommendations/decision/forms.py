"""The forms of checks, submissions and decisions."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.decision.models import Method
from tracker.recommendations.recommendation.forms import DoubtedForm, DueField, SeenForm, WordsField, due_values
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.progress import Progress, Response
from tracker.recommendations.recommendation.readers import EVERYONE, NOT_INSPECTORS, ONCE_SIGNED_OFF
from tracker.web.forms import ChoiceRadios, LongTextField, TextField, VersionedForm

MOST_CASES = 9999

JUDGED = [(value, label) for value, label in Progress.choices if value]

Status = Recommendation.Status


class HowForm(SeenForm):
    """How something was checked."""

    method = forms.ChoiceField(
        label=gettext_lazy("How did you check it?"),
        error_messages={"required": gettext_lazy("Select how you checked it")},
        choices=Method,
        widget=ChoiceRadios(reveals={Method.CASES: "cases"}),
    )
    cases = forms.IntegerField(
        label=gettext_lazy("How many cases did you sample?"),
        required=False,
        min_value=1,
        max_value=MOST_CASES,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("method") != Method.CASES:
            # Text left from another answer is not an error.
            self.errors.pop("cases", None)
            data["cases"] = None
        elif data.get("cases") is None and not self.has_error("cases"):
            self.add_error("cases", _("Enter how many cases you sampled"))
        return data


class CheckForm(HowForm):
    readers = EVERYONE

    progress = forms.ChoiceField(
        label=gettext_lazy("What progress do you see?"),
        error_messages={"required": gettext_lazy("Select the progress you see")},
        choices=JUDGED,
    )
    progress.widget = ChoiceRadios(choices=JUDGED)
    found = WordsField(
        label=gettext_lazy("What did you find?"), error_messages={"required": gettext_lazy("Enter what you found")}
    )
    field_order = ("progress", "method", "cases", "found")


class SignOffForm(HowForm):
    readers = EVERYONE

    words = WordsField(
        label=gettext_lazy("What did you find?"), error_messages={"required": gettext_lazy("Enter what you found")}
    )
    field_order = ("method", "cases", "words")


class SubmitForm(SeenForm):
    readers = ONCE_SIGNED_OFF

    statement = WordsField(
        label=gettext_lazy("Closing statement"),
        error_messages={"required": gettext_lazy("Enter a closing statement")},
        help_text=gettext_lazy("What is different now, and how you know it will last"),
        rows=5,
        max_length=4000,
    )


class ReasonForm(SeenForm):
    readers = NOT_INSPECTORS

    reason = WordsField(
        label=gettext_lazy("What is missing?"), error_messages={"required": gettext_lazy("Enter what is missing")}
    )


class _AgainForm(DoubtedForm, SeenForm):
    """Opens it again with a new due date."""

    due_on = DueField(
        label=gettext_lazy("New due date"),
        help_text=gettext_lazy("A day such as 31/10/2026, or a month such as October 2026"),
    )

    def __init__(self, data: Any = None, *, item: Recommendation, on: datetime.date, seen_event: int) -> None:
        self.item, self.on = item, on
        super().__init__(data, initial={"seen_event": seen_event})

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | due_values(typed["due_on"])


class ReopenForm(_AgainForm):
    readers = EVERYONE

    reason = WordsField(
        label=gettext_lazy("Why are you reopening it?"),
        error_messages={"required": gettext_lazy("Enter why you are reopening it")},
    )
    field_order = ("reason", "due_on")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.ask_about("due_on", data.get("due_on"), self.item, self.on)
        return data


class SustainForm(_AgainForm):
    """Asked three months after the sign-off."""

    readers = EVERYONE

    is_sustained = forms.TypedChoiceField(
        label=gettext_lazy("Is the progress sustained?"),
        error_messages={"required": gettext_lazy("Select yes if the progress is sustained")},
        choices=[("yes", gettext_lazy("Yes, it is sustained")), ("no", gettext_lazy("No: reopen it"))],
        coerce=lambda typed: typed == "yes",
        widget=ChoiceRadios(reveals={"no": "due_on"}),
    )
    words = WordsField(
        label=gettext_lazy("How do you know?"), error_messages={"required": gettext_lazy("Enter how you know")}
    )
    field_order = ("is_sustained", "due_on", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("is_sustained") is not False:
            self.errors.pop("due_on", None)
            data["due_on"] = None
        elif data.get("due_on") is None and not self.has_error("due_on"):
            self.add_error("due_on", _("Enter the new due date, such as 31/10/2026 or October 2026"))
        else:
            self.ask_about("due_on", data.get("due_on"), self.item, self.on)
        return data


class SuccessorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Recommendation) -> str:
        text = obj.text if len(obj.text) < 70 else f"{obj.text[:67]}…"
        return f"{obj.inspection.organisation}, {obj.inspection.published}, {obj.title}: {text}"


class CloseForm(SeenForm):
    """Only what is possible is offered."""

    readers = EVERYONE

    outcome = forms.ChoiceField(
        label=gettext_lazy("Close it as"),
        error_messages={"required": gettext_lazy("Select what to close it as")},
        widget=ChoiceRadios(reveals={}),
    )
    successor = SuccessorField(
        None, label=gettext_lazy("Superseded by"), required=False, empty_label=gettext_lazy("Select the later one")
    )
    reason = WordsField(
        label=gettext_lazy("Why are you closing it?"),
        error_messages={"required": gettext_lazy("Enter why you are closing it")},
    )

    def __init__(
        self, data: Any = None, *, item: Recommendation, successors: RecommendationQuerySet, seen_event: int
    ) -> None:
        super().__init__(data, initial={"seen_event": seen_event})
        offered = [Status.NO_LONGER_APPLIES, Status.SUPERSEDED]
        if item.response == Response.NOT_AGREED:
            offered.insert(0, Status.NOT_AGREED)
        outcome: Any = self.fields["outcome"]
        outcome.choices = [(status.value, status.label) for status in offered]
        outcome.widget.reveals = {Status.SUPERSEDED.value: "successor"}
        successor: Any = self.fields["successor"]
        successor.queryset = successors

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("outcome") != Status.SUPERSEDED:
            self.errors.pop("successor", None)
            data["successor"] = None
        elif data.get("successor") is None and not self.has_error("successor"):
            self.add_error("successor", _("Select the recommendation that replaces it"))
        return data


class TextForm(VersionedForm):
    """The printed text, letter by letter."""

    readers = EVERYONE

    COMPARED = {"text": "text", "number": "number", "place": "place"}

    text = LongTextField(
        label=gettext_lazy("Text as printed"),
        error_messages={"required": gettext_lazy("Enter the text as printed")},
        max_length=5000,
    )
    number = TextField(
        label=gettext_lazy("Number as printed"),
        error_messages={"required": gettext_lazy("Enter the number as printed")},
        max_length=10,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-4"}),
    )
    place = TextField(label=gettext_lazy("Place in the report"), max_length=200, required=False)
    reason = WordsField(
        label=gettext_lazy("Why are you correcting it?"),
        error_messages={"required": gettext_lazy("Enter why you are correcting it")},
    )

    def __init__(self, data: Any = None, *, item: Recommendation) -> None:
        now = {name: getattr(item, column) for name, column in self.COMPARED.items()}
        super().__init__(data, initial={"version": item.version} | now)
        if item.is_previous:
            # A previous recommendation has no number.
            del self.fields["number"]

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return {name: typed[name] for name in ("seen_version", "reason")} | {"printed": self.printed}

    @property
    def printed(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.COMPARED if name in self.fields}
