"""Comments: who may make them, and that readers never learn of an internal one."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, Cast, recommendation
from tests.factories import Node, place, read, unstamped
from tests.recommendations.changing import HTMX, SignedIn, events
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.history.models import Event, FreeText
from tracker.history.operations import Actor
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.comment.policies import can_comment
from tracker.recommendations.conflict.queries import happened_since
from tracker.recommendations.models import Ask, Comment, Recommendation
from tracker.recommendations.recommendation.forms import SeenForm
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.timeline.queries import history_of

pytestmark = pytest.mark.usefixtures("at_noon")
TYPED = {"comment-words": "Ask the trainer first."}
INTERNAL = TYPED | {"comment-is_internal": "on"}
# Who may comment on recommendations 4 (to West Kent), 6 (to the region) and 11 (to HMPPS): c may, s only sees it.
GRID = """
head           c c c
officer        c c c
colleague      c c c
supplier       c c c
neighbour      - - -
operations     c c c
director       c c c
independent    c c c
policy         c c c
national       c c c
reader         s s s
inspector      s s s
admin          c c c
top_admin      c c c
stranger       - - -
strange_admin  - - -
nobody         - - -
"""


def url(number: int = 4) -> str:
    return f"/recommendations/{recommendation(number).pk}/comment/"


def say(by: User, text: str, *, is_internal: bool = False) -> Comment:
    return comment(recommendation(4), text, is_internal=is_internal, by=Actor(by), at=NOON)


def shown(signed_in: SignedIn, who: str) -> Node:
    return read(signed_in(who).get(f"/recommendations/{recommendation(4).pk}/")).one("details", id="comment")


def may(person: User, number: int) -> str:
    access, item = Access(person, NOON.date(), NOON), recommendation(number)
    if not visible_recommendations(access).filter(pk=item.pk).exists():
        return "-"
    return "c" if can_comment(access, item) else "s"


@pytest.mark.verb
def test_these_people_may_comment(cast: Cast) -> None:
    grid = {line.split()[0]: line.split()[1:] for line in GRID.strip().splitlines()}
    assert {name: [may(person, number) for number in (4, 6, 11)] for name, person in vars(cast).items()} == grid


def test_a_reader_here_who_leads_elsewhere_is_a_reader_here(cast: Cast) -> None:
    Membership.objects.create(user=cast.stranger, role="reader", organisation=place(KSS))
    assert may(cast.stranger, 4) == "s"
    # Until they are asked for something here.
    Ask.objects.create(
        recommendation=recommendation(4),
        words=FreeText.objects.create(text="Help.", written_by=cast.head, written_at=NOON),
        asked_by=cast.head,
        asked_at=NOON,
        day=NOON.date(),
        asked_of=place("hmpps/"),
        person=cast.stranger,
        wanted_on=NOON.date(),
    )
    assert may(cast.stranger, 4) == "c"


def test_a_reader_who_also_works_here_is_more_than_a_reader(cast: Cast) -> None:
    Membership.objects.create(user=cast.officer, role="reader", organisation=place(KSS))
    assert may(cast.officer, 4) == "c"


def test_it_is_said_and_recorded_without_its_words(signed_in: SignedIn, cast: Cast) -> None:
    before = recommendation(4)
    answer = signed_in("director").post(url(), TYPED, follow=True)
    assert "Comment added." in answer.text
    made = Comment.objects.get()
    assert (made.author, str(made.words), made.is_internal) == (cast.director, "Ask the trainer first.", False)
    event = events(4)[0]
    assert (event.verb, event.actor, event.why, event.changes) == (
        "recommendation.commented",
        cast.director,
        None,
        {},
    )
    item = recommendation(4)
    assert (item.version, item.quiet_since) == (before.version, before.quiet_since)
    assert [entry.title for entry in history_of(item)] == ["Loaded from the report"]


def test_in_the_page_it_is_added_in_its_place(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("officer").post(url(), INTERNAL, headers=HTMX)
    assert (answer.status_code, "<html" in answer.text) == (200, False)
    part = read(answer).one(id="comments")
    assert part.one(role="status").text == "Comment added."
    assert "Ask the trainer first." in part.one(class_="app-entry").text
    assert "Internal: hidden from read-only users" in part.one(class_="app-entry").text
    # Beside the title of the folded part, which stands outside.
    assert read(answer).one(id="comment-summary").text == "1"
    # The form is empty again.
    assert part.one("textarea").text == ""


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_empty_comment_is_refused(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client = signed_in("head")
    answer = client.post(url(), {"comment-words": " \n "}, headers=headers)
    assert (answer.status_code, "<html" in answer.text) == (422, not headers)
    assert read(answer).one(id="id_comment-words_error").text == "Error: Enter your comment"
    answer = client.post(url(), {"comment-words": "x" * 2001}, headers=headers)
    assert answer.status_code == 422
    assert read(answer).one("textarea").text == "x" * 2001
    assert not Comment.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_sent_twice_it_is_said_once(signed_in: SignedIn, cast: Cast, headers: dict[str, str]) -> None:
    client, typed = signed_in("head"), TYPED | {"comment-request_key": str(uuid.uuid4())}
    first, second = (client.post(url(), typed, headers=headers) for _time in range(2))
    assert first.status_code == second.status_code == (200 if headers else 302)
    assert Comment.objects.count() == Event.objects.filter(verb="recommendation.commented").count() == 1


@pytest.mark.parametrize(("who", "status"), [("reader", 403), ("inspector", 403), ("neighbour", 404), ("nobody", 404)])
def test_nobody_else_may_comment(signed_in: SignedIn, cast: Cast, who: str, status: int) -> None:
    client = signed_in(who)
    assert client.get(url()).status_code == client.post(url(), TYPED).status_code == status
    assert not Comment.objects.exists()


def test_signed_out_person_may_not_comment(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    client.logout()
    assert (client.get(url()).status_code, client.post(url(), TYPED).status_code) == (302, 401)
    assert not Comment.objects.exists()


def test_other_posted_fields_are_ignored(signed_in: SignedIn, cast: Cast) -> None:
    others = {"author": cast.officer.pk, "comment-author": cast.officer.pk, "comment-at": "2020-01-01"}
    others |= {"status": "signed_off", "comment-recommendation": recommendation(5).pk, "is_internal": "on"}
    assert signed_in("head").post(url(), TYPED | others).status_code == 302
    made = Comment.objects.get()
    assert (made.author, made.recommendation, made.is_internal) == (cast.head, recommendation(4), False)
    assert made.at >= NOON
    assert recommendation(4).status == "open"


def test_closed_recommendation_can_be_commented_on(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="not_agreed")
    assert signed_in("head").post(url(), TYPED).status_code == 302


def test_internal_comment_changes_no_byte_for_readers(signed_in: SignedIn, cast: Cast) -> None:
    say(cast.officer, "For all.")

    def pages() -> list[str]:
        found = []
        for who in ("reader", "inspector"):
            client = signed_in(who)
            paths = ("/", "/recommendations/", f"/recommendations/{recommendation(4).pk}/")
            found += [unstamped(client.get(path)) for path in paths]
        return found

    before = pages()
    say(cast.officer, "Not for the inspectorate.", is_internal=True)
    assert pages() == before
    assert "For all." in before[2]
    for who in ("head", "director", "supplier"):
        section = shown(signed_in, who)
        assert "Not for the inspectorate." in section.text
        assert section.one("summary").text == "Comments 2"


def test_readers_have_no_form_and_an_empty_list_says_so(signed_in: SignedIn, cast: Cast) -> None:
    section = shown(signed_in, "reader")
    assert section.all("form") == []
    assert "No comments yet." in section.text
    assert shown(signed_in, "head").one("form").attrs["action"] == url()


def test_comment_text_is_escaped(signed_in: SignedIn, cast: Cast) -> None:
    say(cast.officer, "<script>alert(1)</script>\nand a line")
    answer = signed_in("head").get(f"/recommendations/{recommendation(4).pk}/")
    assert "<script>alert(1)" not in answer.text
    assert "<script>alert(1)</script> and a line" in read(answer).one("details", id="comment").text


def test_many_comments_are_folded_and_cost_no_more(signed_in: SignedIn, cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/recommendations/{recommendation(4).pk}/")
        return len(queries)

    client = signed_in("head")
    say(cast.officer, "Comment 0.")
    first = cost()
    for number in range(1, 31):
        say(cast.officer, f"Comment {number}.")
    assert cost() == first
    section = shown(signed_in, "head")
    (earlier,) = section.all("details")
    assert earlier.one("summary").text == "26 earlier comments"
    texts = [entry.text for entry in section.all(class_="app-entry")]
    assert [("Comment 30." in text, "Comment 25." in text) for text in (texts[0], texts[5])] == [
        (True, False),
        (False, True),
    ]
    assert len(texts) == 31


def test_reviewer_deciding_meanwhile_sees_the_new_comment(cast: Cast) -> None:
    item = recommendation(4)
    form = SeenForm({"seen_event": str(last_event_id(item))})
    assert form.is_valid()
    say(cast.officer, "Wait with this.", is_internal=True)
    (entry,) = happened_since(item, form)["since"]
    assert (entry.title, entry.by, entry.why) == ("Comment added", "Officer", "")
