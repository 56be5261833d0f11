"""Forms for the end of an embargo and the people named for it."""

import datetime
import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.inspections.models import Inspection
from tracker.inspections.queries import people_called
from tracker.web.forms import ChoiceRadios, DayField, Form, TextField, clean_text

TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


class TimeField(forms.TimeField):
    """A time of day such as 9:30 or 17.00. Gives a time or None."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> datetime.time | None:
        if isinstance(value, datetime.time):
            return value
        text = clean_text(value or "", lines=False)
        if not text:
            return None
        found = TIME.fullmatch(text)
        if not found:
            raise ValidationError(_("Enter a time such as 9:30 or 17:00"), code="invalid")
        return datetime.time(int(found[1]), int(found[2]))

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, datetime.time) else value


def in_london(day: datetime.date, time: datetime.time) -> datetime.datetime:
    """The instant in London. Raises ValidationError for a time that the clocks skip or repeat on that day."""
    first, second = (datetime.datetime.combine(day, time.replace(fold=n), tzinfo=settings.LONDON) for n in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    if (first.utcoffset() or datetime.timedelta()) < (second.utcoffset() or datetime.timedelta()):
        raise ValidationError(_("The clocks go forward that night, so this time does not exist. Enter another time."))
    raise ValidationError(_("The clocks go back that night, so this time happens twice. Enter another time."))


def instant_in(text: str) -> datetime.datetime:
    """The instant of "2026-12-01 09:30" in London."""
    day, _space, time = text.strip().partition(" ")
    parts = DayField().to_python(day), TimeField().to_python(time)
    if parts[0] is None or parts[1] is None:
        raise ValidationError(_("Enter a date and a time, such as 2026-12-01 09:30"))
    return in_london(parts[0], parts[1])


class EmbargoForm(Form):
    NOW, UNTIL = "now", "until"

    when = forms.ChoiceField(
        label=gettext_lazy("When does the embargo end?"),
        choices=((UNTIL, gettext_lazy("On a date, at a time")), (NOW, gettext_lazy("Now"))),
        widget=ChoiceRadios(
            reveals={UNTIL: "day time"},
            hints={NOW: gettext_lazy("Everyone who can see reports on this organisation will see it straight away")},
        ),
    )
    day = DayField(label=gettext_lazy("Date"), required=False, help_text=gettext_lazy("For example, 31/3/2027"))
    time = TimeField(
        label=gettext_lazy("Time"), required=False, help_text=gettext_lazy("London time. For example, 9:30")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, data: Any = None, *, inspection: Inspection) -> None:
        until = inspection.embargo_until
        local = until.astimezone(settings.LONDON) if until else None
        initial = {"when": self.UNTIL, "version": inspection.version}
        if local is not None:
            initial |= {"day": local.date(), "time": local.time()}
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["until"] = None
        if data.get("when") != self.UNTIL:
            return data
        for name, said in (
            ("day", _("Enter the date it ends")),
            ("time", _("Enter the time it ends")),
        ):
            if not data.get(name) and not self.has_error(name):
                self.add_error(name, said)
        if data.get("day") and data.get("time"):
            try:
                data["until"] = in_london(data["day"], data["time"])
            except ValidationError as error:
                self.add_error("time", error)
        return data

    def values(self) -> dict[str, Any]:
        return {"seen_version": self.cleaned_data["version"], "until": self.cleaned_data["until"]}


class NameForm(Form):
    person = TextField(
        label=gettext_lazy("Who can see it?"),
        error_messages={"required": gettext_lazy("Enter who can see it")},
        max_length=400,
        help_text=gettext_lazy("An email address or a name"),
    )

    def __init__(self, data: Any = None, *, on: datetime.date) -> None:
        self.on = on
        super().__init__(data)

    def clean_person(self) -> User:
        found = people_called(self.cleaned_data["person"], self.on)
        if not found:
            raise ValidationError(_("No one with an account and a role matches that. Try the email address."))
        if len(found) > 1:
            names = "; ".join(person.label for person in found[:5])
            raise ValidationError(
                _("More than one person matches: %(names)s. Type more of the name."), params={"names": names}
            )
        return found[0]
