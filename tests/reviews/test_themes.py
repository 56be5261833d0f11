"""By theme: recommendations across inspections by standard, and how often each was asked for."""

import random
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NORTH, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import Node, everywhere, far_away, inspection_at, listed, place, printed, read, scattered
from tests.sampling import MANY
from tracker.recommendations.models import Lineage, Recommendation, StandardLink

SignedIn = Callable[[str], Client]
URL = "/review/themes/"
WEST = f"{KSS}west-kent-pdu/"
PATHS = (WEST, f"{KSS}east-kent-pdu/", KSS, "hmpps/", NORTH)
pytestmark = pytest.mark.usefixtures("at_noon")


def page(client: Client, **asked: str) -> Node:
    answer = client.get(URL, asked)
    assert answer.status_code == 200
    return read(answer).one(id="themes")


def ids_at(client: Client, url: str) -> set[int]:
    """Of all pages of the list."""
    shown = read(client.get(url))
    found = set(listed(shown))
    while following := shown.all("a", rel="next"):
        shown = read(client.get(f"{url.partition('?')[0]}{following[0].attrs['href']}"))
        found |= set(listed(shown))
    return found


def belongs(item: Recommendation, standard: str, said_by: str = "ours") -> None:
    StandardLink.objects.get_or_create(recommendation=item, standard=standard, defaults={"said_by": said_by})


def repeats(later: Recommendation, earlier: Recommendation, state: str = "confirmed") -> None:
    Lineage.objects.create(earlier=earlier, later=later, said_by="report", state=state)


def often(client: Client, item: Recommendation) -> str:
    """How often it is said to have been asked for; "" where it is not said to."""
    rows = page(client).all("tr", id=f"recommendation-{item.pk}")
    return rows[0].one("strong").text if rows else ""


@pytest.mark.grid
@pytest.mark.parametrize("who", ["director", "national", "inspector"])
def test_each_figure_equals_the_list_it_leads_to(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everywhere(6, 90, [cast.officer, cast.director, getattr(cast, who)], PATHS)
    dice = random.Random(6)
    for item in Recommendation.objects.filter(inspection__title="Scattered 6"):
        for standard in dice.sample(("1.1", "1.2", "2.5"), dice.randint(0, 2)):
            belongs(item, standard, dice.choice(("ours", "report")))
        if dice.random() < 0.3:
            Recommendation.objects.filter(pk=item.pk).update(asked_before="2019")
    client = signed_in(who)
    rows = [row for row in page(client).all("tr") if row.attrs.get("id", "").startswith("standard-")]
    assert [row.attrs["id"] for row in rows] == [f"standard-{one}" for one in ("1.1", "1.2", "2.5", "none")]
    for row in rows:
        links, counts = row.all("a"), []
        for link in links[:-1]:
            counts.append(int(link.text.split()[0]))
            assert len(ids_at(client, link.attrs["href"])) == counts[-1], link.text
        assert len(counts) >= 3
        again = links[-1]
        shown = read(client.get(f"{URL}{again.attrs['href']}")).one(id="again")
        assert len(listed(shown)) == int(again.text.split()[0]) > 0
        assert set(listed(shown)) <= ids_at(client, links[0].attrs["href"])


def test_source_of_the_interpretation_is_shown(signed_in: SignedIn, cast: Cast) -> None:
    belongs(recommendation(1), "1.1", "report")
    belongs(recommendation(2), "1.1")
    belongs(recommendation(4), "1.1")
    row = page(signed_in("director")).one("tr", id="standard-1.1")
    assert row.one("th").text == "1.1 Leadership"
    assert row.all("td")[-1].text == "1 classified by the report, 2 classified by us"
    answer = signed_in("director").get("/recommendations/?standard=1.1").content.decode()
    assert "<strong>1.1 Leadership</strong>" in answer


def test_number_of_times_recommended(signed_in: SignedIn, cast: Cast) -> None:
    """Reports that print it or what it repeats, and years of reports that are not held; each occasion once."""
    client, item = signed_in("director"), recommendation(4)
    assert often(client, item) == ""
    repeats(item, previous(2), "proposed")
    assert often(client, item) == ""
    Lineage.objects.update(state="confirmed")
    # The annexe does not say when it was asked for before.
    assert often(client, item) == "Recommended twice, first before 2022"
    Recommendation.objects.filter(pk=previous(2).pk).update(asked_before="2019, 2021")
    assert often(client, item) == "Recommended 3 times since 2019"
    (later,) = printed(inspection_at(WEST, year=2025), item.addressee, 1)
    repeats(later, item)
    # By two ways to the same is once.
    repeats(later, previous(2))
    assert often(client, later) == "Recommended 4 times since 2019"
    # A year that is told of elsewhere too is the report's that is held.
    Recommendation.objects.filter(pk=later.pk).update(asked_before="2022")
    assert often(client, later) == "Recommended 4 times since 2019"


def test_circular_links_are_followed_once(signed_in: SignedIn, cast: Cast) -> None:
    repeats(recommendation(4), recommendation(5))
    repeats(recommendation(5), recommendation(4))
    # Both stand in the same report: it was asked for once.
    assert often(signed_in("director"), recommendation(4)) == ""


def test_what_one_may_not_see_is_not_counted(signed_in: SignedIn, cast: Cast) -> None:
    (far,) = printed(inspection_at(f"{NORTH}county-durham-pdu/", year=2020), place(f"{NORTH}county-durham-pdu/"), 1)
    repeats(recommendation(4), far)
    belongs(far, "9.9")
    assert often(signed_in("director"), recommendation(4)) == ""
    assert "standard-9.9" not in str(page(signed_in("director")))
    assert often(signed_in("national"), recommendation(4)) == "Recommended twice since 2020"
    # Nor is a standard to choose that only others know of.
    assert "9.9" not in read(signed_in("director").get("/recommendations/")).one(id="filter_standard").text


def test_the_other_region_changes_nothing_here(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    before = page(client).text
    far_away()
    assert page(client).text == before


def test_it_costs_as_many_queries_for_many_rows_as_for_few(signed_in: SignedIn, cast: Cast) -> None:
    client, counts = signed_in("director"), []
    for turn, count in enumerate((12, MANY)):
        rows = scattered(turn, west_kent(), [place(KSS)], [cast.head], count)
        StandardLink.objects.bulk_create(
            StandardLink(recommendation=row, standard=f"1.{n % 9}", said_by="ours") for n, row in enumerate(rows)
        )
        pairs = zip(rows[::2], rows[1::2], strict=False)
        Lineage.objects.bulk_create(
            Lineage(earlier=one, later=other, said_by="ours", state="confirmed") for one, other in pairs
        )
        Recommendation.objects.filter(pk__in=[row.pk for row in rows[:50]]).update(asked_before="2019")
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            page(client)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 22


@pytest.mark.parametrize("who", ["head", "nobody"])
def test_page_is_for_people_above_the_pdus(signed_in: SignedIn, who: str) -> None:
    assert signed_in(who).get(URL).status_code == 403


def test_without_standards_it_says_so(signed_in: SignedIn, cast: Cast) -> None:
    shown = page(signed_in("director"))
    assert shown.one("tr", id="standard-none").one("th").text == "No standard named"
    assert f"{TODAY.day} November 2026" in shown.text
