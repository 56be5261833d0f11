"""As at a past day: the same pages, as they stood when that day ended, read-only and marked as the past."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from tests.base import KSS, LOADED, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import Answer, place, read, unstamped
from tests.inspections.embargoed import busy, embargoed
from tests.recommendations.evidence import give
from tests.reviews.living import Year
from tracker.accounts.models import User
from tracker.accounts.operations import rename_organisation
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.people.operations import ask_removal
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation, Report
from tracker.reviews.models import WaitingCount

SignedIn = Callable[[str], Client]
YESTERDAY = TODAY - datetime.timedelta(days=1)
BAND = re.compile(r'<div class="app-past".*?</div>', re.DOTALL)
# What changed since the person last looked is theirs, and of no day.
LOOKED = re.compile(r'<section class="app-panel app-panel--looked".*?</section>', re.DOTALL)
AROUND = re.compile(r'<p class="govuk-body app-as-at">.*?</p>|<nav class="app-views".*?</nav>', re.DOTALL)
pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("at_noon")]


def then(path: str, day: datetime.date = YESTERDAY) -> str:
    return f"/as-at/{day}{path}"


def main(answer: Answer, day: datetime.date | None = None) -> str:
    """What the page says, without the band and with the links of that day."""
    found = re.search(r"<main.*</main>", unstamped(answer), re.DOTALL)
    assert found, answer.content
    text = LOOKED.sub("", AROUND.sub("", BAND.sub("", found[0])))
    text = text.replace(f"/as-at/{day}/", "/")
    # Where a link comes back to is written in it as well.
    return re.sub(r"\s+", " ", text.replace(f"%2Fas-at%2F{day}%2F", "%2F"))


def plan(number: int, by: User, days: int, at: datetime.datetime) -> None:
    item = recommendation(number)
    due_on = at.date() + datetime.timedelta(days=days)
    change(item, by=Actor(by), at=at, seen_version=item.version, plan=Plan(by, due_on))


# -- the proof -------------------------------------------------------------------------------------------------------
PAGES = (
    "/review/",
    "/review/assurance/",
    "/review/since/",
    "/review/trend/",
    "/review/themes/",
    "/review/since/?since=2026-11-04",
    "/review/press/",
    "/recommendations/",
    "/recommendations/?mark=overdue",
    "/inspections/",
    "/asks/?which=seen",
)
NATIONAL = ("/review/national/",)


def paths() -> list[str]:
    numbers = (1, 4, 8)
    details = [f"/recommendations/{recommendation(number).pk}/" for number in numbers]
    return [*PAGES, f"/review/press/{west_kent().pk}/", f"/inspections/{west_kent().pk}/", *details]


def seen(cast: Cast, who: str, at: datetime.datetime) -> dict[str, Answer]:
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(getattr(cast, who))
        return {path: client.get(path) for path in (*paths(), *(NATIONAL if who == "reader" else ()))}


@pytest.mark.parametrize(("seed", "every"), [(1, 4), pytest.param(2, 1, marks=pytest.mark.full)])
def test_every_page_of_a_random_year_is_what_it_was_on_that_day(cast: Cast, seed: int, every: int) -> None:
    """Readers may do nothing on any day, so their pages are the same to the letter."""
    year, who = Year(cast, seed), "reader"
    shown = {}
    for turn, at in enumerate(year.days(16)):
        evening = at.replace(hour=23, minute=59)
        if turn % every == 0:
            shown[at.date()] = {path: main(answer) for path, answer in seen(cast, who, evening).items()}
    assert {"plan", "report", "submit", "decide", "check", "role_comes_or_goes", "act"} <= year.done
    assert len({pages["/review/"] for pages in shown.values()}) > 8 / every
    client = Client()
    with time_machine.travel(year.at + datetime.timedelta(days=30), tick=False):
        client.force_login(getattr(cast, who))
        for day, pages in shown.items():
            for path, text in pages.items():
                assert main(client.get(then(path, day)), day) == text, (day, path)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.full)])
def test_a_directors_figures_and_lists_are_those_of_that_day(cast: Cast, every: int) -> None:
    year = Year(cast, 5)
    figures = re.compile(r'<span class="app-figure__number">(\d+)|<td class="[^"]*numeric[^>]*>(?:<[^>]*>)?(\d+)')
    rows = re.compile(r'<tr[^>]*id="(recommendation-\d+)"')

    def told(answers: dict[str, Answer]) -> dict[str, Any]:
        return {path: (figures.findall(main(one)), rows.findall(main(one))) for path, one in answers.items()}

    shown = {
        at.date(): told(seen(cast, "director", at.replace(hour=23, minute=59)))
        for turn, at in enumerate(year.days(10))
        if turn % every == 0
    }
    client = Client()
    with time_machine.travel(year.at + datetime.timedelta(days=30), tick=False):
        client.force_login(cast.director)
        for day, pages in shown.items():
            assert told({path: client.get(then(path, day)) for path in pages}) == pages, day


# -- the page says so, and stays there -------------------------------------------------------------------------------
def test_it_is_marked_as_the_past_and_every_link_stays_there(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.head, -3, NOON)
    page = read(signed_in("director").get(then("/review/")))
    band = page.one(class_="app-past")
    assert "the end of 22 November 2026" in band.text
    assert band.all("a")[0].attrs["href"] == "/review/"
    links = {a.attrs["href"].split("?")[0] for a in page.one(id="review").all("a")}
    assert links
    assert all(link.startswith((f"/as-at/{YESTERDAY}/", "#")) for link in links)
    assert "app-past" not in signed_in("director").get("/review/").content.decode()


def test_what_was_done_since_is_not_there(signed_in: SignedIn, cast: Cast) -> None:
    before = NOON - datetime.timedelta(days=2)
    plan(4, cast.head, 1, before)
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, report=Report("some", "Training was held."))
    client = signed_in("director")
    url = f"/recommendations/{item.pk}/"
    assert "Training was held." in client.get(url).content.decode()
    past = client.get(then(url)).content.decode()
    assert "Training was held." not in past
    assert "Some progress" not in past
    # Due on the 22nd: that day it was not overdue.
    assert "Overdue" in read(client.get(url)).one(id="main-content").text
    assert "Overdue by" not in read(client.get(then(url))).one(id="main-content").text


def test_an_organisation_has_the_name_it_had(signed_in: SignedIn, cast: Cast) -> None:
    home = place(f"{KSS}west-kent-pdu/")
    rename_organisation(home, "Kent West", by=Actor(cast.admin), at=NOON, seen_version=home.version)
    client = signed_in("director")
    assert "Kent West" in read(client.get("/review/")).one(id="review").text
    text = read(client.get(then("/review/"))).one(id="review").text
    assert "Kent West" not in text
    assert "West Kent PDU" in text


def test_no_rows_before_the_report_was_loaded(signed_in: SignedIn) -> None:
    client = signed_in("director")
    day = LOADED.date() - datetime.timedelta(days=1)
    assert client.get(then(f"/recommendations/{recommendation(4).pk}/", day)).status_code == 404
    assert "West Kent" not in read(client.get(then("/inspections/", day))).one(id="main-content").text


@pytest.mark.parametrize("who", ["head", "officer", "director", "national", "top_admin"])
def test_past_pages_refuse_changes(signed_in: SignedIn, cast: Cast, who: str) -> None:
    plan(4, cast.officer, 3, LOADED)
    client = signed_in(who)
    item = recommendation(4)
    events = Event.objects.count()
    page = read(client.get(then(f"/recommendations/{item.pk}/"))).one(id="main-content")
    assert [form.attrs.get("method") for form in page.all("form")] in ([], ["get"])
    answer = client.post(then(f"/recommendations/{item.pk}/change/"), {"anything": "x"})
    assert answer.status_code == 405
    assert "You cannot change an earlier date" in answer.content.decode()
    assert client.get(then(f"/recommendations/{item.pk}/change/")).headers["Location"].startswith("/recommendations/")
    assert Event.objects.count() == events
    assert recommendation(4).version == item.version


def test_signing_out_works_on_past_pages(signed_in: SignedIn) -> None:
    client = signed_in("director")
    answer = client.post(then("/accounts/logout/"))
    assert (answer.status_code, answer.headers["Location"]) == (307, "/accounts/logout/")


def test_signed_out_person_must_sign_in(client: Client, cast: Cast) -> None:
    answer = client.get(then("/review/"))
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).status_code == 302


@pytest.mark.parametrize("path", ["/", "/people/", "/figures/", "/as-at/", "/as-at/2026-11-01/review/"])
def test_what_is_not_shown_of_the_past_is_todays(signed_in: SignedIn, path: str) -> None:
    answer = signed_in("admin").get(then(path))
    assert (answer.status_code, answer.headers["Location"]) == (302, path)


@pytest.mark.parametrize("day", [TODAY, TODAY + datetime.timedelta(days=1), datetime.date(9999, 12, 31)])
def test_today_and_later_show_todays_page(signed_in: SignedIn, day: datetime.date) -> None:
    answer = signed_in("director").get(then("/review/?x=1", day))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/review/?x=1")


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "2026-13-01", "20261101", "today"])
def test_invalid_past_day_is_not_found(signed_in: SignedIn, day: str) -> None:
    assert signed_in("director").get(f"/as-at/{day}/review/").status_code == 404


@pytest.mark.parametrize(
    "path", ["//host/x", "/%2Fhost/x", "/%5Chost/x", "/\\\\host/x", "///host/x", "//host/accounts/logout/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_past_address_never_leads_to_another_site(client: Client, db: None, method: str, path: str) -> None:
    answer = getattr(client, method)(f"/as-at/{YESTERDAY}{path}")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


# -- who sees what ---------------------------------------------------------------------------------------------------
def test_nobody_sees_more_of_the_past_than_of_today(signed_in: SignedIn, cast: Cast) -> None:
    url = then(f"/recommendations/{recommendation(4).pk}/")
    assert signed_in("neighbour").get(url).status_code == 404
    assert signed_in("stranger").get(url).status_code == 404
    assert signed_in("head").get(then("/review/")).status_code == 403


def test_embargoed_report_is_absent_from_past_days(signed_in: SignedIn, cast: Cast) -> None:
    inspection = embargoed(cast, "head", "director")
    item = busy(cast, inspection)[0]
    Event.objects.count()
    tomorrow = NOON + datetime.timedelta(days=1)
    for who, status in (("director", 200), ("national", 404)):
        with time_machine.travel(tomorrow, tick=True):
            client = signed_in(who)
            client.force_login(getattr(cast, who))
            assert client.get(f"/recommendations/{item.pk}/").status_code == status
            assert client.get(then(f"/recommendations/{item.pk}/", TODAY)).status_code == status


def test_removed_text_is_gone_from_past_days(signed_in: SignedIn, cast: Cast, own_store: object) -> None:
    (one,) = give(cast.head, [4], link="https://example.org/j-doe", caption="Case of J Doe")
    removal = ask_removal(recommendation(4), f"e{one.pk}", by=Actor(cast.admin), at=NOON)
    tomorrow = NOON + datetime.timedelta(days=1)
    with time_machine.travel(tomorrow, tick=True):
        client = signed_in("director")
        url = then(f"/recommendations/{recommendation(4).pk}/", TODAY)
        assert "j-doe" in client.get(url).content.decode()
        assert client.post(f"/removals/{removal.pk}/", {"decision": "remove"}).status_code == 302
        row = read(client.get(url)).one(id=f"evidence-{one.pk}")
    assert "J Doe" not in row.text
    assert "Permanently removed" in row.text
    assert row.all("a") == []


# -- it leaves no trace ----------------------------------------------------------------------------------------------
def test_tables_are_restored_after_a_past_page(signed_in: SignedIn, cast: Cast) -> None:
    plan(4, cast.head, -3, NOON)
    client = signed_in("director")
    before = {path: main(client.get(path)) for path in paths()}
    counted = list(WaitingCount.objects.values())
    for path in paths():
        client.get(then(path))
    assert {path: main(client.get(path)) for path in paths()} == before
    assert list(WaitingCount.objects.values()) == counted
    assert Recommendation.objects.count() == 19
    with connection.cursor() as cursor:
        assert not set(connection.introspection.table_names(cursor, include_views=True)) & {"past"}


# -- choosing a day --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter date"),
        ("yesterday", "Enter a date such as 31/10/2026"),
        ("23/11/2026", "Enter a date before today"),
        ("1/1/2050", "Enter a date before today"),
        ("1/11/2026", "There are no records for that date. Enter a later date"),
    ],
)
def test_unavailable_day_is_shown_beside_the_field(signed_in: SignedIn, typed: str, said: str) -> None:
    answer = signed_in("director").get("/as-at/", {"chosen": "1", "day": typed, "to": "/review/"})
    assert answer.status_code == 422
    text = read(answer).one(id="as-at").text
    assert said in text
    assert f'value="{typed}"' in answer.content.decode() or not typed


@pytest.mark.parametrize(
    ("to", "leads"),
    [
        ("/recommendations/?mark=overdue", "/recommendations/?mark=overdue"),
        ("", "/review/"),
        ("/people/", "/review/"),
        ("//evil.test/", "/review/"),
        ("https://evil.test/review/", "/review/"),
        ("/review/\r\nX: y", "/review/"),
    ],
)
def test_chosen_day_returns_to_the_page(signed_in: SignedIn, to: str, leads: str) -> None:
    answer = signed_in("director").get("/as-at/", {"chosen": "1", "day": "22 Nov 2026", "to": to})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/as-at/2026-11-22{leads}")


def test_every_page_that_is_shown_offers_it(signed_in: SignedIn) -> None:
    client = signed_in("director")
    for path in paths():
        link = read(client.get(path)).one(class_="app-as-at").one("a")
        assert "/as-at/?to=" in link.attrs["href"]
    assert "app-as-at" not in client.get("/").content.decode()
