"""Closing a meeting, and the page of what was agreed: as it stood then, and what was not talked about."""

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from tests.base import NOON, Cast, recommendation
from tests.factories import Node, read
from tests.recommendations.planning import step
from tests.reviews.meeting import LIST, agenda, item_of, opened, url
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.action import operations as action
from tracker.recommendations.change.operations import change
from tracker.recommendations.decision import operations as review
from tracker.recommendations.models import Plan
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.reviews.models import ReviewSession
from tracker.reviews.operations.session import close_meeting, note

SignedIn = Callable[[str], Client]
LATER = NOON + datetime.timedelta(minutes=30)
pytestmark = pytest.mark.usefixtures("at_noon")


def line(page: Node, session: ReviewSession, number: int) -> str:
    return page.one(id=f"item-{item_of(session, number).pk}").text


def had(cast: Cast) -> ReviewSession:
    """5 was noted on, 2 returned, the owner of 1 changed; 3 was passed over."""
    agenda(cast)
    session = opened(cast, at=NOON + datetime.timedelta(minutes=5))
    note(item_of(session, 5), "Training starts in January.", by=Actor(cast.director), at=LATER)
    two, one = recommendation(2), recommendation(1)
    review.return_(
        two, by=Actor(cast.director), at=LATER, seen_event=last_event_id(two), reason="Ten cases are too few."
    )
    plan = Plan(cast.colleague, one.due_on)
    change(one, by=Actor(cast.head), at=LATER, seen_version=one.version, plan=plan)
    return session


@pytest.mark.verb
def test_the_page_tells_what_was_noted_decided_and_left_out(signed_in: SignedIn, cast: Cast) -> None:
    session = had(cast)
    client = signed_in("director")
    with time_machine.travel(LATER, tick=True):
        client.force_login(cast.director)
        form = next(
            f for f in read(client.get(url(session))).all("form") if f.attrs.get("action", "").endswith("/close/")
        )
        answer = client.post(form.attrs["action"], form.sent())
        assert answer.headers["Location"] == url(session)
        page = read(client.get(url(session))).one(id="meeting")
    text = page.text
    assert "3 of 4 were discussed" in text
    assert "Opened by Director at 12:05, closed by Director at 12:30" in text
    assert "Training starts in January." in line(page, session, 5)
    assert "Owner: Officer" in line(page, session, 5)
    returned = line(page, session, 2)
    assert "Returned : “Ten cases are too few.” Director" in returned
    assert "Status: Open" in returned
    assert "Owner: Officer → Colleague" in line(page, session, 1)
    left = page.one(class_="app-left").text
    assert "Recommendation 3" in left
    assert "Recommendation 5" not in left
    event = Event.objects.about(session).newest_first()[0]
    assert (event.verb, event.actor) == ("session.closed", cast.director)
    assert event.changes["closed_by_id"] == [None, cast.director.pk]


def test_closed_meeting_does_not_change(signed_in: SignedIn, cast: Cast) -> None:
    session = close_meeting(had(cast), by=Actor(cast.director), at=LATER)
    before = read(signed_in("head").get(url(session))).one(id="meeting").text
    later = LATER + datetime.timedelta(minutes=1)
    for number in (1, 3, 5):
        item = recommendation(number)
        plan = Plan(cast.head, item.due_on)
        change(item, by=Actor(cast.head), at=later, seen_version=item.version, plan=plan)
    assert read(signed_in("head").get(url(session))).one(id="meeting").text == before


def test_what_was_done_before_it_is_not_told(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    made = step(cast, 5)
    session = opened(cast, at=LATER)
    page = read(signed_in("head").get(url(session)))
    assert "Action added" not in line(page, session, 5)
    assert "Submitted" not in page.one(id=f"item-{item_of(session, 2).pk}").text.replace("Submitted, waiting", "")
    # What becomes of an action counts for what it answers.
    action.mark_done(made, by=Actor(cast.head), at=LATER + datetime.timedelta(minutes=1), note="Booked.")
    assert "Action done" in line(read(signed_in("head").get(url(session))), session, 5)


@pytest.mark.parametrize(("who", "status"), [("head", 403), ("operations", 403), ("policy", 403), ("reader", 404)])
def test_unauthorised_person_cannot_close_a_meeting(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    agenda(cast)
    session = opened(cast)
    client = signed_in(who)
    assert client.post(f"{url(session)}close/").status_code == status
    if status == 403:
        assert "Close the meeting" not in client.get(url(session)).text
    session.refresh_from_db()
    assert session.is_open


@pytest.mark.sqlite
def test_closed_twice_it_is_closed_once(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    session = opened(cast)
    close_meeting(session, by=Actor(cast.national), at=NOON)
    answer = signed_in("director").post(f"{url(session)}close/", follow=True)
    assert "The meeting is already closed." in answer.text
    session.refresh_from_db()
    assert session.closed_by == cast.national
    assert signed_in("director").get(f"{url(session)}close/").status_code == 405
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewSession.objects.create(
            organisation=session.organisation, day=session.day, opened_by=cast.director, opened_at=NOON, closed_at=NOON
        )


def test_the_next_one_starts_from_there(signed_in: SignedIn, cast: Cast) -> None:
    session = close_meeting(had(cast), by=Actor(cast.director), at=LATER)
    with time_machine.travel(LATER + datetime.timedelta(days=28), tick=True):
        client = signed_in("director")
        client.force_login(cast.director)
        client.post(f"{LIST}open/{session.organisation_id}/")
        following = ReviewSession.objects.latest("pk")
        page = read(client.get(url(following, item_of(following, 5)))).text
        assert "Notes from last meeting, 23 November 2026" in page
        assert "Training starts in January." in page
        page = read(client.get(url(following, item_of(following, 2)))).text
        assert "What has changed since 23 November 2026" in page
        # It was returned in the meeting itself, and is no news.
        assert "Ten cases are too few." not in read(client.get(url(following))).one(id="meeting").text
        assert "agreed" in item_of(following, 5).reasons
