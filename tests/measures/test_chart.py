"""The chart of a measure: everything inside it, and no line across methods or gaps."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from tracker.measures.models import Measure, Reading, share
from tracker.measures.queries import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Point,
    chart_of,
    is_of_method,
    latest_of,
    points_of,
    rows_of,
    runs_of,
)

PUBLISHED = datetime.date(2022, 5, 31)
DAYS = st.dates(datetime.date(2022, 6, 1), datetime.date(2027, 1, 1))
SOME = st.one_of(st.none(), st.decimals(0, 100, places=2))
METHODS = st.sampled_from(["", "HMIP sample", "hmip  Sample", "Dip sample"])
READINGS = st.lists(st.tuples(DAYS, SOME, METHODS), max_size=12)


def measure_with(
    readings: list[tuple[datetime.date, Decimal | None, str]], baseline: Decimal | None, target: Decimal | None
) -> Measure:
    """As if it came from the database with its readings, in the order in which they were given."""
    held = SimpleNamespace(
        name="Management oversight",
        unit="%",
        baseline_value=baseline,
        baseline_method="HMIP sample",
        target=target,
        target_in_words=f"{target}%",
        inspection=SimpleNamespace(published_to=PUBLISHED),
    )
    rows = [Reading(pk=n, as_of=day, value=value, method=how) for n, (day, value, how) in enumerate(readings, 1)]
    held.readings = SimpleNamespace(all=lambda: rows)
    return cast(Measure, held)


def pairs(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.split(",") for point in line.split())]


@given(
    READINGS, st.one_of(st.none(), st.decimals(0, 100, places=2)), st.one_of(st.none(), st.decimals(0, 100, places=2))
)
def test_everything_drawn_lies_inside_the_chart(
    readings: Any, baseline: Decimal | None, target: Decimal | None
) -> None:
    chart = chart_of(measure_with(readings, baseline, target))
    if chart is None:
        return
    drawn = [(float(dot.x), float(dot.y)) for dot in [*chart.dots, *chart.gaps]]
    drawn += [pair for line in chart.lines for pair in pairs(line)]
    if chart.target_y:
        drawn.append((float(LEFT), float(chart.target_y)))
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in drawn)
    # What is later stands further right, what is more stands higher.
    across = [float(dot.x) for dot in chart.dots]
    assert across == sorted(across)


@given(READINGS, st.decimals(0, 100, places=2))
def test_no_line_joins_two_methods_or_leads_over_a_gap(readings: Any, baseline: Decimal) -> None:
    points = points_of(measure_with(readings, baseline, None))
    runs = runs_of(points)
    for run in runs:
        assert all(is_of_method(run[0].method, point.method) for point in run)
        first, last = points.index(run[0]), points.index(run[-1])
        assert points[first : last + 1] == run
    drawn = [point for run in runs for point in run]
    assert drawn == [point for point in points if point.value is not None]
    with_baseline = [run for run in runs if any(point.is_baseline for point in run)]
    assert len(with_baseline) == 1
    assert all(is_of_method(point.method, "HMIP sample") for point in with_baseline[0])


@given(READINGS)
def test_last_figure_of_a_day_is_drawn_and_all_are_listed(readings: Any) -> None:
    measure = measure_with(readings, None, None)
    points, rows = points_of(measure), rows_of(measure)
    assert len({point.day for point in points}) == len(points)
    assert {row.reading.pk for row in rows} == set(range(1, len(readings) + 1))
    assert sum(not row.is_replaced for row in rows) == len(points)
    latest = latest_of(measure)
    if latest is not None:
        same_day = [n for n, (day, _value, _how) in enumerate(readings, 1) if day == latest.as_of]
        assert (latest.as_of, latest.pk) == (max(day for day, _value, _how in readings), max(same_day))


def test_a_gap_breaks_the_line_and_is_not_drawn_as_zero() -> None:
    how = "HMIP sample"
    days = [datetime.date(2026, month, 28) for month in (6, 7, 8, 9)]
    readings = list(zip(days, [Decimal(60), None, Decimal(50), Decimal(40)], [how] * 4, strict=True))
    chart = chart_of(measure_with(readings, Decimal(89), Decimal(20)))
    assert chart is not None
    assert [len(pairs(line)) for line in chart.lines] == [2, 2]
    assert (len(chart.dots), len(chart.gaps)) == (4, 1)
    assert chart.desc == (
        "From 31 May 2022: 89% to 28 September 2026: 40%. Target: 20%. The same figures are in the table."
    )


def test_one_figure_without_a_target_is_no_chart() -> None:
    assert chart_of(measure_with([], Decimal(89), None)) is None
    assert chart_of(measure_with([], None, Decimal(20))) is None
    assert chart_of(measure_with([], Decimal(89), Decimal(20))) is not None


def test_the_points_of_the_baseline_come_first_on_their_day() -> None:
    points = points_of(measure_with([(PUBLISHED, Decimal(1), "")], Decimal(2), None))
    assert points[0] == Point(PUBLISHED, Decimal(2), "HMIP sample", is_baseline=True)
    assert share(3, 7) == Decimal("42.86")
