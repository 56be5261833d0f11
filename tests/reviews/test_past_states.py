"""How recommendations stood on past days, asked of events, is what the tables of those days say."""

import datetime

import pytest

from tests.base import KSS, NORTH, TODAY, Cast
from tests.factories import everywhere, inspection_at, place
from tests.reviews.telling import with_history
from tracker.history.past import as_of
from tracker.recommendations.models import Recommendation, status_filters
from tracker.reviews.queries.past_states import PastState, stand_now, states_on

PATHS = (f"{KSS}west-kent-pdu/", KSS, "hmpps/", NORTH)


def by_table(name: str, on: datetime.date) -> set[int]:
    return set(Recommendation.objects.filter(status_filters(on)[name]).values_list("pk", flat=True))


def by_state(stood: dict[int, PastState], name: str, on: datetime.date) -> set[int]:
    if name in ("overdue", "slipped"):
        return {pk for pk, one in stood.items() if (one.is_overdue if name == "overdue" else one.has_slipped)(on)}
    return {pk for pk, one in stood.items() if (one.is_open if name == "open" else one.is_signed_off)}


@pytest.mark.usefixtures("cast")
def test_the_conditions_are_those_of_the_lists(cast: Cast) -> None:
    everywhere(5, 300, [cast.head, cast.officer], PATHS)
    stood = stand_now(Recommendation.objects.all())
    for name in ("overdue", "slipped", "signed_off"):
        assert by_state(stood, name, TODAY) == by_table(name, TODAY) != set(), name


def test_past_days_equal_the_past_itself(cast: Cast) -> None:
    begin = TODAY - datetime.timedelta(days=300)
    with_history(
        2, inspection_at(PATHS[0]), [place(path) for path in PATHS], [cast.head, cast.officer], 60, begin=begin
    )
    for offset in (300, 217, 100, 30, 1, 0):
        day = TODAY - datetime.timedelta(days=offset)
        stood = states_on(Recommendation.objects.all(), day)
        with as_of(day):
            assert stood.keys() == set(Recommendation.objects.values_list("pk", flat=True))
            for name in ("overdue", "slipped", "signed_off"):
                assert by_state(stood, name, day) == by_table(name, day), (day, name)
