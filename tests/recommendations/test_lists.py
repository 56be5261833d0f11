"""Lists show what their filter asks for, count what they show, and never fail over what an address says."""

import datetime
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.base import KSS, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import everywhere, inspection_at, listed, place, printed, read, roots, scattered
from tests.sampling import examples
from tracker.accounts.models import User
from tracker.recommendations.models import Recommendation

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
WEST_KENT = f"{KSS}west-kent-pdu/"
pytestmark = pytest.mark.usefixtures("at_noon")

# One condition for each filter, written as a sentence about one row and not as a query.
MARKS: dict[str, Callable[[Recommendation, User], bool]] = {
    "overdue": lambda r, me: r.status == "open" and r.due_on is not None and r.due_on < TODAY,
    "no_owner": lambda r, me: r.status == "open" and (r.owner is None or not r.owner.is_active),
    "no_date": lambda r, me: r.status == "open" and r.due_on is None,
    "slipped": lambda r, me: slipped(r),
    "stale": lambda r, me: r.status == "open" and (TODAY - r.quiet_since).days >= 28,
    "at_risk": lambda r, me: r.status == "open" and r.outlook in ("at_risk", "will_miss"),
    "submitted": lambda r, me: r.status == "submitted",
    "signed_off": lambda r, me: r.status == "signed_off",
    "mine": lambda r, me: r.owner == me,
}


def slipped(row: Recommendation) -> bool:
    """Unfinished after the original due date, or submitted after it; fixed by what was accepted."""
    if row.original_due_on is None or (row.accepted_on is None and row.status not in ("open", "submitted")):
        return False
    finished = row.accepted_on or (row.submitted_on if row.status == "submitted" else TODAY)
    return finished is not None and finished > row.original_due_on


@pytest.fixture
def rows(cast: Cast) -> list[Recommendation]:
    """West Kent's report and 60 rows of another, which is all that the head sees; not those carried by a later one."""
    owners = [cast.head, cast.officer, cast.policy]
    everywhere(11, 60, owners, [WEST_KENT, KSS])
    scattered(3, inspection_at(f"{KSS}east-kent-pdu/"), [place(f"{KSS}east-kent-pdu/")], [cast.neighbour], 20)
    seen = Recommendation.objects.exclude(inspection__organisation__name="East Kent PDU")
    return list(seen.filter(carried_by=None).select_related("owner"))


def all_pages(client: Client, query: dict[str, Any]) -> list[int]:
    """The ids of all pages, by following Next."""
    answer = client.get("/recommendations/", query)
    assert answer.status_code == 200
    page = read(answer)
    found = listed(page)
    while following := page.all("a", rel="next"):
        page = read(client.get(f"/recommendations/{following[0].attrs['href']}"))
        assert listed(page)
        found += listed(page)
    return found


def counted(client: Client, query: dict[str, Any]) -> list[int]:
    """All, overdue, without an owner, without a due date."""
    strong = read(client.get("/recommendations/", query)).one(id="counts").all("strong")
    return [int(figure.text) for figure in strong]


@pytest.mark.parametrize("mark", MARKS)
def test_each_status_filter_shows_exactly_its_rows(
    signed_in: SignedIn, cast: Cast, rows: list[Recommendation], mark: str
) -> None:
    expected = {row.pk for row in rows if MARKS[mark](row, cast.head)}
    found = all_pages(signed_in("head"), {"mark": mark})
    assert 0 < len(found) < len(rows)
    assert sorted(found) == sorted(expected)


def test_each_other_filter_shows_exactly_its_rows(signed_in: SignedIn, cast: Cast, rows: list[Recommendation]) -> None:
    client, region = signed_in("head"), place(KSS)
    cases: list[tuple[dict[str, Any], set[int]]] = [
        ({"q": "SUPERVISE people"}, {r.pk for r in rows if "supervise people" in r.text}),
        ({"q": "people supervise"}, {r.pk for r in rows if "supervise people" in r.text}),
        ({"addressee": region.pk}, {r.pk for r in rows if r.addressee_id == region.pk}),
        ({"owner": cast.officer.pk}, {r.pk for r in rows if r.owner == cast.officer}),
        ({"progress": "some"}, {r.pk for r in rows if r.progress == "some"}),
        ({"progress": "not_reported"}, {r.pk for r in rows if r.progress == ""}),
    ]
    for query, expected in cases:
        assert expected
        assert set(all_pages(client, query)) == expected, query


