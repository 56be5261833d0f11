"""Forms in GOV.UK's markup, and fields that take text as people paste it.

A template writes the form tag, `{% csrf_token %}`, `{{ form.error_summary }}` and `{{ form }}`. A form laid out by hand
writes `{{ form.hidden }}` and each `{{ form.name.as_field_group }}` in place of `{{ form }}`.
"""

import datetime
import re
import unicodedata
import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList as DjangoErrorList
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.web.days import NotADay, day_in
from tracker.web.today import today

# "Who covers?" can follow a verb ("Enter who covers"). "What did you find?" cannot.
SUBJECT = re.compile(r"(?:Who|What) (?!(?:do|does|did|is|are|was|were|can|should|has|have) )")


class Field(BoundField):
    """A bound field with its GOV.UK shape. Only our field templates use it, so the admin is unchanged."""

    @cached_property
    def shape(self) -> str:
        """The <shape> of the template forms/_<shape>.html that renders it, chosen by its widget."""
        return next((shape for shape, kinds in SHAPES if isinstance(self.field.widget, kinds)), "input")

    @property
    def shape_template(self) -> str:
        return f"forms/_{self.shape}.html"

    @property
    def focus_id(self) -> str:
        """The id that the error summary links to: for a group of choices, the id of the first."""
        return f"{self.auto_id}_0" if self.shape in ("radios", "checkboxes") else self.auto_id

    @property
    def limit(self) -> int | None:
        """The maximum length of a text area, shown as a countdown."""
        return getattr(self.field, "max_length", None) if self.shape == "textarea" else None

    @property
    def messages(self) -> list[str]:
        """Its errors, with "This field is required." replaced by words that name the field."""
        if not self.errors:
            return []
        said = [str(text) for error in self.errors.as_data() for text in error.messages]
        required = str(forms.Field.default_error_messages["required"])
        return [self._missing() if text == required else text for text in said]

    def _missing(self) -> str:
        label, is_choice = str(self.label), self.shape in ("radios", "checkboxes", "select", "file")
        if label.endswith("?"):
            if label.startswith("Why"):
                return gettext("Enter a reason")
            if not SUBJECT.match(label):
                said = gettext("Select an answer to “%(question)s”") if is_choice else None
                return (said or gettext("Enter an answer to “%(question)s”")) % {"question": label}
            label = label.removesuffix("?")
        if self.shape == "checkbox":
            return gettext("Select “%(statement)s”") % {"statement": label}
        # "HMPPS region" keeps its capitals, "Due date" does not.
        label = label if label[1:2].isupper() else label[:1].lower() + label[1:]
        if is_choice:
            return gettext("Select %(field)s") % {"field": label}
        return gettext("Enter %(field)s") % {"field": label}

    @property
    def control(self) -> SafeString:
        """The input alone, with its classes and described-by ids."""
        classes = [*CLASSES[self.shape].split(), *str(self.field.widget.attrs.get("class", "")).split()]
        if self.errors:
            classes.append(f"{classes[0]}--error")
        described = self.aria_describedby or ""
        # A browser cuts pasted text at the limit without a message. The server reports that it is too long.
        attrs: dict[str, Any] = {"class": " ".join(classes), "maxlength": False, "placeholder": False}
        if self.shape == "textarea":
            # Django's default of 40 columns would override the stylesheet.
            attrs["cols"] = False
        if self.limit:
            attrs["class"] += " govuk-js-character-count"
            described = f"{described} {self.auto_id}-info".strip()
        if described:
            attrs["aria-describedby"] = described
        return self.as_widget(attrs=attrs)

    @property
    def options(self) -> Iterator[tuple[BoundWidget, list[BoundField]]]:
        """Each choice of a group with the fields that it reveals."""
        for option in self.subwidgets:
            yield option, [self.form[name] for name in option.data.get("reveals", "").split()]

    @property
    def is_revealed(self) -> bool:
        """Whether another field's choice reveals it, so that the form does not list it itself."""
        opened = [getattr(field.widget, "reveals", {}).values() for field in self.form.fields.values()]
        return any(self.name in names.split() for values in opened for names in values)


class ErrorList(DjangoErrorList):
    template_name = "forms/errors.html"


class Renderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = Field


class RequestKeyField(forms.UUIDField):
    """A key for one completed form, so that sending it twice runs its operation once."""

    widget = forms.HiddenInput(attrs={"id": False})

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid.uuid4)

    def to_python(self, value: Any) -> uuid.UUID:  # type: ignore[override]
        """A missing or invalid key is replaced by a new one instead of an error."""
        try:
            return super().to_python(value) or uuid.uuid4()
        except ValidationError:
            return uuid.uuid4()

    def bound_data(self, data: Any, initial: Any) -> uuid.UUID:
        return self.to_python(data)


