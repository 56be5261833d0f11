"""What is measured, who supplies it, and the figures of one supplier."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import User
from tracker.measures.forms import TypedFigure, column, figure_in
from tracker.measures.models import Measure, MeasureQuerySet, NewReading, Reading, trimmed
from tracker.measures.operations import fault_of
from tracker.recommendations.recommendation.forms import WordsField, find_person
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.web.forms import ChoiceRadios, DayField, Form, LongTextField, PersonInput, TextField, VersionedForm


class TargetField(forms.Field):
    """The number typed for a figure, or None."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:
        figure = figure_in(str(value or ""), "")
        if figure is not None and figure.value is None:
            raise ValidationError(_("Enter one number, such as 20"))
        if figure is not None and figure.value is not None and abs(figure.value) >= 10**10:
            raise ValidationError(_("Number is too large"))
        return figure.value if figure else None

    def prepare_value(self, value: Any) -> Any:
        return trimmed(value) if isinstance(value, Decimal) else value


class PlannedFields(Form):
    """The fields that a lead can set and change."""

    readers = EVERYONE

    better = forms.ChoiceField(
        label=gettext_lazy("Is higher or lower better?"),
        error_messages={"required": gettext_lazy("Select whether higher or lower is better")},
        choices=Measure.Better,
        widget=ChoiceRadios(inline=True),
    )
    target = TargetField(
        label=gettext_lazy("Target"),
        required=False,
        help_text=gettext_lazy("A number in the unit of the measure"),
    )
    supplier = TextField(
        label=gettext_lazy("Analyst"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("The person who provides the figures. Type part of a name or an email address"),
        widget=PersonInput(reverse_lazy("recommendations:people")),
    )
    rhythm = forms.ChoiceField(label=gettext_lazy("How often"), choices=Measure.Rhythm, initial=Measure.Rhythm.MONTHLY)

    def __init__(
        self,
        data: Any = None,
        *,
        item: Recommendation,
        on: datetime.date,
        supplier: User | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        """`item` is a recommendation that the person leads; people of its addressee are suggested first."""
        self.item, self.on, self.request_cache = item, on, supplier
        super().__init__(data, initial=initial)
        self.fields["supplier"].widget.attrs["data-people-url"] = reverse("recommendations:people") + f"?for={item.pk}"

    def clean_supplier(self) -> User | None:
        typed: str = self.cleaned_data["supplier"]
        if self.request_cache is not None and typed == self.request_cache.label:
            return self.request_cache
        return find_person(typed, self.item.addressee, self.on) if typed else None


class AddMeasureForm(PlannedFields):
    name = TextField(
        label=gettext_lazy("What does it measure?"),
        error_messages={"required": gettext_lazy("Enter what it measures")},
        max_length=300,
    )
    definition = LongTextField(
        label=gettext_lazy("What is counted and how"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    unit = TextField(
        label=gettext_lazy("Unit"), max_length=40, help_text=gettext_lazy("For example %, weeks, or cases for each SPO")
    )
    baseline = TextField(
        label=gettext_lazy("Baseline"),
        required=False,
        max_length=60,
        help_text=gettext_lazy(
            "The figure in the report: a number, or cases such as 3 of 7. Leave empty if there is none"
        ),
    )
    baseline_place = TextField(
        label=gettext_lazy("Where the baseline is in the report"), required=False, max_length=200
    )
    baseline_method = TextField(
        label=gettext_lazy("How the baseline was counted"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Figures counted in a different way are never joined to the baseline on the chart"),
    )
    caution = WordsField(
        label=gettext_lazy("Caution"), required=False, help_text=gettext_lazy("How the figure could mislead")
    )

    field_order = ("name", "definition", "unit", "better", "baseline", "baseline_place", "baseline_method", "target")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed, unit = data.get("baseline"), data.get("unit")
        data["figure"] = None
        if typed and unit:
            try:
                data["figure"] = figure = figure_in(typed, unit)
            except ValidationError as error:
                self.add_error("baseline", error)
                return data
            if figure is not None and figure.cannot:
                self.add_error("baseline", _("Leave this empty if the report gives no figure."))
            elif figure is not None and (fault := fault_of(Measure(unit=unit), reading_of(figure, self.on))):
                self.add_error("baseline", fault)
        return data

    def values(self) -> dict[str, Any]:
        """Columns of Measure."""
        figure: TypedFigure = self.cleaned_data["figure"] or TypedFigure()
        names = ("name", "definition", "unit", "better", "baseline_place", "baseline_method", "caution")
        planned = {name: self.cleaned_data[name] for name in ("target", "supplier", "rhythm")}
        baseline = {"baseline": figure.value, "baseline_of": figure.of, "baseline_out_of": figure.out_of}
        return {name: self.cleaned_data[name] for name in names} | planned | baseline


class ChangeMeasureForm(PlannedFields, VersionedForm):
    def __init__(self, data: Any = None, *, measure: Measure, item: Recommendation, on: datetime.date) -> None:
        supplier = measure.supplier
        initial = {
            "better": measure.better,
            "target": measure.target,
            "supplier": supplier.label if supplier else "",
            "rhythm": measure.rhythm,
            "version": measure.version,
        }
        super().__init__(data, item=item, on=on, supplier=supplier, initial=initial)

    @property
    def columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("better", "target", "supplier", "rhythm")}

    def values(self) -> dict[str, Any]:
        return self.columns | {"seen_version": self.cleaned_data["version"]}


class LinkMeasureForm(Form):
    measure: "forms.ModelChoiceField[Measure]" = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Measure that also applies to this recommendation"),
        error_messages={"required": gettext_lazy("Select a measure")},
        empty_label=gettext_lazy("Select one"),
    )

    def __init__(self, data: Any = None, *, measures: MeasureQuerySet) -> None:
        super().__init__(data)
        self.fields["measure"].queryset = measures  # type: ignore[attr-defined]


class EndMeasureForm(Form):
    readers = EVERYONE

    reason = WordsField(
        label=gettext_lazy("Why are you ending it?"),
        error_messages={"required": gettext_lazy("Enter why you are ending it")},
    )


def reading_of(figure: TypedFigure, as_of: datetime.date, **said: str) -> NewReading:
    return NewReading(as_of, figure.value, figure.of, figure.out_of, cannot=figure.cannot, **said)


@dataclass(frozen=True)
class Box:
    """One measure of the supplier's page, with the names of its fields."""

    measure: Measure
    latest: Reading | None
    is_wanted: bool
    last_method: str

    @property
    def known_in_words(self) -> str:
        """The last reading, or what the report prints, and which way is better."""
        if self.latest is not None:
            day = format_date(self.latest.as_of, "j F Y")
            known = _("Last: %(value)s, as of %(day)s.") % {"value": self.latest.in_words, "day": day}
        elif self.measure.baseline_value is not None:
            known = _("No figure yet. The report gives %(value)s.") % {"value": self.measure.baseline_in_words}
        else:
            known = _("No figure yet.")
        return f"{known} {self.measure.get_better_display()}."

    @property
    def value(self) -> str:
        return f"value_{self.measure.pk}"

    @property
    def method(self) -> str:
        return f"method_{self.measure.pk}"

    @property
    def source(self) -> str:
        return f"source_{self.measure.pk}"

    @property
    def caution(self) -> str:
        return f"caution_{self.measure.pk}"


class FiguresForm(Form):
    """Everything that one person supplies: a box for each measure; empty ones are left out."""

    readers = EVERYONE

    as_of = DayField(
        is_ahead=False,
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("The date the figures relate to. For example, 31/10/2026"),
    )
    source = TextField(
        label=gettext_lazy("Source"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For example, the monthly workload report"),
    )
    pasted = LongTextField(
        label=gettext_lazy("Paste a column"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy(
            "One figure per line, in the order on this page. Leave a line empty to skip that measure"
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, data: Any = None, *, boxes: Sequence[Box], on: datetime.date, initial: dict[str, Any] | None = None
    ) -> None:
        self.boxes, self.on = boxes, on
        last_month = on.replace(day=1) - datetime.timedelta(days=1)
        super().__init__(data, initial={"as_of": last_month} | (initial or {}))
        for box in boxes:
            self._add(box)

    def _add(self, box: Box) -> None:
        self.fields[box.value] = TextField(
            label=box.measure.name, required=False, max_length=60, help_text=box.known_in_words
        )
        self.fields[box.method] = TextField(
            label=_("How it was counted"), required=False, max_length=120, initial=box.last_method
        )
        self.fields[box.source] = TextField(label=_("Source, if different from above"), required=False, max_length=200)
        self.fields[box.caution] = TextField(label=_("Caution"), required=False, max_length=500)
        self.fields[box.value].widget.attrs["class"] = "govuk-input--width-10"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The measures with their fields, for the template."""
        return [
            {
                "box": box,
                # Open if something in it was typed or is wrong.
                "is_told": any(self[name].value() or self[name].errors for name in (box.source, box.caution))
                or bool(self[box.method].errors),
                **{name: self[getattr(box, name)] for name in ("value", "method", "source", "caution")},
            }
            for box in self.boxes
        ]

    @property
    def left_over(self) -> int:
        """How many pasted lines had no measure to go to."""
        return len(column(str(self["pasted"].value() or "")))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        as_of = data.get("as_of")
        if as_of is not None and as_of > self.on:
            self.add_error("as_of", _("Date must be today or in the past"))
        self.readings: list[tuple[Measure, NewReading]] = []
        typed = [box for box in self.boxes if data.get(box.value)]
        for box in typed:
            self._read(box, data, as_of or self.on)
        if not typed and not self.errors:
            self.add_error(None, _("Enter at least one figure"))
        return data

    def _read(self, box: Box, data: dict[str, Any], as_of: datetime.date) -> None:
        try:
            figure = figure_in(data[box.value], box.measure.unit)
        except ValidationError as error:
            self.add_error(box.value, error)
            return
        if figure is None:
            return
        source = data.get(box.source) or data.get("source") or ""
        if not source and not self.has_error("source"):
            self.add_error("source", _("Enter the source of the figures"))
        said = {"method": data.get(box.method) or "", "caution": data.get(box.caution) or ""}
        new = reading_of(figure, as_of, source=source, **said)
        if fault := fault_of(box.measure, new):
            self.add_error(box.value, fault)
        self.readings.append((box.measure, new))

    def filled(self) -> "FiguresForm":
        """The same form with the lines of the pasted column in its boxes; nothing is checked or saved.

        What has no box stays in the text area. A line that says that it cannot be calculated, a dash for example, is
        written out, so that the person sees what it is taken for.
        """
        lines = column(self.data.get("pasted", ""))
        values = {name: self.data[name] for name in self.fields if name in self.data and name != "request_key"}
        for box, line in zip(self.boxes, lines, strict=False):
            values[box.value] = _written_out(line)
        values["pasted"] = "\n".join(lines[len(self.boxes) :])
        return FiguresForm(boxes=self.boxes, on=self.on, initial=values)


def _written_out(line: str) -> str:
    try:
        figure = figure_in(line, "%")
    except ValidationError:
        return line.strip()
    return str(figure) if figure is not None and figure.cannot else line.strip()