def test_filters_narrow_each_other(signed_in: SignedIn, cast: Cast, rows: list[Recommendation]) -> None:
    query = {"mark": ["overdue", "slipped"], "addressee": place(WEST_KENT).pk, "q": "people"}
    expected = {
        row.pk
        for row in rows
        if MARKS["overdue"](row, cast.head)
        and MARKS["slipped"](row, cast.head)
        and row.addressee.path == WEST_KENT
        and "people" in row.text
    }
    assert expected
    assert set(all_pages(signed_in("head"), query)) == expected


@pytest.mark.parametrize("query", [{}, {"mark": "slipped"}, {"progress": "no"}, {"q": "recruit", "mark": "no_owner"}])
def test_the_counts_equal_the_rows(
    signed_in: SignedIn, cast: Cast, rows: list[Recommendation], query: dict[str, Any]
) -> None:
    client = signed_in("head")
    found = all_pages(client, query)
    shown = [row for row in rows if row.pk in found]
    figures = [len(found), *(sum(MARKS[mark](row, cast.head) for row in shown) for mark in ("overdue", "no_owner"))]
    assert counted(client, query) == [*figures, sum(MARKS["no_date"](row, cast.head) for row in shown)]


@pytest.mark.parametrize("sort", ["due", "number", "reported"])
def test_pages_hold_every_row_once_and_in_order(
    signed_in: SignedIn, cast: Cast, rows: list[Recommendation], sort: str
) -> None:
    def order(row: Recommendation) -> tuple[Any, ...]:
        if sort == "due":
            return (row.due_on or datetime.date.max, row.pk)
        if sort == "reported":
            return (-(row.reported_on or datetime.date.min).toordinal(), row.pk)
        return (-row.inspection_id, row.is_previous, row.position)

    found = all_pages(signed_in("head"), {"sort": sort})
    assert found == [row.pk for row in sorted(rows, key=order)]
    assert len(found) > 60


@pytest.mark.parametrize("sort", ["due", "number", "reported"])
def test_previous_link_returns_to_the_previous_page(
    signed_in: SignedIn, cast: Cast, rows: list[Recommendation], sort: str
) -> None:
    client = signed_in("head")
    there, back = [], []
    page = read(client.get("/recommendations/", {"sort": sort, "q": "e"}))
    assert not page.all("a", rel="prev")
    while following := page.all("a", rel="next"):
        there.append(listed(page))
        page = read(client.get(f"/recommendations/{following[0].attrs['href']}"))
    while before := page.all("a", rel="prev"):
        page = read(client.get(f"/recommendations/{before[0].attrs['href']}"))
        back.append(listed(page))
    assert there == back[::-1]
    assert len(there) >= 2
    assert page.all("a", rel="next")


def test_links_keep_the_filter_and_the_order(signed_in: SignedIn, cast: Cast, rows: list[Recommendation]) -> None:
    asked = "?q=people&mark=slipped&mark=mine&sort=reported"
    page = read(signed_in("head").get(f"/recommendations/{asked}"))
    orders = [a.attrs["href"] for a in page.all("a") if a.attrs["href"].startswith("?") and "sort=" in a.attrs["href"]]
    assert len(orders) == 2
    assert all("q=people&mark=slipped&mark=mine" in href for href in orders)
    page = read(signed_in("head").get("/recommendations/?q=e&sort=reported"))
    (following,) = page.all("a", rel="next")
    assert following.attrs["href"].startswith("?q=e&sort=reported&page=")
    form = page.one("form", action="/recommendations/")
    assert form.sent()["q"] == ["e"]
    assert form.sent()["sort"] == ["reported"]
    opening = [a.attrs["href"] for a in page.all("a", class_="app-change")]
    assert opening
    back = quote("/recommendations/?q=e&sort=reported", safe="")
    assert all(f"next={back}" in href for href in opening)


