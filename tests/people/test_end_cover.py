"""A cover is ended early."""

import pytest

from tests.accounts.covering import away
from tests.base import TODAY, Cast, recommendation
from tests.people.pages import CONFLICT, HTMX, SignedIn, events_since, is_part, last_event, problems, sent
from tracker.accounts.models import Cover
from tracker.accounts.policies import Access
from tracker.recommendations.recommendation.policies import can_plan

pytestmark = pytest.mark.usefixtures("at_noon")


def url(cover: Cover) -> str:
    return f"/covers/{cover.pk}/end/"


@pytest.mark.verb
@pytest.mark.parametrize("who", ["head", "colleague", "admin"])
def test_ended_cover_no_longer_holds(signed_in: SignedIn, cast: Cast, who: str) -> None:
    cover, before = away(cast.head, cast.colleague), last_event()
    assert can_plan(Access(cast.colleague, TODAY), recommendation(4))
    client = signed_in(who)
    answer = client.post(url(cover), sent(client.get(url(cover)), url(cover)))
    back = f"/absence/{cast.head.pk}/" if who == "admin" else "/absence/"
    assert (answer.status_code, answer["Location"]) == (302, back)
    cover.refresh_from_db()
    assert cover.ended_on == TODAY
    assert not can_plan(Access(cast.colleague, TODAY), recommendation(4))
    (event,) = events_since(before)
    assert (event.verb, event.actor, event.in_place_of) == ("cover.ended", getattr(cast, who), None)


def test_cancelled_future_cover_frees_its_days(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.officer, cast.colleague, since=-2)
    client = signed_in("officer")
    assert client.post(url(cover), {"version": "1"}).status_code == 302
    form = {"cover": "supplier@example.test", "from_on": "25/11/2026", "until_on": "25/11/2026"}
    assert client.post(f"/absence/{cast.officer.pk}/cover/", form).status_code == 302
    assert list(Access(cast.colleague, cover.from_on).covering) == []


def test_not_twice_and_not_from_an_old_page(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.officer, cast.colleague)
    client = signed_in("officer")
    answer = client.post(url(cover), {"version": "7"}, headers=HTMX)
    assert (answer.status_code, problems(answer)) == (409, [CONFLICT])
    assert client.post(url(cover), {"version": "1"}).status_code == 302
    assert problems(client.post(url(cover), {"version": "2"})) == ["This cover has already ended."]


def test_not_by_others(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.head, cast.colleague)
    for who in ("officer", "operations", "director", "reader", "neighbour", "strange_admin"):
        client = signed_in(who)
        assert client.get(url(cover)).status_code == client.post(url(cover), {"version": "1"}).status_code == 404, who
    assert is_part(signed_in("admin").get(url(cover), headers=HTMX), "end-cover")
