"""The trend chart: a line for each figure, distinguished by dashes, markers and a label at its end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.reviews.queries.region import Figure
from tracker.reviews.queries.trend import Month, Trend

WIDTH, HEIGHT = 560, 308
LEFT, RIGHT, TOP, BOTTOM = 34, 380, 16, 258
# What is not known takes so much of the width, however long it was.
UNKNOWN = 84
# Words at the ends of lines stand at least so far from each other.
APART = 18
# So much room the words below need for each month.
TICK = 80


@dataclass(frozen=True)
class Mark:
    x: str
    y: str


@dataclass(frozen=True)
class Line:
    """`points` join the marks; `words` stand at `label_y`."""

    name: str
    words: str
    points: str
    marks: list[Mark]
    label_y: str


@dataclass(frozen=True)
class Tick:
    x: str
    y: str
    words: str


@dataclass(frozen=True)
class Chart:
    view_box: str
    desc: str
    lines: list[Line]
    months: list[Tick]
    values: list[Tick]
    unknown: bool

    left: str = str(LEFT)
    right: str = str(RIGHT)
    top: str = str(TOP)
    bottom: str = str(BOTTOM)
    unknown_width: str = str(UNKNOWN)
    unknown_middle: str = str(LEFT + UNKNOWN // 2)
    height: str = str(BOTTOM - TOP)
    words_x: str = str(RIGHT + 10)


def chart_of(trend: Trend) -> Chart | None:
    """None if there is no data yet."""
    if not trend.months:
        return None
    highest = max(figure.number for month in trend.months for figure in month.figures)
    step = _step(highest)
    top = max(math.ceil(highest / step), 1) * step
    xs = _across(len(trend.months), LEFT + (UNKNOWN if trend.unknown else 0))
    lines = [_line(trend.months, xs, n, top) for n in range(len(trend.months[0].figures))]
    return Chart(
        view_box=f"0 0 {WIDTH} {HEIGHT}",
        desc=_description(trend),
        lines=_apart(lines),
        months=_month_ticks(trend.months, xs),
        values=[Tick(_text(LEFT), _text(_y(value, top)), str(value)) for value in range(0, top + 1, step)],
        unknown=bool(trend.unknown),
    )


def _step(highest: int) -> int:
    """1, 2, 5, 10, 20, 50 ...: at most five of them reach the highest."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * 5 >= highest:
                return step
        size *= 10


def _across(count: int, left: int) -> list[float]:
    """One month stands in the middle, several from the left to the right with some air at the ends."""
    begin, end = left + 14, RIGHT - 8
    if count == 1:
        return [(begin + end) / 2]
    return [begin + (end - begin) * n / (count - 1) for n in range(count)]


def _y(value: float, top: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top


def _line(months: Sequence[Month], xs: Sequence[float], n: int, top: int) -> Line:
    figures = [month.figures[n] for month in months]
    places = [(_text(x), _text(_y(figure.number, top))) for x, figure in zip(xs, figures, strict=True)]
    # So many marks that they can still be told apart, and always the last.
    every = max(len(places) // 12, 1)
    marks = [Mark(*place) for place in places[::-1][::every]]
    last = figures[-1]
    return Line(last.name, _required_text(last), " ".join(",".join(place) for place in places), marks, places[-1][1])


def _required_text(figure: Figure) -> str:
    return f"{figure.label} {figure.number}"


def _apart(lines: list[Line]) -> list[Line]:
    """The words of lines that end close to each other are moved apart, and stay within the drawing."""
    in_order = sorted(lines, key=lambda line: float(line.label_y))
    ys: list[float] = []
    for line in in_order:
        ys.append(max(float(line.label_y), ys[-1] + APART if ys else TOP))
    overflow = max(ys[-1] - BOTTOM, 0)
    placed = dict(zip((line.name for line in in_order), ys, strict=True))
    return [Line(line.name, line.words, line.points, line.marks, _text(placed[line.name] - overflow)) for line in lines]


def _month_ticks(months: Sequence[Month], xs: Sequence[float]) -> list[Tick]:
    """The last month, and as many before it as there is room for."""
    room = max(int((xs[-1] - xs[0]) // TICK), 1)
    every = max(math.ceil((len(months) - 1) / room), 1)
    chosen = list(zip(months, xs, strict=True))[::-1][::every]
    return [Tick(_text(x), _text(BOTTOM), format_date(month.end, "M Y")) for month, x in reversed(chosen)]


def _description(trend: Trend) -> str:
    def said(month: Month) -> str:
        return ", ".join(f"{figure.label.lower()} {figure.number}" for figure in month.figures)

    first, last = trend.months[0], trend.months[-1]
    text = _("%(month)s: %(figures)s.") % {"month": last.label, "figures": said(last)}
    if first is not last:
        before = _("%(month)s: %(figures)s.") % {"month": first.label, "figures": said(first)}
        text = f"{before} {text}"
    return " ".join((text, _("Overdue is part of open. The table has every month.")))


@dataclass(frozen=True)
class Bar:
    """Lengths in per cent of the drawing."""

    figure: Figure
    width: str


def bars_of(figures: Sequence[Figure]) -> list[Bar]:
    most = max((figure.number for figure in figures), default=0)
    return [Bar(one, _text(100 * one.number / most if most else 0)) for one in figures]


def _text(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
