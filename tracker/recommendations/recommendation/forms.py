"""Base classes of forms, and fields for text, people and due dates."""

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import people_by_nearness
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Progress
from tracker.web.days import month_in
from tracker.web.forms import DayField, Form, LongTextField, clean_text
from tracker.web.workingdays import months_after

NO_NAMES = gettext_lazy("Do not name anyone on probation")

BIGGEST = 2**63 - 1


class SeenForm(Form):
    """Of a verb that decides on what the person was shown: it carries the last event that stood on the page.

    The view fills it in with `initial={"seen_event": last_event_id(item)}` and hands it to the operation, which raises
    Conflict when there is a newer one.
    """

    seen_event = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=BIGGEST)


class WordsField(LongTextField):
    """Words that are kept in the history; the hint of a form's first says what must not be in them."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        bound: Any = super().get_bound_field(form, field_name)
        names = list(form.fields)
        before = names[: names.index(field_name)]
        # What only an answer opens may stay closed, so each of those says it for itself.
        earlier = [name for name in before if isinstance(form.fields[name], WordsField) and not form[name].is_revealed]
        if bound.is_revealed or not earlier:
            bound.help_text = f"{bound.help_text}. {NO_NAMES}" if bound.help_text else NO_NAMES
        return bound


@dataclass(frozen=True)
class Due:
    """A day, or a month, which means its last day."""

    on: datetime.date
    is_month: bool = False

    def __str__(self) -> str:
        return format_date(self.on, "F Y" if self.is_month else "j F Y")


class DueField(DayField):
    """A due date: a day as in DayField, or a month such as "October 2026" or 10/2026. Gives a Due or None."""

    default_error_messages = {
        "invalid": gettext_lazy("Enter a date such as 31/10/2026, or a month such as October 2026"),
    }

    def to_python(self, value: Any) -> Due | None:  # type: ignore[override]
        if isinstance(value, Due):
            return value
        if isinstance(value, str) and (first := month_in(clean_text(value, lines=False))):
            return Due(months_after(first, 1) - datetime.timedelta(days=1), is_month=True)
        day = super().to_python(value)
        return Due(day) if day else None

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Due):
            return format_date(value.on, "F Y") if value.is_month else value.on
        return value


def doubt_about(due_on: datetime.date, *, published: datetime.date, on: datetime.date) -> str:
    """What is unusual about a due date and so asked about once more; "" where nothing is."""
    if due_on < published:
        doubt = _("%(day)s is before the report was published.")
    elif due_on < on:
        doubt = _("%(day)s is in the past.")
    elif due_on > months_after(on, 60):
        doubt = _("%(day)s is more than 5 years away.")
    else:
        return ""
    return doubt % {"day": format_date(due_on, "j F Y")}


def doubt(message: str) -> ValidationError:
    return ValidationError(message + " " + _("If this is right, tick the box below."), code="confirm")


class ConfirmUnusualForm(Form):
    """A form whose box "Yes, this is right" is there only where something was doubted, and then is the last field."""

    confirm = forms.BooleanField(label=gettext_lazy("Yes, this is right"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._confirm = self.fields.pop("confirm")
        if self.is_bound and self.data.get(self.add_prefix("confirm")):
            self.fields["confirm"] = self._confirm

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "confirm"}

    def doubt(self, field: str, message: str) -> None:
        """Nothing where there is no message, or where the box is ticked."""
        if message and not self.cleaned_data.get("confirm"):
            self.add_error(field, doubt(message))
            self.fields["confirm"] = self._confirm


REPORTABLE = [choice for choice in Progress.choices if choice[0]]


def due_of(item: Recommendation) -> Due | None:
    return Due(item.due_on, item.due_is_month) if item.due_on else None


def due_values(due: Due | None, day: str = "due_on", is_month: str = "due_is_month") -> dict[str, Any]:
    """A due date as operations take it."""
    return {day: due.on if due else None, is_month: bool(due and due.is_month)}


def find_person(typed: str, addressee: Organisation, on: datetime.date, *, is_whole: bool = False) -> User:
    """The one person meant by what was typed. Raises ValidationError when that is nobody, or more than one.

    `is_whole`: a whole name or an email address is needed, as nobody sees who was found before it takes effect.
    """
    people = people_by_nearness(addressee, on)
    exact = people.filter(Q(email__iexact=typed.rpartition("(")[2].rstrip(")")) | Q(email__iexact=typed)).first()
    if exact is not None:
        return exact
    found = list(matching(people, typed)[:6])
    if not found:
        raise ValidationError(
            _("No one with an account matches “%(typed)s”. Try part of the name."), params={"typed": typed}
        )
    same = list(people.filter(name__iexact=typed)[:2])
    if len(same) == 1:
        return same[0]
    if len(found) > 1:
        names = "; ".join(person.label for person in found[:5])
        raise ValidationError(
            _("More than one person matches: %(names)s. Type more of the name."), params={"names": names}
        )
    if is_whole:
        raise ValidationError(
            _("Did you mean %(name)s? Enter the full name or the email address."), params={"name": found[0].label}
        )
    return found[0]


def matching(people: QuerySet[User], typed: str) -> QuerySet[User]:
    """People whose name or email address contains every word typed."""
    for word in typed.replace("(", " ").replace(")", " ").split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return people


class DoubtedForm(Form):
    """Asks once more about an unusual date: the box to tick is there only then."""

    confirm = forms.BooleanField(label=gettext_lazy("Yes, this date is right"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Last, beside the button.
        self._confirm = self.fields.pop("confirm")
        if self._is_confirmed:
            self.fields["confirm"] = self._confirm

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "confirm"}

    @property
    def _is_confirmed(self) -> bool:
        return bool(self.data.get(self.add_prefix("confirm")))

    def ask_about(self, name: str, due: Due | None, item: Recommendation, on: datetime.date) -> None:
        if due is None or self._is_confirmed:
            return
        if message := doubt_about(due.on, published=item.inspection.published_from, on=on):
            self.fields["confirm"] = self._confirm
            self.add_error(name, doubt(message))
