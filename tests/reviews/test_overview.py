"""The one screen: cards, panels and what changed, each as the list it leads to says; and the nation's."""

import datetime
import random
import re
from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, LOADED, NOON, NORTH, TODAY, Cast, west_kent
from tests.factories import Node, everywhere, far_away, listed, place, read, scattered
from tests.recommendations.asking import ask_of, later
from tests.recommendations.reviewing import submitted
from tests.reviews.test_region import NATIONAL, PATHS, REGION, count_at, figures
from tests.sampling import MANY
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import add_organisation
from tracker.accounts.policies import Access
from tracker.history.models import FreeText
from tracker.recommendations.models import Ask, Recommendation, status_filters
from tracker.recommendations.task.queries import Reason, waiting_for

SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"
pytestmark = pytest.mark.usefixtures("at_noon")


def shown(client: Client, url: str = "/review/") -> Node:
    answer = client.get(url)
    assert answer.status_code == 200
    return read(answer)


def count_of(panel: Node) -> int:
    """The last figure of its heading: "(3)", or "(1 of 3 not answered)"."""
    return int(re.findall(r"\d+", panel.one(class_="app-count").text)[-1])


def asks(seed: int, count: int, by: User) -> None:
    """About some open recommendations: of the levels above and of those below, open, promised and settled."""
    dice = random.Random(seed)
    items = list(Recommendation.objects.order_by("pk"))
    places = list(Organisation.objects.all())
    words = FreeText.objects.bulk_create(
        FreeText(text=f"Ask {n}", written_by=by, written_at=NOON) for n in range(count)
    )
    for one in words:
        state = dice.choice(["open", "open", "by_a_day", "yes", "withdrawn"])
        answer = {"answer": one, "answered_by": by, "answered_on": TODAY} if state in ("by_a_day", "yes") else {}
        Ask.objects.create(
            recommendation=dice.choice(items), words=one, asked_by=by, asked_at=NOON, day=TODAY, state=state,
            asked_of=dice.choice(places), wanted_on=later(dice.randint(-30, 30)),
            promised_on=later(dice.randint(-30, 30)) if state == "by_a_day" else None, **answer,
        )  # fmt: skip


def everything(cast: Cast, others: Sequence[User]) -> None:
    everywhere(51, 90, [cast.officer, *others], PATHS)
    everywhere(52, 40, [cast.stranger], PATHS[::-1])
    asks(53, 60, cast.head)


# -- figures and lists -----------------------------------------------------------------------------------------------
@pytest.mark.grid
@pytest.mark.parametrize("who", [*REGION, *NATIONAL])
@pytest.mark.parametrize("url", ["/review/", "region"])
def test_cards_and_panels_equal_the_lists_they_lead_to(signed_in: SignedIn, cast: Cast, who: str, url: str) -> None:
    everything(cast, [cast.director, getattr(cast, who)])
    client = signed_in(who)
    page = shown(client, f"/review/?region={place(KSS).pk}" if url == "region" else url)
    glance = page.one(class_="app-glance")
    links = glance.all("a")
    assert len(links) > 9
    for link in links:
        assert count_at(client, link.attrs["href"]) == int(link.text.split()[0]), link.attrs["href"]
    coming = page.one(id="next")
    assert count_of(coming) == count_at(client, coming.one(class_="app-panel__all").one("a").attrs["href"]) > 0
    for direction in ("up", "down"):
        panel = page.one(id=f"asked-{direction}")
        part = shown(client, panel.one(class_="app-panel__all").one("a").attrs["href"]).one(id=direction)
        assert panel.one(class_="app-count").text == part.one(class_="app-count").text
        assert count_of(panel) == len(part.all(class_="govuk-inset-text")) > 0


