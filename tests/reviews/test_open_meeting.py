"""Opening a meeting: what is on its list and why, who may, and only one at a time."""

import datetime
import random
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.base import KSS, NOON, NORTH, TODAY, Cast, recommendation
from tests.factories import everywhere, place, read
from tests.reviews.meeting import EAST, WEST, agenda, held, item_of, late, opened, quiet, start_url, url
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.due.operations import ask_extension
from tracker.recommendations.models import Extension, Recommendation, status_filters
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.reviews.models import ReviewSession
from tracker.reviews.operations.session import close_meeting, note
from tracker.reviews.queries.meeting import REASONS, meeting_rows, talks, to_talk_about

SignedIn = Callable[[str], Client]
PATHS = (WEST, EAST, KSS, "hmpps/", NORTH, f"{NORTH}county-durham-pdu/")
pytestmark = pytest.mark.usefixtures("at_noon")


def listed(session: ReviewSession) -> list[tuple[str, list[str], int]]:
    rows = session.items.select_related("recommendation").order_by("position")
    return [(row.recommendation.number, row.reasons, row.days) for row in rows]


@pytest.mark.verb
def test_it_keeps_the_list_most_urgent_first_with_why(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    client = signed_in("director")
    before = read(client.get(start_url()))
    assert [a.text for a in before.all(class_="app-agenda__item")[0].all("a")] == ["Recommendation 5"]
    assert "Overdue by 33 days" in before.all(class_="app-agenda__item")[0].text
    answer = client.post(start_url())
    session = ReviewSession.objects.get()
    assert listed(session) == [
        ("5", ["overdue"], 33),
        ("1", ["overdue"], 12),
        ("2", ["submitted", "gap"], 0),
        ("3", ["gap"], 0),
    ]
    assert answer.headers["Location"] == url(session, item_of(session, 5))
    event = Event.objects.about(session).get()
    assert (event.verb, event.actor, event.organisation_id) == ("session.opened", cast.director, place(WEST).pk)


def test_each_reason_alone_puts_it_on_the_agenda(cast: Cast) -> None:
    quiet()
    assert talks(Access(cast.director, TODAY, NOON), place(WEST)) == []
    late(5, -10)
    ask_extension(
        recommendation(5), by=Actor(cast.head), at=NOON, to_on=TODAY + datetime.timedelta(days=60), reason="Sickness."
    )
    Recommendation.objects.filter(pk=recommendation(4).pk).update(quiet_since=TODAY - datetime.timedelta(days=28))
    found = {talk.item.number: talk.reasons for talk in talks(Access(cast.director, TODAY, NOON), place(WEST))}
    assert found == {"4": ["stale"], "5": ["extension"]}
    Extension.objects.update(state="withdrawn")
    assert "5" not in {talk.item.number for talk in talks(Access(cast.director, TODAY, NOON), place(WEST))}


def test_what_was_noted_last_time_and_is_not_done_comes_again(cast: Cast) -> None:
    late(5, 33)
    late(1, 3)
    held(cast, 28, n5="Training is booked.")
    quiet()
    access = Access(cast.director, TODAY, NOON)
    assert [(talk.item.number, talk.reasons) for talk in talks(access, place(WEST))] == [("5", ["agreed"])]
    # Skipped in the next meeting, it is not forgotten; talked about without a note, it is.
    for words, again in (None, ["5"]), ("", []):
        session = opened(cast)
        if words is not None:
            note(item_of(session, 5), words, by=Actor(cast.director), at=NOON)
        close_meeting(session, by=Actor(cast.director), at=NOON)
        assert [talk.item.number for talk in talks(access, place(WEST))] == again


def test_done_items_leave_the_next_agenda(cast: Cast) -> None:
    late(5, 33)
    held(cast, 28, n5="Training is booked.")
    quiet()
    Recommendation.objects.filter(pk=recommendation(5).pk).update(
        status="signed_off", signed_off_by=cast.director, signed_off_on=TODAY, accepted_on=TODAY
    )
    assert talks(Access(cast.director, TODAY, NOON), place(WEST)) == []


@pytest.mark.parametrize("who", ["director", "national"])
def test_each_figure_equals_the_list_of_the_meeting(cast: Cast, who: str) -> None:
    everywhere(31, 150, [cast.officer, cast.director], PATHS)
    access = Access(getattr(cast, who), TODAY, NOON)
    dice = random.Random(3)
    for row in meeting_rows(access):
        found = talks(access, row.organisation)
        assert row.count == len(found), row.organisation
        assert [REASONS.index(talk.reasons[0]) for talk in found] == sorted(
            REASONS.index(talk.reasons[0]) for talk in found
        )
        if found:
            talk = dice.choice(found)
            wanted = visible_recommendations(access).filter(pk=talk.item.pk, addressee=row.organisation)
            marks = {name for name in ("overdue", "submitted", "gap", "stale") if name in talk.reasons}
            assert {name for name in marks if wanted.filter(status_filters(TODAY)[name]).exists()} == marks
    assert {row.organisation.path for row in meeting_rows(access)} == {
        "director": {WEST, EAST, *(f"{KSS}{name}-pdu/" for name in ("surrey", "east-sussex", "west-sussex"))},
        "national": {*PATHS, *(f"{KSS}{name}-pdu/" for name in ("surrey", "east-sussex", "west-sussex"))} - {"hmpps/"},
    }[who]


def test_second_opening_continues_the_meeting(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    session = opened(cast)
    for who in ("director", "national"):
        client = signed_in(who)
        for answer in (client.get(start_url()), client.post(start_url())):
            assert answer.headers["Location"] == url(session, item_of(session, 5))
    assert ReviewSession.objects.count() == 1
    with pytest.raises(IntegrityError, match=r"one_meeting_is_open|organisation"), transaction.atomic():
        ReviewSession.objects.create(organisation=place(WEST), day=TODAY, opened_by=cast.director, opened_at=NOON)


def test_meeting_continues_where_it_stopped(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    session = opened(cast)
    note(item_of(session, 1), "", by=Actor(cast.director), at=NOON)
    client = signed_in("director")
    assert client.get(start_url()).headers["Location"] == url(session, item_of(session, 2))
    note(item_of(session, 3), "", by=Actor(cast.director), at=NOON + datetime.timedelta(minutes=1))
    assert client.get(start_url()).headers["Location"] == url(session)


def test_meeting_with_an_empty_agenda_can_be_held(signed_in: SignedIn, cast: Cast) -> None:
    quiet()
    client = signed_in("director")
    assert "There is nothing to discuss" in read(client.get(start_url(EAST))).text
    answer = client.post(start_url(EAST))
    assert "There was nothing to discuss" in read(client.get(answer.headers["Location"])).text


STATUS = {
    **dict.fromkeys(("nobody", "neighbour", "stranger", "strange_admin"), 404),
    **dict.fromkeys(("officer", "colleague", "supplier", "head", "operations", "policy"), 403),
    **dict.fromkeys(("independent", "reader", "inspector", "admin", "top_admin"), 403),
    **dict.fromkeys(("director", "national"), 200),
}


def test_only_reviewers_of_an_organisation_above_open_one(client: Client, cast: Cast) -> None:
    found = {}
    for who in vars(cast):
        client.force_login(getattr(cast, who))
        found[who] = client.get(start_url()).status_code
        if found[who] != 200:
            assert client.post(start_url()).status_code == found[who]
    assert found == STATUS
    assert not ReviewSession.objects.exists()


def test_no_meetings_with_hmpps_or_ended_organisations(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("national")
    assert client.get(start_url("hmpps/")).status_code == 403
    gone = place(EAST)
    gone.ended_on = TODAY
    gone.save()
    assert client.get(start_url(EAST)).status_code == 404


def test_what_is_carried_or_hidden_is_on_no_list(cast: Cast) -> None:
    quiet()
    late(5, 33)
    Recommendation.objects.filter(pk=recommendation(5).pk).update(carried_by=recommendation(4).pk)
    assert talks(Access(cast.director, TODAY, NOON), place(WEST)) == []
    assert not to_talk_about(Access(cast.stranger, TODAY, NOON)).exists()