class Form(forms.Form):
    """Base class of all our forms. `prefix` separates two forms on one page."""

    use_required_attribute = False
    # One line above the fields: who can read what is typed here.
    readers: Any = ""
    request_key = RequestKeyField()

    @property
    def key(self) -> uuid.UUID:
        """The request key of a valid form. An operation runs once for each key."""
        key: uuid.UUID = self.cleaned_data["request_key"]
        return key

    def values(self) -> dict[str, Any]:
        """The entered values of a valid form, under the argument names of its operation."""
        return {name: value for name, value in self.cleaned_data.items() if name != "request_key"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_class", ErrorList)
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        # First in the page or last makes no difference to a person, but a subclass's own fields come first in loops.
        self.fields["request_key"] = self.fields.pop("request_key")

    def full_clean(self) -> None:
        """Derive the key from the posted key and the posted values.

        The same form sent twice has one key; filled in otherwise and sent again, it has another, so that nothing typed
        is taken for what was done before.
        """
        super().full_clean()
        key = getattr(self, "cleaned_data", {}).get("request_key")
        if key is not None:
            self.cleaned_data["request_key"] = uuid.uuid5(key, f"{type(self).__name__} {self._typed()}")

    def _typed(self) -> list[tuple[str, str]]:
        """The posted values of this form. Its fields may have changed after it was saved, so they are not used."""
        start = f"{self.prefix}-" if self.prefix else ""
        left_out = {self.add_prefix("request_key"), "csrfmiddlewaretoken"}
        values = dict(self.data.lists()) if isinstance(self.data, QueryDict) else dict(self.data)
        return [
            (name, repr(values[name])) for name in sorted(values) if name.startswith(start) and name not in left_out
        ]

    def refill(self, values: dict[str, str]) -> None:
        """Replace posted values in the form that is shown again."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in values.items():
            data[self.add_prefix(name)] = value
        self.data = data

    @property
    def hidden(self) -> SafeString:
        """All hidden inputs, including the request key."""
        return format_html_join("", "{}", ((field,) for field in self.hidden_fields()))

    @property
    def error_summary(self) -> SafeString | str:
        """The error summary above the page heading; empty without errors."""
        return self.render("forms/error_summary.html", {"form": self}) if self.is_bound and self.errors else ""

    def add_errors(self, refusal: ValidationError) -> None:
        """Show the errors of an operation beside their fields, or above the form."""
        by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
        for name, errors in by_field.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


class VersionedForm(Form):
    """A form that changes columns of one row. It holds the version of the row that was shown.

    COMPARED is {field: column} for the three versions shown after a conflicting change.
    """

    COMPARED: dict[str, str] = {}

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | {"seen_version": typed.pop("version")}


class TextField(forms.CharField):
    """Pasted text, normalised: composed letters, no control characters, line breaks only in text areas.

    Text of invisible characters only counts as empty.
    """

    def to_python(self, value: Any) -> str | None:
        text = clean_text(value, lines=isinstance(self.widget, forms.Textarea)) if value is not None else ""
        return super().to_python(text)


class LongTextField(TextField):
    widget = forms.Textarea(attrs={"rows": 5})


def clean_text(value: Any, *, lines: bool) -> str:
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = re.sub(r"[^\S\n]", " ", text) if lines else re.sub(r"\s", " ", text)
    # Control characters and halves of characters; and the bidirectional overrides, which would let a text read
    # otherwise than it is stored.
    kept = "".join(c for c in text if c == "\n" or (unicodedata.category(c) not in UNREADABLE and c not in OVERRIDES))
    visible = any(unicodedata.category(c)[0] in "LNPS" and c not in BLANKS for c in kept)
    text = unicodedata.normalize("NFC", kept).strip() if visible else ""
    return text if lines else re.sub(" +", " ", text)


# Letters and signs by their Unicode category, but invisible.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
UNREADABLE = ("Cc", "Cs")
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


class DayInput(forms.DateInput):
    """A text input, with the MoJ date picker if JavaScript is enabled."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, datetime.date):
            return f"{value.day}/{value.month}/{value.year}"
        return super().format_value(value)


class DayField(forms.DateField):
    """A day as day_in() reads it. Without a year it is the next such day, or the last one unless `is_ahead`."""

    widget = DayInput
    default_error_messages = {"invalid": _("Enter a date such as 31/10/2026")}

    def __init__(self, *, is_ahead: bool = True, **kwargs: Any) -> None:
        self.is_ahead = is_ahead
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        text = re.sub("[\u200b-\u200f\u2060]", "", clean_text(value, lines=False))
        try:
            return day_in(text, near=today(), is_ahead=self.is_ahead)
        except NotADay as fault:
            raise ValidationError(str(fault) or self.error_messages["invalid"], code="invalid") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class ChoiceRadios(forms.RadioSelect):
    """Radios with hints for some choices (`hints`), on one line (`inline`), or revealing fields (`reveals`: names).

    A revealed field is rendered inside its choice and left out of the form's own list.
    """

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        *,
        hints: dict[str, Any] | None = None,
        reveals: dict[str, str] | None = None,
        inline: bool = False,
    ) -> None:
        super().__init__(attrs, choices)
        self.hints = hints or {}
        self.reveals = reveals or {}
        self.inline = inline

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["hint"] = self.hints.get(str(option["value"]), "")
        option["reveals"] = self.reveals.get(str(option["value"]), "")
        return option


class PersonInput(forms.TextInput):
    """A name, with suggestions from `url` (JSON: [{"label": ..., "hint": ...}]) if JavaScript is enabled."""

    def __init__(self, url: Any, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "data-people-url": url, **(attrs or {})})


# The first that fits: a date input is a text input too.
SHAPES: tuple[tuple[str, type[forms.Widget] | tuple[type[forms.Widget], ...]], ...] = (
    ("hidden", forms.HiddenInput),
    ("checkboxes", forms.CheckboxSelectMultiple),
    ("radios", forms.RadioSelect),
    ("checkbox", forms.CheckboxInput),
    ("textarea", forms.Textarea),
    ("select", forms.Select),
    ("day", DayInput),
    ("file", forms.FileInput),
    ("password", forms.PasswordInput),
)
CLASSES = {
    "hidden": "",
    "checkboxes": "govuk-checkboxes__input",
    "radios": "govuk-radios__input",
    "checkbox": "govuk-checkboxes__input",
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "day": "govuk-input moj-js-datepicker-input",
    "file": "govuk-file-upload",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "input": "govuk-input",
}
