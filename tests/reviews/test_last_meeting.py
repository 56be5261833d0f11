"""When an organisation was last talked about: the day from which its next meeting starts."""

import datetime

from tests.base import KSS, NOON, TODAY, Cast
from tests.factories import place
from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import Access
from tracker.reviews.models import ReviewSession
from tracker.reviews.queries.meeting import last_meeting, last_meeting_day

WEST, EAST = f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/"


def met(path: str, by: User, days_ago: int, *, is_closed: bool = True) -> ReviewSession:
    at = NOON - datetime.timedelta(days=days_ago, hours=1)
    closed = {"closed_by": by, "closed_at": at + datetime.timedelta(minutes=40)} if is_closed else {}
    return ReviewSession.objects.create(organisation=place(path), day=at.date(), opened_by=by, opened_at=at, **closed)


def test_it_is_the_last_that_was_closed(cast: Cast) -> None:
    access = Access(cast.director, TODAY, NOON)
    west: Organisation = place(WEST)
    assert last_meeting(access, west) is None
    assert last_meeting_day(access) is None
    met(WEST, cast.director, 60)
    last = met(WEST, cast.director, 30)
    met(WEST, cast.director, 0, is_closed=False)
    met(EAST, cast.director, 7)
    assert last_meeting(access, west) == last
    assert last_meeting_day(access, west) == last.day == TODAY - datetime.timedelta(days=30)
    assert last_meeting_day(access) == TODAY - datetime.timedelta(days=7)


def test_a_meeting_of_today_is_not_one_before(cast: Cast) -> None:
    access = Access(cast.director, TODAY, NOON)
    met(WEST, cast.director, 30)
    today = met(WEST, cast.director, 0)
    assert last_meeting(access, place(WEST)) == today
    assert last_meeting_day(access, place(WEST)) == TODAY - datetime.timedelta(days=30)


def test_past_day_shows_the_last_meeting_before_it(cast: Cast) -> None:
    first, _second = met(WEST, cast.director, 60), met(WEST, cast.director, 30)
    day = TODAY - datetime.timedelta(days=40)
    assert last_meeting(Access(cast.director, day), place(WEST)) == first
    assert last_meeting_day(Access(cast.director, day)) == first.day


def test_meetings_are_visible_to_participants_only(cast: Cast) -> None:
    met(WEST, cast.director, 30)
    seeing = {name for name, person in vars(cast).items() if last_meeting_day(Access(person, TODAY, NOON)) is not None}
    assert seeing == {"head", "operations", "director", "policy", "national"}
