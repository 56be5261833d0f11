"""Readings of measures that are given among other things."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.measures.forms import figure_in
from tracker.measures.models import Measure, NewReading
from tracker.measures.operations import fault_of
from tracker.recommendations.measure.forms import reading_of
from tracker.web.forms import DayField, Form, TextField


class FigureFields(Form):
    """A box for each measure; all may be left empty. `readings` is what was given."""

    as_of = DayField(
        is_ahead=False,
        label=gettext_lazy("Date the figures relate to"),
        required=False,
        help_text=gettext_lazy("For example, 31/10/2026"),
    )
    source = TextField(
        label=gettext_lazy("Source of the figures"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example, the monthly workload report"),
    )
    measures: Sequence[Measure] = ()

    def offer(self, measures: Sequence[Measure], on: datetime.date) -> None:
        """Draw a box for each of these; without any there is nothing to fill in."""
        self.measures, self.on = measures, on
        self.initial.setdefault("as_of", on.replace(day=1) - datetime.timedelta(days=1))
        for measure in measures:
            box = TextField(label=measure.name, required=False, max_length=60)
            box.help_text = _("In %(unit)s. %(better)s") % {
                "unit": measure.unit,
                "better": measure.get_better_display(),
            }
            box.widget.attrs["class"] = "govuk-input--width-10"
            self.fields[self.box_of(measure)] = box
        if not measures:
            del self.fields["as_of"], self.fields["source"]

    @staticmethod
    def box_of(measure: Measure) -> str:
        return f"value_{measure.pk}"

    @property
    def figure_fields(self) -> list[BoundField]:
        """For the folded section of figures."""
        names = [*map(self.box_of, self.measures), "as_of", "source"]
        return [self[name] for name in names] if self.measures else []

    @property
    def shows_figures(self) -> bool:
        """Unfolded where one of them was given, or is wrong."""
        return any(field.errors or (field.name != "as_of" and field.value()) for field in self.figure_fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.readings: list[tuple[Measure, NewReading]] = []
        typed = [measure for measure in self.measures if data.get(self.box_of(measure))]
        if not typed:
            return data
        as_of, source = data.get("as_of"), data.get("source") or ""
        if as_of is None and not self.has_error("as_of"):
            self.add_error("as_of", _("Enter the date the figures relate to"))
        if as_of is not None and as_of > self.on:
            self.add_error("as_of", _("Date must be today or in the past"))
        if not source and not self.has_error("source"):
            self.add_error("source", _("Enter the source of the figures"))
        for measure in typed:
            self._read(measure, data[self.box_of(measure)], as_of or self.on, source)
        return data

    def _read(self, measure: Measure, typed: str, as_of: datetime.date, source: str) -> None:
        try:
            figure = figure_in(typed, measure.unit)
        except ValidationError as error:
            self.add_error(self.box_of(measure), error)
            return
        if figure is None:
            return
        new = reading_of(figure, as_of, source=source)
        if fault := fault_of(measure, new):
            self.add_error(self.box_of(measure), fault)
        self.readings.append((measure, new))
