"""What the tests of meetings share."""

import datetime

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import place
from tests.recommendations.reviewing import reported, submitted
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.recommendations.models import Recommendation
from tracker.reviews.models import ReviewSession, SessionItem
from tracker.reviews.operations.session import close_meeting, note, open_meeting
from tracker.reviews.queries.meeting import talks

WEST, EAST = f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/"
LIST = "/review/meetings/"


def start_url(path: str = WEST) -> str:
    return f"{LIST}open/{place(path).pk}/"


def url(session: ReviewSession, item: SessionItem | None = None) -> str:
    return f"{LIST}{session.pk}/" + (f"{item.pk}/" if item else "")


def late(number: int, days: int, owner: User | None = None) -> Recommendation:
    """As it stands so many days after its due date; how it came about is not asked here."""
    due_on = TODAY - datetime.timedelta(days=days)
    Recommendation.objects.filter(pk=recommendation(number).pk).update(
        due_on=due_on, original_due_on=due_on, owner=owner, quiet_since=TODAY
    )
    return recommendation(number)


def quiet() -> None:
    """Nothing needs talk: nothing is late, and something has moved everywhere lately."""
    Recommendation.objects.update(quiet_since=TODAY, due_on=None, original_due_on=None)


def agenda(cast: Cast) -> None:
    """Of West Kent, four to talk about: 5 and then 1 are late, 2 is submitted, 3 is claimed and unchecked."""
    quiet()
    submitted(2, cast)
    late(5, 33, cast.officer)
    late(1, 12, cast.officer)
    reported(3, cast.head, "sufficient")


def opened(cast: Cast, path: str = WEST, at: datetime.datetime = NOON) -> ReviewSession:
    home = place(path)
    listed = talks(Access(cast.director, at.date(), at), home)
    return open_meeting(home, talks=listed, by=Actor(cast.director), at=at)


def item_of(session: ReviewSession, number: int) -> SessionItem:
    return session.items.select_related("recommendation").get(recommendation=recommendation(number))


def held(cast: Cast, days_ago: int, **said: str) -> ReviewSession:
    """A closed one, with `n5="..."` noted on recommendation 5."""
    at = NOON - datetime.timedelta(days=days_ago)
    session = opened(cast, at=at)
    for name, words in said.items():
        note(item_of(session, int(name[1:])), words, by=Actor(cast.director), at=at + datetime.timedelta(minutes=5))
    return close_meeting(session, by=Actor(cast.director), at=at + datetime.timedelta(minutes=40))