def test_filter_form_shows_the_current_filter(signed_in: SignedIn, cast: Cast, rows: list[Recommendation]) -> None:
    query = {"q": "e", "mark": ["overdue", "mine"], "progress": "no", "owner": str(cast.head.pk)}
    query |= {"addressee": str(place(WEST_KENT).pk)}
    sent = read(signed_in("head").get("/recommendations/", query)).one("form", action="/recommendations/").sent()
    assert {name: sent[name] for name in query} == {
        name: value if isinstance(value, list) else [value] for name, value in query.items()
    }


def test_filter_offers_only_visible_values(signed_in: SignedIn, cast: Cast, rows: list[Recommendation]) -> None:
    form = read(signed_in("head").get("/recommendations/")).one("form", action="/recommendations/")
    addressees, owners = (
        [o.text for o in form.one("select", name=name).all("option")] for name in ("addressee", "owner")
    )
    assert set(addressees) == {"Anyone", *(row.addressee.name for row in rows)}
    assert "East Kent PDU" not in addressees
    assert "Neighbour" not in owners


def test_empty_list_says_why_and_links_onward(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("head").get("/recommendations/?q=unheard-of"))
    assert "No recommendations match this filter." in page.text
    assert [a.attrs["href"] for a in page.all("a") if a.text == "Show all recommendations"] == ["/recommendations/"]
    assert page.one(id="counts").text.startswith("0 recommendations")
    page = read(signed_in("nobody").get("/recommendations/"))
    assert "There are no recommendations you can see here." in page.text


@pytest.mark.parametrize("path", ["/recommendations/", "inspection"])
def test_the_part_is_the_list_alone(signed_in: SignedIn, cast: Cast, path: str) -> None:
    path = path if path.startswith("/") else f"/inspections/{west_kent().pk}/"
    client = signed_in("head")
    answer = client.get(path, {"q": "staff"}, headers=HTMX)
    (root,) = roots(read(answer))
    assert root.attrs["id"] == "rows"
    assert listed(root) == listed(read(client.get(path, {"q": "staff"})))
    assert {"HX-Request", "Cookie"} <= set(answer["Vary"].split(", "))
    boosted = client.get(path, headers=HTMX | {"HX-Boosted": "true"})
    assert "<html" in boosted.text


# -- whatever the address says -----------------------------------------------------------------

