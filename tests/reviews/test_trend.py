"""Month by month: each figure is that of the list as at the end of its month, and what is not known is never 0."""

import datetime
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, LOADED, NOON, NORTH, TODAY, Cast, recommendation, west_kent
from tests.factories import Node, everywhere, far_away, inspection_at, listed, place, read
from tests.inspections.embargoed import ENDS, embargoed
from tests.reviews.living import Year
from tests.reviews.telling import with_history
from tests.sampling import MANY, examples
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation

SignedIn = Callable[[str], Client]
URL = "/review/trend/"
WEST, EAST = f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/"
NAMES = ("open", "overdue", "slipped", "signed_off")
pytestmark = pytest.mark.usefixtures("at_noon")


def page(client: Client, prefix: str = "", **asked: Any) -> Node:
    answer = client.get(f"{prefix}{URL}", asked)
    assert answer.status_code == 200
    return read(answer).one(id="trend")


def cells(shown: Node, month: str) -> dict[str, tuple[int, str]]:
    """The figures of a month with where each leads; a nought leads nowhere."""
    row = shown.one("tr", id=f"month-{month}")
    found = row.all("td")[-len(NAMES) :]
    return {
        name: (int(cell.text.split()[0]), (cell.all("a") or [Node("", {"href": ""})])[0].attrs["href"])
        for name, cell in zip(NAMES, found, strict=True)
    }


def months(shown: Node) -> list[str]:
    """Those of which figures stand there, the latest first."""
    return [row.attrs["id"].removeprefix("month-") for row in shown.all("tr") if "month-" in row.attrs.get("id", "")]


def ids_at(client: Client, url: str) -> set[int]:
    """Of all pages of the list."""
    shown = read(client.get(url))
    found = set(listed(shown))
    while following := shown.all("a", rel="next"):
        shown = read(client.get(f"{url.partition('?')[0]}{following[0].attrs['href']}"))
        found |= set(listed(shown))
    return found


def long_ago(path: str = WEST, year: int = 2025, loaded: int = 250) -> Inspection:
    """A report of March of that year, loaded so many days ago."""
    report = inspection_at(path, title=f"Of {year} on {path}", year=year)
    report.loaded_on = TODAY - datetime.timedelta(days=loaded)
    report.save()
    return report


# -- figures and lists -----------------------------------------------------------------------------------------------
@pytest.mark.grid
@pytest.mark.parametrize("who", ["director", "national", "inspector"])
def test_each_figure_is_that_of_the_list_as_at_its_month(signed_in: SignedIn, cast: Cast, who: str) -> None:
    people = [cast.head, cast.officer, cast.director, getattr(cast, who)]
    for seed, path in enumerate((WEST, EAST, f"{NORTH}county-durham-pdu/")):
        begin = TODAY - datetime.timedelta(days=250)
        with_history(seed, long_ago(path), [place(path), place(KSS), place("hmpps/")], people, 40, begin=begin)
    client = signed_in(who)
    shown, some = page(client), dict.fromkeys(NAMES, 0)
    assert len(months(shown)) == 9
    followed = months(shown)[:: examples(4, 1)]
    for month in followed:
        for name, (count, url) in cells(shown, month).items():
            assert count == (len(ids_at(client, url)) if url else 0), (month, name)
            some[name] += bool(count)
    assert min(some.values()) > 0
    # A nought is an empty list as well.
    ends = {month: url for month in followed for _n, url in cells(shown, month).values() if url}
    for month, url in ends.items():
        for name in (name for name, (count, _url) in cells(shown, month).items() if not count):
            assert ids_at(client, re.sub("mark=[a-z_]+", f"mark={name}", url)) == set()


