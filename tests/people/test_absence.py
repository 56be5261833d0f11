"""The page about absence and cover: one's own, and that of one's people; and what a leaver's page says of it."""

import pytest

from tests.accounts.covering import away
from tests.base import NOON, TODAY, Cast
from tests.factories import read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, last_event, sent
from tracker.accounts.operations import end_cover, name_cover
from tracker.history.operations import Actor

pytestmark = pytest.mark.usefixtures("at_noon")


def test_it_says_when_there_is_nothing(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("officer").get("/absence/", headers=HTMX)
    assert is_part(answer, "absence")
    assert [heading.text for heading in read(answer).all("h2")] == ["When you are away", "People you cover for"]
    assert "You have not arranged cover." in read(answer).text
    assert read(answer).one("a").attrs["href"] == f"/absence/{cast.officer.pk}/cover/"
    reader = read(signed_in("reader").get("/absence/", headers=HTMX))
    assert "You have read-only access" in reader.text
    assert not reader.all("a")


def test_it_lists_what_holds_and_what_is_to_come(signed_in: SignedIn, cast: Cast) -> None:
    away(cast.officer, cast.colleague)
    away(cast.officer, cast.supplier, since=-20, until=30)
    away(cast.officer, cast.head, since=30, until=-5)
    away(cast.head, cast.officer, since=-1)
    (mine, theirs) = read(signed_in("officer").get("/absence/", headers=HTMX)).all("dl")
    assert [row.text.split(" Change")[0] for row in mine.all("div")] == [
        "Colleague 20 November 2026 to 3 December 2026 Now",
        "Supplier 13 December 2026 to 23 December 2026 Upcoming",
    ]
    assert theirs.text.startswith("Head 24 November 2026 to 3 December 2026 Upcoming End")
    assert "Change" not in theirs.text


def test_lead_sees_their_people_and_covers(signed_in: SignedIn, cast: Cast) -> None:
    cover = name_cover(cast.officer, cast.colleague, by=Actor(cast.head), at=NOON, from_on=TODAY, until_on=TODAY)
    client = signed_in("head")
    links = read(client.get("/absence/", headers=HTMX)).all("ul")[0].all("li")
    assert [link.text for link in links] == [
        "Colleague",
        "Officer , covered by Colleague, 23 November 2026 to 23 November 2026",
        "Supplier",
    ]
    end_cover(cover, by=Actor(cast.colleague), at=NOON, seen_version=1)
    page = read(client.get(f"/absence/{cast.officer.pk}/"))
    assert "No cover is arranged for Officer." in page.text
    assert [title.text for title in page.all(class_="moj-timeline__title")] == ["Cover ended early", "Cover named"]
    assert [by.text for by in page.all(class_="moj-timeline__byline")] == ["by Colleague", "by Head"]
    assert "Cover: nobody → Colleague" in page.text


def test_only_these_see_it(signed_in: SignedIn, cast: Cast) -> None:
    for who, status in (
        ("officer", 302),
        ("head", 200),
        ("admin", 200),
        ("top_admin", 200),
        ("colleague", 404),
        ("operations", 404),
        ("director", 404),
        ("reader", 404),
        ("strange_admin", 404),
        ("nobody", 404),
    ):
        assert signed_in(who).get(f"/absence/{cast.officer.pk}/").status_code == status, who


def test_it_is_found_from_home_and_from_the_name(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("officer")
    for page in ("/", "/accounts/password/change/"):
        assert [link for link in read(client.get(page)).all("a") if link.attrs["href"] == "/absence/"], page
    assert f"/absence/{cast.officer.pk}/" in signed_in("admin").get(f"/people/{cast.officer.pk}/").text


def test_covers_end_with_the_account_of_either(signed_in: SignedIn, cast: Cast) -> None:
    gone, covers = away(cast.officer, cast.colleague), away(cast.head, cast.officer, since=-1)
    over = away(cast.supplier, cast.officer, since=9, until=-3)
    client, before = signed_in("admin"), last_event()
    url = f"/people/{cast.officer.pk}/close/"
    page = client.get(url)
    said = read(page).text
    assert "Colleague covers for Officer until 3 December 2026" in said
    assert "Officer covers for Head until 3 December 2026" in said
    assert client.post(url, sent(page, url)).status_code == 302
    for cover in (gone, covers, over):
        cover.refresh_from_db()
    assert (gone.ended_on, covers.ended_on, over.ended_on) == (TODAY, TODAY, None)
    assert sorted(event.verb for event in events_since(before)) == [
        *("cover.ended", "cover.ended", "person.account_closed", "role.ended")
    ]