ODD = [
    "\x00",
    "²",
    "9" * 30,
    "-1",
    "0",
    "1 OR 1=1",
    "١",
    "é" * 300,
    "%",
    "_",
    "\\",
    "'",
    "\ud83d",
    "None",
    "1.5",
    " 1 ",
]
value = st.one_of(st.sampled_from(ODD), st.text(max_size=12), st.integers().map(str))
name = st.sampled_from(["q", "addressee", "owner", "progress", "mark", "sort", "page", "next", "wide", "request_key"])
QUIET = settings(
    max_examples=examples(15, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def query_string(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{key}={quote(text, errors='replace')}" for key, text in pairs)


@QUIET
@given(pairs=st.lists(st.tuples(name, value), max_size=6))
def test_no_address_breaks_a_list(signed_in: SignedIn, cast: Cast, pairs: list[tuple[str, str]]) -> None:
    client = signed_in("head")
    for path in ("/recommendations/", f"/inspections/{west_kent().pk}/", "/inspections/"):
        answer = client.get(f"{path}?{query_string(pairs)}")
        assert answer.status_code in (200, 400)


@QUIET
@given(pairs=st.lists(st.tuples(st.sampled_from(["for", "q"]), value), max_size=4))
def test_no_address_breaks_the_search_for_people(signed_in: SignedIn, cast: Cast, pairs: list[tuple[str, str]]) -> None:
    answer = signed_in("head").get(f"/recommendations/people/?{query_string(pairs)}")
    assert answer.status_code in (200, 403, 404)


@pytest.mark.parametrize("raw", ["%", "%zz", "%ff%fe", "q", "=", "&&&", "q=%00", "mark=a&mark=b&mark=overdue", "q[]=1"])
def test_no_raw_query_breaks_a_list(signed_in: SignedIn, cast: Cast, raw: str) -> None:
    assert signed_in("head").get(f"/recommendations/?{raw}").status_code == 200


@pytest.mark.grid
@pytest.mark.parametrize("pk", ["0", "9" * 30, "²", "-1", "1.0", "１", "%00", "9" * 5000])
@pytest.mark.parametrize("path", ["/inspections/{}/", "/recommendations/{}/", "/recommendations/{}/change/"])
def test_no_number_in_an_address_breaks_a_page(signed_in: SignedIn, cast: Cast, path: str, pk: str) -> None:
    answer = signed_in("head").get(path.format(pk))
    # Python reads figures of other scripts as numbers, so a full-width 1 may be the number 1.
    assert answer.status_code in ((404, 200) if pk == "１" else (404,))


def test_foreign_cursor_shows_a_page(signed_in: SignedIn, cast: Cast, rows: list[Recommendation]) -> None:
    client = signed_in("head")
    cursors = ["x", "a:b:c", "\x00", "²", "é:é"]
    for sort in ("due", "number", "reported"):
        (following,) = read(client.get("/recommendations/", {"sort": sort})).all("a", rel="next")
        cursors.append(following.attrs["href"].partition("page=")[2])
    for cursor in cursors:
        for sort in ("due", "number", "reported", "other"):
            answer = client.get(f"/recommendations/?sort={sort}&page={quote(cursor, '%')}")
            assert answer.status_code == 200
            assert listed(read(answer))


# -- one inspection ----------------------------------------------------------------------------


def test_an_inspection_groups_by_addressee_and_shows_previous_ones_with_their_finding(
    signed_in: SignedIn, cast: Cast
) -> None:
    page = read(signed_in("head").get(f"/inspections/{west_kent().pk}/"))
    groups = {table.one("caption").text: listed(table) for table in page.all("table")}
    assert groups == {
        "West Kent PDU should": [recommendation(n).pk for n in range(1, 6)],
        "Kent, Surrey and Sussex (KSS) probation region should": [recommendation(n).pk for n in range(6, 11)],
        "HMPPS should": [recommendation(n).pk for n in (11, 12)],
        "Previous recommendations rated again in this report": [previous(n).pk for n in range(1, 8)],
    }
    first, second = (page.one("tr", id=f"recommendation-{previous(n).pk}").text for n in (1, 2))
    assert "HMIP found, May 2022: Some progress" in first
    assert "HMIP found, May 2022: No progress" in second
    assert "HMIP found" not in page.one("tr", id=f"recommendation-{recommendation(1).pk}").text
    assert page.one(id="counts").text.startswith("19 recommendations")


def test_an_inspection_shows_what_is_printed_about_it(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("head").get(f"/inspections/{west_kent().pk}/"))
    assert page.one("h1").text == west_kent().title
    assert "score 1 of 27" in page.text
    assert "Inadequate" in page.text


def test_an_inspection_is_filtered_like_any_list(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    page = read(client.get(f"/inspections/{west_kent().pk}/", {"q": "staff", "addressee": str(place(KSS).pk)}))
    found = listed(page)
    assert found
    rows = Recommendation.objects.filter(pk__in=found)
    assert all("staff" in row.text.lower() and row.addressee.path == KSS for row in rows)
    assert page.one(id="counts").text.startswith(f"{len(found)} recommendation")
    assert page.one("form", action=f"/inspections/{west_kent().pk}/").sent()["q"] == ["staff"]


def test_inspections_are_listed_newest_first_and_only_what_one_sees(signed_in: SignedIn, cast: Cast) -> None:
    held = west_kent()
    newer = inspection_at(WEST_KENT, title="West Kent again")
    older = inspection_at(WEST_KENT, title="West Kent long ago", year=2019)
    other = inspection_at("hmpps/north-east/county-durham-pdu/", title="County Durham")
    printed(other, place("hmpps/north-east/county-durham-pdu/"), 1)

    def shown(who: str) -> list[str]:
        links = read(signed_in(who).get("/inspections/")).one(id="inspections").all("a")
        return [link.attrs["href"] for link in links]

    kent = [f"/inspections/{one.pk}/" for one in (newer, held, older)]
    assert shown("head") == kent
    assert shown("stranger") == [f"/inspections/{other.pk}/"]
    assert set(shown("reader")) == {*kent, f"/inspections/{other.pk}/"}
    assert shown("neighbour") == []
    assert "There are no inspections of your organisation yet." in read(signed_in("nobody").get("/inspections/")).text