def test_past_trend_equals_todays_for_each_month(cast: Cast) -> None:
    """Rebuilt from the same events, whatever happened since, and whoever was named or renamed."""
    year, client = Year(cast, 3), Client()
    days = [at.date() for at in year.days(14)]
    with time_machine.travel(year.at + datetime.timedelta(days=3), tick=False):
        client.force_login(cast.director)
        now = page(client)
        for day in days[::4]:
            then = page(client, f"/as-at/{day}")
            for month in months(then)[1:]:
                assert [one for one, _url in cells(then, month).values()] == [
                    one for one, _url in cells(now, month).values()
                ], (day, month)


@pytest.mark.parametrize("who", ["director", "national"])
def test_today_is_what_the_overview_says(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everywhere(21, 120, [cast.officer, cast.director, getattr(cast, who)], (WEST, EAST, KSS, "hmpps/", NORTH))
    client = signed_in(who)
    links = read(client.get("/review/")).one("table", class_="app-matrix").all("a")
    overview = {
        name: sum(int(a.text.split()[0]) for a in links if re.search(f"addressee=.*mark={name}$", a.attrs["href"]))
        for name in NAMES
    }
    today = cells(page(client), "2026-11")
    for name in ("overdue", "slipped", "signed_off"):
        assert today[name][0] == overview[name] > 0, name


def test_one_inspection_or_one_organisation(signed_in: SignedIn, cast: Cast) -> None:
    begin = TODAY - datetime.timedelta(days=100)
    report = long_ago(EAST, loaded=100)
    with_history(1, report, [place(EAST), place(KSS)], [cast.head], 60, begin=begin)
    client = signed_in("director")
    chosen: Any
    for chosen in ({"inspection": report.pk}, {"organisation": place(KSS).pk}, {"inspection": west_kent().pk}):
        shown = page(client, **chosen)
        for month in months(shown)[:3]:
            for name, (count, url) in cells(shown, month).items():
                assert count == (len(ids_at(client, url)) if url else 0), (chosen, month, name)
    # Of one report it says how long ago it was published.
    shown = page(client, inspection=report.pk)
    assert "Months since publication" in shown.one("table", class_="app-months").text
    assert shown.one(id="month-2026-11").all("td")[0].text == "20"


@pytest.mark.parametrize(
    "asked", [{"inspection": "x"}, {"inspection": "999999"}, {"organisation": "0"}, {"organisation": "-1"}]
)
def test_invalid_choice_is_shown_beside_the_field(signed_in: SignedIn, asked: dict[str, str]) -> None:
    answer = signed_in("director").get(URL, asked)
    assert answer.status_code == 422
    assert read(answer).one(id=f"id_{next(iter(asked))}_error").text


# -- what is not known -----------------------------------------------------------------------------------------------
def test_nothing_is_known_before_loading(signed_in: SignedIn, cast: Cast) -> None:
    shown = page(signed_in("director"))
    assert months(shown) == ["2026-11"]
    said = shown.one("tr", id="unknown").text
    assert said.startswith("May 2022 to October 2026 not known")
    assert "2 November 2026" in said
    assert "0" not in re.sub(r"20\d\d", "", said)
    assert "not known" in shown.one("svg", class_="app-chart__drawing").text


def test_month_gives_the_number_of_reports_it_covers(signed_in: SignedIn, cast: Cast) -> None:
    begin = TODAY - datetime.timedelta(days=100)
    with_history(1, long_ago(EAST, loaded=100), [place(EAST)], [cast.head], 5, begin=begin)
    shown = page(signed_in("director"))
    assert months(shown) == ["2026-11", "2026-10", "2026-09", "2026-08"]
    # West Kent's was published, and not loaded before November.
    assert [shown.one(id=f"month-{month}").all("td")[0].text for month in months(shown)] == [
        "2 of 2", "1 of 2", "1 of 2", "1 of 2",
    ]  # fmt: skip


def test_what_was_under_embargo_counts_from_its_end(signed_in: SignedIn, cast: Cast) -> None:
    report = embargoed(cast, "national")
    shown = page(signed_in("director"))
    assert cells(shown, "2026-11")["open"][0] == 19
    later = ENDS + datetime.timedelta(days=40)
    with time_machine.travel(later, tick=False):
        client = Client()
        for who, november in (("director", 19), ("national", 19 + report.recommendations.count())):
            client.force_login(getattr(cast, who))
            shown = page(client)
            assert cells(shown, "2026-11")["open"][0] == november, who
            assert cells(shown, "2026-12")["open"][0] == 19 + report.recommendations.count()
            for month in ("2026-11", "2026-12"):
                count, url = cells(shown, month)["open"]
                assert len(ids_at(client, url)) == count, (who, month)


def test_the_other_region_changes_nothing_here(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    before = page(client).text
    far_away()
    assert page(client).text == before


def test_without_a_report(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    day = LOADED.date() - datetime.timedelta(days=1)
    shown = page(client, f"/as-at/{day}")
    assert "there is no trend to show" in shown.text
    assert not shown.all("svg")


# -- the drawing -----------------------------------------------------------------------------------------------------
def test_the_drawing_says_in_words_what_it_shows(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, plan=Plan(cast.officer, TODAY - DAY))
    drawing = page(signed_in("director")).one("svg", class_="app-chart__drawing")
    assert drawing.one("title").text == "Open, overdue, past first due date and signed off, month by month"
    assert "November 2026: open 19, overdue 1, past first due date 0, signed off 0." in drawing.one("desc").text
    words = [text.text for text in drawing.all("text")]
    assert "Overdue is part of open." in words
    assert {"Open 19", "Overdue 1", "Past first due date 0", "Signed off 0"} <= set(words)
    ends = sorted(float(one.attrs["y"]) for one in drawing.all("text", class_="app-trend__text--words"))
    assert all(below - above >= 17.9 for above, below in pairwise(ends))
    assert not any("style" in node.attrs for node in drawing.all())


DAY = datetime.timedelta(days=1)


# -- how late --------------------------------------------------------------------------------------------------------
@pytest.mark.grid
@pytest.mark.parametrize(
    ("days", "age"),
    [(0, ""), (1, "14"), (14, "14"), (15, "28"), (28, "28"), (29, "84"), (84, "84"), (85, "more"), (900, "more")],
)
def test_how_late_the_overdue_are(signed_in: SignedIn, cast: Cast, days: int, age: str) -> None:
    item = recommendation(4)
    Recommendation.objects.filter(pk=item.pk).update(due_on=TODAY - days * DAY)
    client = signed_in("director")
    found = {name: ids_at(client, f"/recommendations/?late={name}") for name in ("14", "28", "84", "more")}
    assert found == {name: {item.pk} if name == age else set() for name in found}


def test_each_age_equals_the_list_it_leads_to(signed_in: SignedIn, cast: Cast) -> None:
    everywhere(8, 150, [cast.officer, cast.director], (WEST, KSS, "hmpps/"))
    client = signed_in("director")
    shown = page(client)
    links = shown.one("table", class_="app-ages").all("a")
    counts = [int(link.text.split()[0]) for link in links]
    assert len(counts) == 4
    for link, count in zip(links, counts, strict=True):
        assert len(ids_at(client, link.attrs["href"])) == count
    assert sum(counts) == cells(shown, "2026-11")["overdue"][0]


def test_it_costs_as_many_queries_for_many_rows_and_months_as_for_few(signed_in: SignedIn, cast: Cast) -> None:
    client, counts = signed_in("director"), []
    for turn, (count, days) in enumerate(((12, 40), (MANY, 1400))):
        report = long_ago(WEST, year=2022 - turn, loaded=days)
        with_history(turn, report, [place(KSS)], [cast.head], count, begin=TODAY - datetime.timedelta(days=days))
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            shown = page(client)
        counts.append(len(asked))
    assert len(months(shown)) > 40
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("who", ["head", "officer", "supplier", "nobody"])
def test_page_is_for_people_above_the_pdus(signed_in: SignedIn, who: str) -> None:
    assert signed_in(who).get(URL).status_code == 403
