"""The box that takes a figure as people type it."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tracker.measures.forms import TypedFigure, column, figure_in


@pytest.mark.parametrize(
    ("typed", "unit", "found"),
    [
        ("85", "%", TypedFigure(Decimal("85.00"))),
        (" 85.5 % ", "%", TypedFigure(Decimal("85.50"))),
        ("0", "%", TypedFigure(Decimal("0.00"))),
        ("42.857142", "%", TypedFigure(Decimal("42.86"))),
        ("1,071", "cases", TypedFigure(Decimal("1071.00"))),
        ("14.8 days", "days", TypedFigure(Decimal("14.80"))),
        ("-2", "percentage points", TypedFigure(Decimal("-2.00"))),
        ("\u22122", "percentage points", TypedFigure(Decimal("-2.00"))),
        ("3 of 7", "%", TypedFigure(of=3, out_of=7)),
        ("3 out of 7", "%", TypedFigure(of=3, out_of=7)),
        ("3/7", "%", TypedFigure(of=3, out_of=7)),
        ("0 of 7", "%", TypedFigure(of=0, out_of=7)),
        ("1,071 of 4,030", "%", TypedFigure(of=1071, out_of=4030)),
        ("Cannot be calculated", "%", TypedFigure()),
        ("\u2013", "%", TypedFigure()),
        ("n/a", "%", TypedFigure()),
        ("", "%", None),
        ("\u200b ", "%", None),
    ],
)
def test_it_reads_what_people_and_spreadsheets_write(typed: str, unit: str, found: TypedFigure | None) -> None:
    assert figure_in(typed, unit) == found


@pytest.mark.parametrize(
    "typed",
    ["many", "12,5", "1e3", "nan", "inf", "3 of", "of 7", "3 of 7 of 9", "85%%", "٣", "14.8 days", "1,2,3 of 9"],
)
def test_nothing_is_guessed(typed: str) -> None:
    with pytest.raises(ValidationError):
        figure_in(typed, "%")


def test_zero_differs_from_cannot_be_calculated() -> None:
    zero = figure_in("0", "%")
    assert zero is not None
    assert not zero.cannot
    assert TypedFigure().cannot


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_a_number_written_out_is_read_as_itself(value: Decimal) -> None:
    figure = TypedFigure(value + 0)
    assert figure_in(str(figure), "percentage points") == figure


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_cases_written_out_are_read_as_themselves(of: int, out_of: int) -> None:
    figure = TypedFigure(of=of, out_of=out_of)
    assert figure_in(str(figure), "%") == figure


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_figure_nothing_or_refused(typed: str) -> None:
    try:
        figure = figure_in(typed, "%")
    except ValidationError:
        return
    if figure is not None:
        assert (figure.value is not None) + (figure.of is not None) + figure.cannot == 1
        assert (figure.of is None) == (figure.out_of is None)


def test_a_column_keeps_its_empty_lines_but_for_the_last_ones() -> None:
    assert column("1\r\n\r\n3 of 7\r\n") == ["1", "", "3 of 7"]
    assert column(" \n") == []
