"""The days of a cover are changed."""

import datetime

import pytest

from tests.accounts.covering import DAY, away
from tests.base import NOON, TODAY, Cast
from tests.factories import read
from tests.people.pages import CONFLICT, HTMX, SignedIn, events_since, is_part, last_event, problems, sent
from tracker.accounts.models import Cover
from tracker.accounts.operations import change_cover
from tracker.history.operations import Actor

pytestmark = pytest.mark.usefixtures("at_noon")


def url(cover: Cover) -> str:
    return f"/covers/{cover.pk}/change/"


@pytest.mark.verb
def test_the_last_day_is_moved(signed_in: SignedIn, cast: Cast) -> None:
    cover, before = away(cast.officer, cast.colleague), last_event()
    client = signed_in("head")
    form = sent(client.get(url(cover)), url(cover), until_on="20/12/2026")
    answer = client.post(url(cover), form)
    assert (answer.status_code, answer["Location"]) == (302, f"/absence/{cast.officer.pk}/")
    cover.refresh_from_db()
    assert cover.until_on == datetime.date(2026, 12, 20)
    (event,) = events_since(before)
    assert (event.verb, event.actor) == ("cover.changed", cast.head)
    assert event.changes == {"until_on": ["2026-12-03", "2026-12-20"], "version": [1, 2]}
    said = read(client.get(f"/absence/{cast.officer.pk}/")).text
    assert "Cover dates changed by Head" in said
    assert "Last day: 3 December 2026 → 20 December 2026" in said


@pytest.mark.parametrize(
    ("since", "typed", "said"),
    [
        (3, {"from_on": "24/11/2026"}, "The cover has already started, so you cannot change its first day."),
        (3, {"until_on": "22/11/2026"}, "Last day must be today or in the future. Otherwise, end the cover."),
        (-2, {"from_on": "22/11/2026"}, "First day must be today or in the future."),
        (-2, {"from_on": "4/12/2026"}, "Last day must be the same as or after the first day."),
        (-2, {"until_on": "1/3/2027"}, "Cover can last up to 60 days. For a longer absence, reassign the work."),
        (-2, {"until_on": "10/1/2027"}, "Head already covers from 2 January 2027 to 2 January 2027."),
    ],
)
def test_each_refusal_is_shown_beside_its_field(
    signed_in: SignedIn, cast: Cast, since: int, typed: dict[str, str], said: str
) -> None:
    cover = away(cast.officer, cast.colleague, since=since)
    away(cast.officer, cast.head, since=-40, until=40)
    client, before = signed_in("officer"), last_event()
    answer = client.post(url(cover), sent(client.get(url(cover)), url(cover), **typed))
    assert problems(answer)[0].startswith(said)
    assert last_event() == before


def test_the_first_day_moves_while_it_is_to_come(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.officer, cast.colleague, since=-2)
    client = signed_in("officer")
    assert client.post(url(cover), sent(client.get(url(cover)), url(cover), from_on="23/11/2026")).status_code == 302
    cover.refresh_from_db()
    assert cover.from_on == TODAY


def test_newer_change_is_not_overwritten(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.officer, cast.colleague)
    client = signed_in("officer")
    form = sent(client.get(url(cover)), url(cover), until_on="20/12/2026")
    days = (cover.from_on, TODAY + 2 * DAY)
    change_cover(cover, by=Actor(cast.head), at=NOON, seen_version=1, from_on=days[0], until_on=days[1])
    answer = client.post(url(cover), form)
    assert (answer.status_code, problems(answer)) == (409, [CONFLICT])
    # Both days stand there, and sent again it is saved.
    assert "20 November 2026 to 25 November 2026" in read(answer).one(id="change-cover").text
    again = sent(answer, url(cover))
    assert again["until_on"] == ["20/12/2026"]
    assert client.post(url(cover), again).status_code == 302


def test_cover_and_others_may_not_end_it(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.officer, cast.colleague)
    for who, status in (("colleague", 403), ("supplier", 404), ("neighbour", 404), ("reader", 404), ("admin", 200)):
        assert signed_in(who).get(url(cover)).status_code == status, who


def test_htmx_gets_the_part(signed_in: SignedIn, cast: Cast) -> None:
    cover = away(cast.officer, cast.colleague)
    client = signed_in("officer")
    assert is_part(client.get(url(cover), headers=HTMX), "change-cover")
    over = away(cast.head, cast.colleague, since=9, until=-4)
    form = {"from_on": "14/11/2026", "until_on": "30/11/2026", "version": "1"}
    answer = signed_in("head").post(url(over), form)
    assert problems(answer) == ["This cover has already ended."]
