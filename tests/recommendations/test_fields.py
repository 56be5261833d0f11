"""A column of a recommendation is put into words in one way, whatever it holds."""

import datetime

import pytest

from tests.base import Cast, recommendation
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.fields import FIELDS

DAY = datetime.date(2027, 3, 31)


@pytest.mark.parametrize(
    ("column", "empty", "filled"),
    [
        ("owner_id", "nobody", "Officer"),
        ("due_on", "no date", "31 March 2027"),
        ("progress", "Not reported", "Some progress"),
        ("number", "", "4"),
    ],
)
def test_every_kind_of_column_is_shown_in_words(cast: Cast, column: str, empty: str, filled: str) -> None:
    (field,) = [one for one in FIELDS if one.column == column]
    item = recommendation(4)
    item.owner, item.due_on, item.progress = cast.officer, DAY, "some"
    assert field.in_words(item) == filled
    assert field.in_words(Recommendation()) == empty
