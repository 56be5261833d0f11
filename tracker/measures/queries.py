"""The readings of a measure for tables and charts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.measures.models import Measure, MeasureQuerySet, Reading, in_words

# Units of the drawing. The page scales it to the available width.
WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 26


def with_readings(rows: MeasureQuerySet) -> MeasureQuerySet:
    """Measures with everything for their tables and charts. Two more queries."""
    readings = Reading.objects.select_related("caution", "given_by").order_by("as_of", "pk")
    return rows.select_related("inspection", "supplier", "organisation").prefetch_related(
        Prefetch("readings", queryset=readings)
    )


@dataclass(frozen=True)
class Row:
    """A row of the table. A replaced reading has a later one as of the same day."""

    reading: Reading
    is_replaced: bool
    is_other_method: bool


def rows_of(measure: Measure) -> list[Row]:
    """Newest day first, each above those it replaced. `measure` comes with its readings."""
    readings = sorted(measure.readings.all(), key=lambda one: (one.as_of, one.pk))
    latest = {reading.as_of: reading.pk for reading in readings}
    return [Row(one, latest[one.as_of] != one.pk, is_other_method(measure, one.method)) for one in reversed(readings)]


def latest_of(measure: Measure) -> Reading | None:
    """The last reading recorded for the latest date."""
    return next((row.reading for row in rows_of(measure)), None)


def is_other_method(measure: Measure, method: str) -> bool:
    """Whether its method differs from the baseline's."""
    return measure.baseline_value is not None and not is_of_method(measure.baseline_method, method)


def is_of_method(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True)
class Point:
    """The value of one day; None if it cannot be calculated."""

    day: datetime.date
    value: Decimal | None
    method: str
    is_baseline: bool = False


def points_of(measure: Measure) -> list[Point]:
    """The baseline, on the last possible day of publication, and the current readings, by day."""
    found = [
        Point(row.reading.as_of, row.reading.value, row.reading.method)
        for row in reversed(rows_of(measure))
        if not row.is_replaced
    ]
    if measure.baseline_value is not None:
        first = found[0].day if found else datetime.date.max
        day = measure.inspection.published_to if measure.inspection else first
        found.append(Point(day, measure.baseline_value, measure.baseline_method, is_baseline=True))
    return sorted(found, key=lambda point: (point.day, not point.is_baseline))


def runs_of(points: Sequence[Point]) -> list[list[Point]]:
    """Runs of points that a line joins: neighbours of one method without a gap."""
    runs: list[list[Point]] = []
    before: Point | None = None
    for point in points:
        if point.value is not None:
            if before is not None and before.value is not None and is_of_method(before.method, point.method):
                runs[-1].append(point)
            else:
                runs.append([point])
        before = point
    return runs


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    label: str
    kind: str


@dataclass(frozen=True)
class Chart:
    """Lengths are in the units of the drawing, as text. `lines` are the points of polylines."""

    title: str
    desc: str
    view_box: str
    lines: list[str]
    dots: list[Dot]
    gaps: list[Dot]
    target_y: str
    left: str
    right: str
    top: str
    bottom: str
    label_y: str
    highest: str
    lowest: str
    first_day: str
    last_day: str

    @property
    def has_other(self) -> bool:
        return any(dot.kind == "other" for dot in self.dots)


@dataclass(frozen=True)
class Scale:
    """Maps days to x and values to y."""

    first: datetime.date
    last: datetime.date
    low: Decimal
    high: Decimal

    @classmethod
    def over(cls, points: Sequence[Point], target: Decimal | None, *, is_share: bool) -> "Scale":
        """A scale from zero, so that a small change does not look large; per cent up to 100."""
        values = [point.value for point in points if point.value is not None] + ([target] if target is not None else [])
        low, high = min([*values, Decimal(0)]), max([*values, Decimal(100 if is_share else 0)])
        days = [point.day for point in points]
        return cls(min(days), max(days), low, high if high > low else low + 1)

    def x(self, day: datetime.date) -> float:
        span = (self.last - self.first).days
        share = (day - self.first).days / span if span else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: Decimal) -> float:
        return TOP + float((self.high - value) / (self.high - self.low)) * (HEIGHT - TOP - BOTTOM)


def chart_of(measure: Measure) -> Chart | None:
    """The chart, or None with fewer than two days and no target."""
    points = points_of(measure)
    drawn = [point for point in points if point.value is not None]
    if not drawn or (len(points) < 2 and measure.target is None):
        return None
    scale = Scale.over(points, measure.target, is_share=measure.unit == "%")
    return Chart(
        title=_("Chart: %(name)s") % {"name": measure.name},
        desc=_description(measure, drawn),
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        lines=[_line(run, scale) for run in runs_of(points) if len(run) > 1],
        dots=[_dot(point, measure, scale) for point in points if point.value is not None],
        gaps=[_dot(point, measure, scale) for point in points if point.value is None],
        target_y=_text(scale.y(measure.target)) if measure.target is not None else "",
        left=_text(LEFT),
        right=_text(WIDTH - RIGHT),
        top=_text(TOP),
        bottom=_text(HEIGHT - BOTTOM),
        label_y=_text(HEIGHT - 8),
        highest=_short(scale.high, measure.unit),
        lowest=_short(scale.low, measure.unit),
        first_day=format_date(scale.first, "M Y"),
        last_day=format_date(scale.last, "M Y") if scale.last != scale.first else "",
    )


def _short(value: Decimal, unit: str) -> str:
    return in_words("%" if unit.startswith("%") else "", value).strip()


def _line(run: Sequence[Point], scale: Scale) -> str:
    return " ".join(f"{_text(scale.x(one.day))},{_text(scale.y(one.value))}" for one in run if one.value is not None)


def _dot(point: Point, measure: Measure, scale: Scale) -> Dot:
    kind = "baseline" if point.is_baseline else "other" if is_other_method(measure, point.method) else "reading"
    label = f"{format_date(point.day, 'j F Y')}: {in_words(measure.unit, point.value)}"
    y = scale.y(point.value) if point.value is not None else HEIGHT - BOTTOM
    return Dot(_text(scale.x(point.day)), _text(y), label, kind)


def _description(measure: Measure, drawn: Sequence[Point]) -> str:
    said = [f"{format_date(one.day, 'j F Y')}: {in_words(measure.unit, one.value)}" for one in (drawn[0], drawn[-1])]
    text = said[0] if len(drawn) == 1 else _("From %(first)s to %(last)s.") % {"first": said[0], "last": said[1]}
    if measure.target is not None:
        text += " " + _("Target: %(target)s.") % {"target": measure.target_in_words}
    return text + " " + _("The same figures are in the table.")


def _text(length: float) -> str:
    return f"{length:.1f}"