@pytest.mark.parametrize("who", ["director", "national", "independent", "reader", "operations"])
def test_decisions_on_the_overview_equal_those_on_home(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everything(cast, [cast.director])
    submitted(4, cast)
    page = shown(signed_in(who))
    person = getattr(cast, who)
    decide = (Reason.TO_DECIDE, Reason.SUSTAINED, Reason.EXTENSION, Reason.PLAN_TO_CLEAR)
    waiting = [one for one in waiting_for(Access(person, TODAY)) if one.reason in decide]
    if who in ("reader", "operations"):
        assert (page.all(id="decisions"), waiting) == ([], [])
        return
    panel = page.one(id="decisions")
    assert count_of(panel) == len(waiting) > 0
    assert len(panel.all("li")) == min(len(waiting), 5)
    oldest = max((TODAY - one.since).days for one in waiting)
    assert f"for {oldest} day" in panel.all("li")[0].text


def test_what_may_be_late_next_is_not_late_yet(signed_in: SignedIn, cast: Cast) -> None:
    everything(cast, [cast.director])
    marks = status_filters(TODAY)
    both = Recommendation.objects.filter(marks["late_next"])
    assert both.exists()
    assert not both.filter(marks["overdue"]).exists()
    soon = Recommendation.objects.open().filter(due_on__range=(TODAY, later(14)))
    risky = Recommendation.objects.filter(marks["at_risk"]).exclude(marks["overdue"])
    assert set(both) == set(soon) | set(risky)


def test_the_unanswered_come_first_and_say_who_asks_whom(signed_in: SignedIn, cast: Cast) -> None:
    promised = ask_of(4, KSS, cast.head, words="Promised.", wanted_on=later(-9))
    Ask.objects.filter(pk=promised.pk).update(
        state="by_a_day", promised_on=later(-9), answer=promised.words, answered_by=cast.operations, answered_on=TODAY
    )
    ask_of(4, KSS, cast.head, words="Not answered.", wanted_on=later(3))
    ask_of(6, WEST_KENT, cast.operations, words="Sent down.", wanted_on=later(-3))
    page = shown(signed_in("director"))
    up, down = page.one(id="asked-up"), page.one(id="asked-down")
    first, second = up.all("li")
    assert "Not answered. West Kent PDU asks Kent, Surrey and Sussex · not answered" in first.text
    assert "yes, by 14 November 2026: 9 days overdue" in second.text
    assert up.one(class_="app-count").text == "(1 of 2 not answered)"
    assert "Kent, Surrey and Sussex asks West Kent PDU" in down.one("li").text
    assert "3 days overdue" in down.one("li").text


def test_empty_role_is_shown_to_all_and_filled_by_administrators(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.filter(user=cast.head).update(ends_on=TODAY)
    seen = {who: shown(signed_in(who)).one(id="roles") for who in ("director", "inspector", "admin", "national")}
    for panel in seen.values():
        assert "No lead assigned West Kent PDU" in panel.one("li").text
    assert seen["director"].all("a") == seen["inspector"].all("a") == []
    link = seen["admin"].one("li").one("a").attrs["href"]
    assert f"organisation={place(WEST_KENT).pk}" in link
    assert signed_in("admin").get(link).status_code == 200


def test_months_since_publication_stand_beside_the_report(signed_in: SignedIn, cast: Cast) -> None:
    (row,) = [one for one in shown(signed_in("director")).all("tr") if "Inadequate, May 2022" in one.text]
    assert "54 months since publication" in row.text
    inspection = west_kent()
    inspection.published_from = inspection.published_to = datetime.date(2026, 5, 24)
    assert [inspection.months_since(day) for day in (later(0), later(1), datetime.date(2026, 5, 1))] == [5, 6, 0]


# -- one region, and the nation --------------------------------------------------------------------------------------
def test_a_region_named_in_the_address_shows_that_region(signed_in: SignedIn, cast: Cast) -> None:
    far_away()
    page = shown(signed_in("national"), f"/review/?region={place(NORTH).pk}")
    names = [row.one("th").text for row in page.all("table")[0].one("tbody").all("tr")]
    assert names[0].startswith("County Durham PDU")
    assert {name.split(" Requires")[0] for name in names} == {"County Durham PDU", "North East"}
    assert "West Kent" not in page.one(id="review").text
    for who, path, status in (
        ("director", KSS, 200),
        ("director", NORTH, 404),
        ("director", "hmpps/", 404),
        ("national", WEST_KENT, 404),
        ("head", KSS, 403),
    ):
        assert signed_in(who).get(f"/review/?region={place(path).pk}").status_code == status, (who, path)
    assert signed_in("national").get("/review/?region=kent").status_code == 404


@pytest.mark.grid
@pytest.mark.parametrize("who", NATIONAL)
def test_the_nations_figures_equal_the_lists_they_lead_to(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everything(cast, [cast.policy])
    client = signed_in(who)
    page = shown(client, "/review/national/")
    rows = page.all("table")[0].one("tbody").all("tr")
    assert [row.one("th").text[:5] for row in rows] == [
        "Kent,",
        "North",
        "HMPPS",
    ]
    total = 0
    for row in rows:
        for link in [link for cell in row.all("td") for link in cell.all("a")]:
            assert count_at(client, link.attrs["href"]) == int(link.text.split()[0]), link.attrs["href"]
        total += int(figures(row)[0].text)
    assert total == count_at(client, "/recommendations/")
    for row in rows[:2]:
        region = shown(client, row.one("th").all("a")[0].attrs["href"]).one(class_="app-glance")
        assert f"of {figures(row)[0].text}" in region.text


def test_what_is_addressed_to_hmpps_stands_together(signed_in: SignedIn, cast: Cast) -> None:
    far_away()
    scattered(61, west_kent(), [place("hmpps/")], [cast.policy], 30)
    page = shown(signed_in("reader"), "/review/national/")
    section = page.one(id="to-hmpps")
    unfinished = Recommendation.objects.exclude_carried().unfinished().filter(addressee=place("hmpps/"))
    assert unfinished.count() > 10 == len(section.one("tbody").all("tr"))
    dues = list(unfinished.filter(due_on__isnull=False).order_by("due_on", "pk"))
    assert section.one("tbody").all("a")[0].attrs["href"] == f"/recommendations/{dues[0].pk}/"
    link = section.all("p")[-1].one("a")
    assert count_at(signed_in("reader"), link.attrs["href"]) == int(link.text.split()[1])


@pytest.mark.grid
@pytest.mark.parametrize("who", ["director", "operations", "inspector", "admin", "strange_admin", "head", "nobody"])
def test_national_page_needs_a_national_role(signed_in: SignedIn, cast: Cast, who: str) -> None:
    client = signed_in(who)
    assert client.get("/review/national/").status_code == 403
    for path in ("/review/", "/"):
        assert "/review/national/" not in client.get(path).content.decode()
    assert "/review/national/" in signed_in("reader").get("/review/").content.decode()


# -- small and large -------------------------------------------------------------------------------------------------
def test_an_empty_region_says_so(signed_in: SignedIn, cast: Cast) -> None:
    for url in ("/review/", f"/review/?region={place(NORTH).pk}"):
        page = shown(signed_in("strange_admin"), url)
        rows = page.all("table")[0].one("tbody").all("tr")
        assert [row.one("td").text for row in rows] == ["not inspected", "not inspected"]
        assert page.one(class_="app-glance").all("a") == []
        assert "0 overdue of 0" in page.one(class_="app-glance").text
        assert "Nothing is overdue." in page.text
    north = [row for row in shown(signed_in("reader"), "/review/national/").all("tr") if "North East" in row.text]
    assert "0 of 1 PDU inspected" in north[0].text
    assert north[0].one("td").text == "not inspected"


def test_thirty_pdus_stand_in_thirty_rows(signed_in: SignedIn, cast: Cast) -> None:
    for number in range(25):
        add_organisation(f"Place {number:02}", kind="pdu", parent=place(KSS), other_names=[], by=None, at=LOADED)
    everywhere(71, 200, [cast.officer], [f"{KSS}place-{number:02}/" for number in range(12)])
    page = shown(signed_in("director"))
    rows = page.all("table")[0].one("tbody").all("tr")
    assert len(rows) == 32
    assert sum("not inspected" in row.text for row in rows) == 17
    assert len({bar.attrs["aria-labelledby"] for bar in page.all("svg", class_="app-bar")}) == 15


@pytest.mark.parametrize(("who", "url"), [("director", "/review/"), ("reader", "/review/national/")])
def test_it_costs_as_many_queries_for_many_rows_as_for_few(signed_in: SignedIn, cast: Cast, who: str, url: str) -> None:
    client, owners = signed_in(who), [cast.officer, cast.policy]
    places = [place(path) for path in PATHS[:4]]

    def cost() -> int:
        assert client.get("/accounts/password/change/").status_code == 200
        with CaptureQueriesContext(connection) as asked:
            assert len(listed(read(client.get(url)))) > 0
        return len(asked)

    scattered(81, west_kent(), places, owners, 12)
    asks(82, 12, cast.head)
    # The first look is written down.
    cost()
    few = cost()
    scattered(83, west_kent(), places, owners, MANY)
    asks(84, 200, cast.head)
    assert cost() == few <= 45
