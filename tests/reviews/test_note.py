"""Notes of a meeting: internal comments, by several people at once, never lost."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.reviews.meeting import agenda, item_of, late, opened, url
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.people.operations import agree_removal, ask_removal
from tracker.recommendations.models import Comment, Unsent
from tracker.reviews.models import ReviewSession, SessionItem, SessionNote
from tracker.reviews.operations.session import close_meeting, note
from tracker.reviews.policies import visible_notes

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def session(cast: Cast) -> ReviewSession:
    agenda(cast)
    return opened(cast)


@pytest.fixture
def shown(session: ReviewSession) -> SessionItem:
    return item_of(session, 5)


@pytest.mark.verb
def test_a_note_is_an_internal_comment_of_the_meeting(
    signed_in: SignedIn, cast: Cast, session: ReviewSession, shown: SessionItem
) -> None:
    answer = signed_in("director").post(url(session, shown), {"note-words": "Training\nstarts in January."})
    assert (answer.status_code, answer.headers["Location"]) == (302, url(session, item_of(session, 1)))
    said = Comment.objects.get()
    assert (said.recommendation, said.author, said.is_internal) == (recommendation(5), cast.director, True)
    assert str(said.words) == "Training\nstarts in January."
    assert SessionNote.objects.get().comment == said
    assert item_of(session, 5).talked_at is not None
    verbs = {event.verb: event.recommendation_id for event in Event.objects.order_by("-pk")[:2]}
    assert verbs == {"recommendation.commented": said.recommendation_id, "session.talked_about": None}


def test_meeting_can_be_closed_without_notes(signed_in: SignedIn, session: ReviewSession, shown: SessionItem) -> None:
    client = signed_in("director")
    assert client.post(url(session, shown), {"note-words": " ", "stay": "1"}).headers["Location"] == url(session, shown)
    assert item_of(session, 5).talked_at is not None
    assert not Comment.objects.exists()
    assert client.post(url(session, item_of(session, 3)), {}).headers["Location"] == url(session)


def test_htmx_is_told_where_to_go_on(signed_in: SignedIn, session: ReviewSession, shown: SessionItem) -> None:
    answer = signed_in("director").post(url(session, shown), {"note-words": "Agreed."}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == url(session, item_of(session, 1))
    answer = signed_in("director").post(url(session, shown), {"note-words": "x" * 2001}, headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert "x" * 2001 in answer.text


def test_two_at_once_both_keep_their_notes(signed_in: SignedIn, session: ReviewSession, shown: SessionItem) -> None:
    for who, words in (("director", "Two trainers come."), ("head", "I tell the officers.")):
        client = signed_in(who)
        form = read(client.get(url(session, shown))).one("section").all("form")[-1]
        assert client.post(url(session, shown), form.sent() | {"note-words": [words]}).status_code == 302
        # Sent twice, it is noted once.
        client.post(url(session, shown), form.sent() | {"note-words": [words]})
    page = read(signed_in("head").get(url(session, shown)))
    assert [one.text for one in page.one(class_="app-notes").all("li")] == [
        "Two trainers come. Director",
        "I tell the officers. Head",
    ]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_what_is_typed_while_it_is_closed_can_still_be_saved(
    signed_in: SignedIn, cast: Cast, session: ReviewSession, shown: SessionItem, headers: dict[str, str]
) -> None:
    client = signed_in("head")
    close_meeting(session, by=Actor(cast.director), at=NOON)
    answer = client.post(url(session, shown), {"note-words": "I tell the officers."}, headers=headers)
    assert answer.status_code == 409
    assert not Comment.objects.exists()
    page = read(answer)
    assert "Director has closed the meeting" in page.text
    form = next(form for form in page.all("form") if "/comment/" in form.attrs.get("action", ""))
    (typed,) = form.all("textarea")
    saved = client.post(form.attrs["action"], form.sent() | {typed.attrs["name"]: [typed.text]})
    assert saved.headers["Location"] == url(session)
    assert (str(Comment.objects.get().words), Comment.objects.get().is_internal) == ("I tell the officers.", True)
    assert not SessionNote.objects.exists()


def test_what_is_typed_and_not_saved_is_there_again(
    signed_in: SignedIn, session: ReviewSession, shown: SessionItem
) -> None:
    client = signed_in("director")
    form = read(client.get(url(session, shown))).one("section").all("form")[-1]
    assert client.post(form.attrs["data-unsent"], {"note-words": "Half a line"}).status_code == 200
    page = read(client.get(url(session, shown))).one("section")
    assert page.one("textarea").text == "Half a line"
    client.post(url(session, shown), {"note-words": "The whole line"})
    assert not Unsent.objects.exists()


def test_read_only_people_never_see_a_note(signed_in: SignedIn, cast: Cast, shown: SessionItem) -> None:
    note(shown, "For us only.", by=Actor(cast.director), at=NOON)
    for who in ("reader", "inspector"):
        client = signed_in(who)
        for path in (f"/recommendations/{shown.recommendation_id}/", "/review/", "/"):
            page = client.get(path).text
            assert "For us only." not in page
            assert "Comment added" not in page
        assert not visible_notes(Access(getattr(cast, who), TODAY, NOON)).exists()
    # Who leads elsewhere and is a reader here is a reader here.
    Membership.objects.create(user=cast.neighbour, role="reader", organisation=place(KSS))
    assert not visible_notes(Access(cast.neighbour, TODAY, NOON)).exists()
    assert visible_notes(Access(cast.head, TODAY, NOON)).exists()


def test_note_is_hidden_with_the_recommendation_it_is_about(cast: Cast, shown: SessionItem) -> None:
    note(shown, "For us only.", by=Actor(cast.director), at=NOON)
    assert visible_notes(Access(cast.head, TODAY, NOON)).exists()
    Inspection.objects.filter(pk=shown.recommendation.inspection_id).update(embargo_until=NOON.replace(year=2027))
    assert not visible_notes(Access(cast.head, TODAY, NOON)).exists()


def test_words_that_are_removed_are_gone_from_the_meeting(
    signed_in: SignedIn, cast: Cast, session: ReviewSession, shown: SessionItem
) -> None:
    made = note(shown, "J Doe reoffended.", by=Actor(cast.head), at=NOON)
    assert made is not None
    removal = ask_removal(recommendation(5), f"w{made.comment.words_id}", by=Actor(cast.admin), at=NOON)
    agree_removal(removal, by=Actor(cast.director), at=NOON)
    close_meeting(session, by=Actor(cast.director), at=NOON + datetime.timedelta(minutes=1))
    late(5, 40)
    following = opened(cast, at=NOON + datetime.timedelta(minutes=2))
    client = signed_in("director")
    for path in (url(session), url(following, item_of(following, 5))):
        page = client.get(path).text
        assert "J Doe" not in page
        assert "[removed]" in page
