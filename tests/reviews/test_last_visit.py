"""What changed since a person last looked: none is lost by reading on, coming back or loading the page again."""

import datetime

import time_machine
from django.test import Client

from tests.base import KSS, NOON, NORTH, Cast, recommendation
from tests.factories import Node, place, read
from tests.inspections.embargoed import busy, embargoed
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Report
from tracker.reviews.models import LastLook

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
URL = "/review/"


def looks(who: User, after: datetime.timedelta, url: str = URL) -> Node:
    """The panel, as that person sees it so long after noon."""
    client = Client()
    with time_machine.travel(NOON + after, tick=False):
        client.force_login(who)
        answer = client.get(url)
    assert answer.status_code == 200
    return read(answer).one(id="looked")


def reports(number: int, by: User, after: datetime.timedelta) -> None:
    item = recommendation(number)
    change(item, by=Actor(by), at=NOON + after, seen_version=item.version, report=Report("some", "Training was held."))


def told(panel: Node) -> int:
    return int(panel.one(class_="app-count").text.strip("()"))


def test_first_visit_has_no_earlier_one(cast: Cast) -> None:
    reports(4, cast.head, -HOUR)
    assert "This is your first visit" in looks(cast.director, 0 * HOUR).text
    row = LastLook.objects.get()
    assert (row.person, row.looked_at, row.since_at) == (cast.director, NOON, None)


def test_news_stays_for_the_whole_visit(cast: Cast) -> None:
    looks(cast.director, 0 * HOUR)
    reports(4, cast.head, HOUR)
    panel = looks(cast.director, 2 * HOUR)
    assert told(panel) == 1
    assert "since 23 November 2026, 12:00" in panel.text
    assert "Recommendation 4" in panel.one("li").text
    # The page again, and again after a while, and what comes meanwhile joins it.
    assert told(looks(cast.director, 2 * HOUR + MINUTE)) == 1
    assert told(looks(cast.director, 2 * HOUR + 50 * MINUTE)) == 1
    reports(1, cast.head, 3 * HOUR)
    assert told(looks(cast.director, 3 * HOUR + 40 * MINUTE)) == 2
    # Away for an hour, it was seen. What came while away is new.
    reports(2, cast.head, 4 * HOUR)
    panel = looks(cast.director, 4 * HOUR + 40 * MINUTE)
    assert told(panel) == 1
    assert "Recommendation 2" in panel.text
    panel = looks(cast.director, 9 * HOUR)
    assert told(panel) == 0
    assert "No changes." in panel.text


def test_it_leads_to_all_that_moved_since_the_day_before(cast: Cast) -> None:
    looks(cast.director, 0 * HOUR)
    for number in (1, 2, 3, 4, 5, 4, 3):
        reports(number, cast.head, HOUR)
    panel = looks(cast.director, 2 * HOUR)
    assert told(panel) == 7
    assert len(panel.all("li")) == 5
    for link in [panel.one(class_="app-panel__all")]:
        assert link.one("a").attrs["href"] == "/review/since/?since=2026-11-22"
        assert "(2 more)" in link.text


def test_each_person_has_their_own(cast: Cast) -> None:
    looks(cast.director, 0 * HOUR)
    reports(4, cast.head, HOUR)
    assert "This is your first visit" in looks(cast.inspector, 2 * HOUR).text
    assert told(looks(cast.director, 2 * HOUR)) == 1
    assert LastLook.objects.count() == 2


def test_own_changes_are_not_news(cast: Cast) -> None:
    looks(cast.operations, 0 * HOUR)
    reports(6, cast.operations, HOUR)
    assert told(looks(cast.operations, 2 * HOUR)) == 0


def test_partial_or_anonymous_request_is_no_visit(cast: Cast) -> None:
    client = Client()
    with time_machine.travel(NOON, tick=False):
        client.force_login(cast.national)
        client.head(URL)
        client.get(URL, headers={"Sec-Purpose": "prefetch;prerender"})
        client.get(f"{URL}?region={place(KSS).pk}")
        client.get(f"/as-at/2026-11-22{URL}")
        assert not LastLook.objects.exists()
        client.get("/review/national/")
    assert LastLook.objects.get().person == cast.national
    reports(4, cast.head, HOUR)
    # The part counts what changed in it, and leaves the rest to be counted.
    assert told(looks(cast.national, 2 * HOUR, f"{URL}?region={place(NORTH).pk}")) == 0
    assert told(looks(cast.national, 2 * HOUR, f"{URL}?region={place(KSS).pk}")) == 1
    assert told(looks(cast.national, 3 * HOUR)) == 1


def test_past_page_shows_no_news(cast: Cast) -> None:
    looks(cast.director, 0 * HOUR)
    reports(4, cast.head, HOUR)
    client = Client()
    with time_machine.travel(NOON + 48 * HOUR, tick=False):
        client.force_login(cast.director)
        page = read(client.get(f"/as-at/2026-11-23{URL}"))
    assert page.all(id="looked") == []
    assert LastLook.objects.get().looked_at == NOON


def test_embargoed_changes_are_no_news_to_others(cast: Cast) -> None:
    for who in (cast.director, cast.national):
        looks(who, 0 * HOUR)
    item = busy(cast, embargoed(cast, "head", "director"))[0]
    change(
        item, by=Actor(cast.head), at=NOON + HOUR, seen_version=type(item).objects.get(pk=item.pk).version,
        report=Report("some", "Training was held."),
    )  # fmt: skip
    assert told(looks(cast.national, 2 * HOUR)) == 0
    assert told(looks(cast.director, 2 * HOUR)) > 0
