"""Which figures a measure takes, and which it refuses, whoever gives them."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.recommendations.test_refusals import refused
from tracker.history.operations import Actor, operation
from tracker.measures.models import Measure, NewReading, Reading
from tracker.measures.operations import give


def given(cast: Cast, unit: str = "%", **typed: Any) -> Reading:
    measure = Measure.objects.create(organisation=recommendation(4).addressee, name="Cases", unit=unit, better="up")
    return give_to(measure, cast, **typed)


def give_to(measure: Measure, cast: Cast, **typed: Any) -> Reading:
    new = NewReading(**{"as_of": TODAY, "source": "The audit", **typed})
    with operation(by=Actor(cast.supplier), at=NOON) as op:
        return give(measure, new, op=op, by=Actor(cast.supplier))


@pytest.mark.parametrize(
    ("unit", "typed", "words"),
    [
        ("%", {}, "Enter a number, or cases such as 3 of 7"),
        ("%", {"value": Decimal(1), "cannot": True}, "Enter a number, or cases such as 3 of 7"),
        ("%", {"value": Decimal(1), "of": 1, "out_of": 2}, "Enter a number, or cases such as 3 of 7"),
        ("%", {"of": 1, "out_of": 2, "cannot": True}, "Enter a number, or cases such as 3 of 7"),
        ("cases", {"of": 1, "out_of": 2}, "Enter one number, in cases"),
        ("%", {"of": 1}, "Enter the number of cases and the total"),
        ("%", {"out_of": 2}, "Enter the number of cases and the total"),
        ("%", {"of": -1, "out_of": 2}, "Enter the number of cases and the total"),
        ("%", {"of": 0, "out_of": 0}, "Enter the number of cases and the total"),
        ("%", {"of": 3, "out_of": 2}, "3 must not be more than 2"),
        ("%", {"of": 3, "out_of": 2**31}, "Number is too large"),
        ("cases", {"value": Decimal("Infinity")}, "Number is too large"),
        ("cases", {"value": Decimal(10) ** 10}, "Number is too large"),
        ("percentage points", {"value": -(Decimal(10) ** 10)}, "Number is too large"),
        ("%", {"value": Decimal("100.01")}, "Percentage must be between 0 and 100"),
        ("%", {"value": Decimal("-0.01")}, "Percentage must be between 0 and 100"),
        ("cases", {"value": Decimal("-0.01")}, "Figure must be 0 or more"),
        ("%", {"value": Decimal(1), "as_of": TODAY + datetime.timedelta(days=1)}, "Date must be today or in the past"),
        ("%", {"value": Decimal(1), "source": ""}, "Enter the source of the figure"),
    ],
)
def test_odd_figures_are_refused(cast: Cast, unit: str, typed: dict[str, Any], words: str) -> None:
    with refused(words):
        given(cast, unit, **typed)
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("unit", "typed", "value"),
    [
        ("%", {"value": Decimal(0)}, Decimal(0)),
        ("%", {"value": Decimal(100)}, Decimal(100)),
        ("%", {"of": 0, "out_of": 1}, Decimal(0)),
        ("%", {"of": 7, "out_of": 7}, Decimal(100)),
        ("%", {"cannot": True}, None),
        ("cases", {"value": Decimal("9999999999.99")}, Decimal("9999999999.99")),
        ("percentage points", {"value": Decimal(-2)}, Decimal(-2)),
    ],
)
def test_figures_at_the_limits_are_taken(cast: Cast, unit: str, typed: dict[str, Any], value: Decimal | None) -> None:
    assert given(cast, unit, **typed).value == value


def test_measure_that_has_ended_takes_no_figure(cast: Cast) -> None:
    reading = given(cast, value=Decimal(1))
    Measure.objects.update(ended_on=TODAY)
    with refused("This measure has ended"):
        give_to(reading.measure, cast, value=Decimal(2))
