"""Walking through the list: what stands on the page of each, and the verbs that come back to it."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import NOON, Cast, recommendation
from tests.factories import Node, read
from tests.recommendations.reviewing import reported
from tests.reviews.meeting import agenda, held, item_of, late, opened, url
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.recommendations.comment.operations import comment

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def steps(page: Node) -> dict[str, str]:
    return {a.text: a.attrs["href"] for a in page.one(class_="app-steps").all("a")}


@pytest.mark.verb
def test_meeting_item_shows_everything_in_one_place(signed_in: SignedIn, cast: Cast) -> None:
    late(5, 33, cast.officer)
    held(cast, 28, n5="Training is booked.")
    comment(recommendation(5), "Two came.", is_internal=False, by=Actor(cast.officer), at=NOON)
    reported(5, cast.officer, "some")
    late(5, 33, cast.officer)
    session = opened(cast)
    page = read(signed_in("director").get(url(session, item_of(session, 5)))).one(id="talk")
    text = page.text
    assert "1 of " in text
    for said in (
        "Overdue by 33 days",
        "Carried over from last meeting",
        "Training is booked.",
        "Two came.",
        "Some progress",
    ):
        assert said in text, said
    assert "Every case is now looked at." in text
    assert page.one(class_="app-changes").all("strong")[0].text.startswith("Update sent")
    # What was noted last time is told once.
    assert text.count("Training is booked.") == 1


def test_meeting_items_can_be_visited_without_saving(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    session, client = opened(cast), signed_in("director")
    page = read(client.get(url(session, item_of(session, 1))))
    assert "2 of 4" in page.text
    assert page.one("a", rel="prev").attrs["href"] == url(session, item_of(session, 5))
    assert page.one("a", rel="next").attrs["href"] == url(session, item_of(session, 2))
    first, last = (read(client.get(url(session, item_of(session, n)))) for n in (5, 3))
    assert first.all("a", rel="prev") == []
    assert last.all("a", rel="next") == []
    assert not session.items.exclude(talked_at=None).exists()


@pytest.mark.parametrize(
    ("who", "number", "label", "typed"),
    [
        ("director", 2, "Return submission", {"reason": "The sample is too small."}),
        ("director", 5, "Record a check", {"progress": "no", "method": "papers", "found": "Nothing new."}),
        ("head", 5, "Send an update", {"progress": "some", "what_changed": "One was held.", "outlook": "on_track"}),
    ],
)
def test_verbs_come_back_to_the_walk(
    signed_in: SignedIn, cast: Cast, who: str, number: int, label: str, typed: dict[str, str]
) -> None:
    agenda(cast)
    session, client = opened(cast), signed_in(who)
    here = url(session, item_of(session, number))
    there = steps(read(client.get(here)))[label]
    page = read(client.get(there))
    assert {a.attrs["href"] for a in page.all("a", class_="govuk-back-link")} == {here}
    form = page.one(id="verb").all("form")[-1]
    sent = form.sent() | {name: [value] for name, value in typed.items()}
    # Something amiss first: the way back is kept.
    assert client.post(form.attrs["action"], {}).status_code == 422
    answer = client.post(form.attrs["action"], sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, here)


def test_each_person_is_offered_their_actions(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    session = opened(cast)
    here = url(session, item_of(session, 2))
    assert {"Review submission", "Return submission", "Record a check"} <= set(
        steps(read(signed_in("director").get(here)))
    )
    assert set(steps(read(signed_in("head").get(here)))) == {"Withdraw submission"}
    assert "There is nothing for you to decide" in read(signed_in("operations").get(here)).text


WHO = {"head", "operations", "director", "policy", "national"}


def test_only_leads_and_reviewers_see_it(client: Client, cast: Cast) -> None:
    agenda(cast)
    session = opened(cast)
    for path in (url(session), url(session, item_of(session, 5))):
        found = set()
        for who in vars(cast):
            client.force_login(getattr(cast, who))
            status = client.get(path).status_code
            assert status in (200, 404), who
            found |= {who} if status == 200 else set()
        assert found == WHO


def test_embargoed_items_are_only_on_lists_of_named_people(signed_in: SignedIn, cast: Cast) -> None:
    agenda(cast)
    session = opened(cast)
    shown = item_of(session, 5)
    Inspection.objects.filter(pk=recommendation(5).inspection_id).update(
        embargo_until=NOON + datetime.timedelta(days=9)
    )
    client = signed_in("head")
    assert client.get(url(session, shown)).status_code == 404
    page = read(client.get(url(session)))
    assert "Recommendation" not in page.one(id="meeting").text


def test_items_of_another_meeting_are_not_found(signed_in: SignedIn, cast: Cast) -> None:
    late(5, 33)
    old = held(cast, 28, n5="Booked.")
    session = opened(cast)
    client = signed_in("director")
    assert client.get(f"/review/meetings/{session.pk}/{item_of(old, 5).pk}/").status_code == 404
    # What is closed is read on its own page.
    assert client.get(url(old, item_of(old, 5))).headers["Location"] == url(old)
