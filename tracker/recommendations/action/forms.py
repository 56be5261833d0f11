"""The forms of an action."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.recommendations.action.models import Action
from tracker.recommendations.recommendation.forms import (
    ConfirmUnusualForm,
    Due,
    DueField,
    WordsField,
    doubt_about,
    due_values,
    find_person,
)
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.readers import ONCE_SENT
from tracker.web.forms import DayField, Form, PersonInput, TextField, VersionedForm


class StepForm(Form):
    """What is to be done, by whom, and what it answers."""

    readers = ONCE_SENT

    text = WordsField(
        label=gettext_lazy("What will be done?"),
        error_messages={"required": gettext_lazy("Enter what will be done")},
        max_length=1000,
    )
    owner = TextField(
        label=gettext_lazy("Owner (optional)"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("The person who will report on it. Type part of a name or an email address"),
        widget=PersonInput(reverse_lazy("recommendations:people")),
    )
    done_by = TextField(
        label=gettext_lazy("Done by (optional)"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For organisations without accounts, such as Kent Police"),
    )
    answers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Which recommendations does it answer?"),
        error_messages={"required": gettext_lazy("Select at least one recommendation it answers")},
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        items: Sequence[Recommendation],
        on: datetime.date,
        initial: dict[str, Any],
        present: User | None = None,
    ) -> None:
        """`items` are what it may answer, at least one; `present` is the owner who may stay named without a role."""
        self.items = items
        self.on = on
        self.present = present
        super().__init__(data, initial=initial)
        self.fields["answers"].choices = [(item.pk, _short(item)) for item in items]  # type: ignore[attr-defined]
        people = reverse("recommendations:people") + f"?for={items[0].pk}"
        self.fields["owner"].widget.attrs["data-people-url"] = people
        if len(items) == 1:
            self.fields["answers"].widget = forms.MultipleHiddenInput()

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | {"answers": tuple(typed["answers"])} | due_values(typed.get("due_on"))

    def clean_owner(self) -> User | None:
        typed: str = self.cleaned_data["owner"]
        if self.present is not None and typed == self.present.label:
            return self.present
        return find_person(typed, self.items[0].addressee, self.on) if typed else None


def _short(item: Recommendation) -> str:
    text = item.text if len(item.text) <= 80 else item.text[:80].rsplit(" ", 1)[0] + " …"
    return f"{item.title}: {text}"


class AddActionForm(StepForm, ConfirmUnusualForm):
    due_on = DueField(
        label=gettext_lazy("Due date (optional)"),
        required=False,
        help_text=gettext_lazy("A day such as 31/10/2026, or a month such as October 2026"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if due := data.get("due_on"):
            chosen = [item for item in self.items if item.pk in data.get("answers", ())]
            self.doubt("due_on", odd_date(due, chosen or self.items[:1], self.on))
        return data


def odd_date(due: Due, items: Sequence[Recommendation], on: datetime.date) -> str:
    """What is unusual about the date of an action that answers these; "" where nothing is."""
    if message := doubt_about(due.on, published=items[0].inspection.published_from, on=on):
        return message
    late = [item for item in items if item.due_on is not None and due.on > item.due_on]
    if not late:
        return ""
    return _("%(day)s is after the due date of %(title)s, %(due)s.") % {
        "day": due,
        "title": late[0].title.lower(),
        "due": late[0].due,
    }


class EditActionForm(StepForm, VersionedForm):
    pass


class MoveActionForm(ConfirmUnusualForm, VersionedForm):
    readers = ONCE_SENT

    due_on = DueField(
        label=gettext_lazy("New due date"),
        help_text=gettext_lazy("A day such as 31/10/2026, or a month such as October 2026"),
    )
    reason = WordsField(label=gettext_lazy("Why?"), required=False)

    def __init__(self, data: Any = None, *, action: Action, items: Sequence[Recommendation], on: datetime.date) -> None:
        self.action = action
        self.items = items
        self.on = on
        super().__init__(data, initial={"due_on": due_of(action), "version": action.version})
        hint = (
            _("You must give a reason to make a confirmed date later")
            if action.original_due_on
            else _("Optional, because the date is provisional")
        )
        self.fields["reason"].help_text = hint

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | due_values(typed["due_on"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        due = data.get("due_on")
        if due and due != due_of(self.action) and data.get("version") == self.action.version:
            self.doubt("due_on", odd_date(due, self.items, self.on))
        return data


def due_of(action: Action) -> Due | None:
    return Due(action.due_on, action.due_is_month) if action.due_on else None


class DropActionForm(Form):
    readers = ONCE_SENT

    reason = WordsField(
        label=gettext_lazy("Why are you dropping it?"),
        error_messages={"required": gettext_lazy("Enter why you are dropping it")},
    )


class OpenActionForm(Form):
    readers = ONCE_SENT

    reason = WordsField(
        label=gettext_lazy("Why are you reopening it?"),
        error_messages={"required": gettext_lazy("Enter why you are reopening it")},
    )


class MarkForm(Form):
    """Behind the three buttons."""

    readers = ONCE_SENT

    note = WordsField(label=gettext_lazy("Note (optional)"), required=False, rows=2, max_length=500)


class MarkDoneForm(MarkForm):
    day = DayField(
        is_ahead=False,
        label=gettext_lazy("Done on"),
        required=False,
        help_text=gettext_lazy("Leave empty for today"),
    )


class MarkBlockedForm(Form):
    readers = ONCE_SENT

    note = WordsField(
        label=gettext_lazy("What is blocking it?"),
        error_messages={"required": gettext_lazy("Enter what is blocking it")},
        rows=2,
        max_length=500,
    )
