"""Due dates: setting them, correcting a mistyped original, and asking for a later one."""

import datetime
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.recommendation.forms import (
    DoubtedForm,
    Due,
    DueField,
    SeenForm,
    WordsField,
    due_of,
    due_values,
)
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import DateSetBy
from tracker.recommendations.recommendation.readers import EVERYONE, ONCE_DECIDED
from tracker.web.forms import ChoiceRadios, DayField, VersionedForm
from tracker.web.workingdays import months_after


class Kind(models.TextChoices):
    """A date, or what is done all the time."""

    DATE = "date", gettext_lazy("By a day or a month")
    ONGOING = "ongoing", gettext_lazy("Ongoing, with a review date")


class SetDueForm(DoubtedForm, VersionedForm):
    """When it is due: a day, a month, or ongoing; and whose date it is."""

    kind = forms.ChoiceField(
        label=gettext_lazy("When is it due?"),
        error_messages={"required": gettext_lazy("Select when it is due")},
        choices=Kind,
        widget=ChoiceRadios(reveals={Kind.DATE: "due_on", Kind.ONGOING: "review_on"}),
    )
    due_on = DueField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("A day such as 31/10/2026, or a month such as October 2026"),
    )
    review_on = DayField(label=gettext_lazy("Review date"), required=False)
    due_set_by = forms.ChoiceField(
        label=gettext_lazy("Who set this date?"),
        choices=DateSetBy,
        widget=ChoiceRadios(
            hints={
                DateSetBy.HMPPS: gettext_lazy("Only an HMPPS reviewer can extend it"),
                DateSetBy.REPORT: gettext_lazy("Only an HMPPS reviewer can extend it"),
            }
        ),
    )

    def __init__(self, data: Any = None, *, item: Recommendation, on: datetime.date) -> None:
        self.item, self.on = item, on
        super().__init__(data, initial={"version": item.version} | present(item))
        self.fields["review_on"].help_text = _("Within 3 months, by %(day)s") % {"day": Due(months_after(on, 3))}
        if item.original_due_on is not None:
            # With the date it is fixed who set it.
            self.fields["due_set_by"].disabled = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wanted = "due_on" if data.get("kind") == Kind.DATE else "review_on"
        if data.get("kind") and not data.get(wanted) and not self.has_error(wanted):
            said = {
                "due_on": _("Enter the due date, such as 31/10/2026 or October 2026"),
                "review_on": _("Enter the review date"),
            }
            self.add_error(wanted, said[wanted])
        # A conflict is shown first. An unusual date is asked about at the next save.
        if data.get("kind") == Kind.DATE and data.get("version") == self.item.version:
            due = data.get("due_on")
            if due != due_of(self.item):
                self.ask_about("due_on", due, self.item, self.on)
        return data

    def values(self) -> dict[str, Any]:
        typed = super().values()
        kept = {name: typed[name] for name in ("seen_version", "due_set_by")}
        return kept | {"review_on": self.looked_at_on} | due_values(self.due)

    @property
    def wants_later(self) -> Due | None:
        """The later date that was typed for a fixed one: it can be asked for with a reason."""
        if not self.has_error("due_on", "later"):
            return None
        typed: Due | None = DueField().clean(self.data.get(self.add_prefix("due_on")))
        return typed

    @property
    def due(self) -> Due | None:
        return self.cleaned_data["due_on"] if self.cleaned_data["kind"] == Kind.DATE else None

    @property
    def looked_at_on(self) -> datetime.date | None:
        return self.cleaned_data["review_on"] if self.cleaned_data["kind"] == Kind.ONGOING else None


def present(item: Recommendation) -> dict[str, Any]:
    """The fields of SetDueForm as the recommendation stands."""
    return {
        "kind": Kind.ONGOING if item.review_on else Kind.DATE,
        "due_on": due_of(item),
        "review_on": item.review_on,
        "due_set_by": item.due_set_by,
    }


class CorrectDateForm(DoubtedForm, SeenForm):
    readers = EVERYONE

    original = DueField(
        label=gettext_lazy("Correct original due date"),
        error_messages={"required": gettext_lazy("Enter the correct original due date")},
        help_text=gettext_lazy("A day such as 31/10/2026, or a month such as October 2026"),
    )
    reason = WordsField(
        label=gettext_lazy("Why are you correcting it?"),
        error_messages={"required": gettext_lazy("Enter why you are correcting it")},
        max_length=1000,
    )

    def __init__(self, data: Any = None, *, item: Recommendation, on: datetime.date, seen_event: int) -> None:
        self.item, self.on = item, on
        super().__init__(data, initial={"seen_event": seen_event})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.ask_about("original", data.get("original"), self.item, self.on)
        return data

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | due_values(typed.pop("original"), "original_due_on", "is_month")


class AskExtensionForm(DoubtedForm):
    readers = ONCE_DECIDED

    to_on = DueField(
        label=gettext_lazy("New due date"),
        help_text=gettext_lazy("A day such as 31/10/2026, or a month such as October 2026"),
    )
    reason = WordsField(
        label=gettext_lazy("Why do you need more time?"),
        error_messages={"required": gettext_lazy("Enter why you need more time")},
        max_length=1000,
    )

    def __init__(self, data: Any = None, *, item: Recommendation, on: datetime.date, asked_for: str = "") -> None:
        """`asked_for` is the date that was typed where it was refused."""
        self.item, self.on = item, on
        super().__init__(data, initial={"to_on": asked_for})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wanted: Due | None = data.get("to_on")
        # The operation refuses any other date, so confirming it would lead nowhere.
        if wanted is not None and wanted.on > self.on:
            self.ask_about("to_on", wanted, self.item, self.on)
        return data

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | due_values(typed["to_on"], "to_on", "to_is_month")


class DecideExtensionForm(SeenForm):
    readers = EVERYONE

    decision = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        error_messages={"required": gettext_lazy("Select a decision")},
        choices=[("grant", gettext_lazy("Grant the extension")), ("decline", gettext_lazy("Decline the extension"))],
        widget=ChoiceRadios(),
    )
    words = WordsField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("You must give a reason to decline"),
    )

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | {"granted": typed.pop("decision") == "grant"}
