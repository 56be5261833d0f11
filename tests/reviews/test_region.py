"""The review: each figure equals the list it leads to, and nobody's figures leak into another region."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import KSS, NORTH, TODAY, Cast, recommendation, west_kent
from tests.factories import Node, everywhere, far_away, inspection_at, listed, place, printed, read, roots, unstamped
from tracker.accounts.models import Membership, Organisation
from tracker.recommendations.models import Recommendation

SignedIn = Callable[[str], Client]
PATHS = (f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/", KSS, "hmpps/", NORTH, f"{NORTH}county-durham-pdu/")
REGION = ("operations", "director", "inspector", "admin")
NATIONAL = ("policy", "national", "reader", "top_admin")
HEADINGS = (
    *("Addressed to", "All", "Late", "Reported progress", "Sign-off", "Missing"),
    *("Overdue", "Past first due date", "No update for 28 days"),
    *("Chart", "Not reported", "No progress", "Some progress", "Sufficient progress"),
    *("Waiting for review", "Signed off", "No owner", "No due date"),
)
pytestmark = pytest.mark.usefixtures("at_noon")


def matrix(client: Client) -> Node:
    answer = client.get("/review/")
    assert answer.status_code == 200
    return read(answer).all("table")[0]


def lines(table: Node) -> dict[str, list[str]]:
    """By organisation, what its cells say."""
    found = {}
    for row in table.one("tbody").all("tr"):
        (name,) = [child.strip() for child in row.one("th").children if isinstance(child, str) and child.strip()]
        found[name] = [cell.text for cell in figures(row)]
    return found


def figures(row: Node) -> list[Node]:
    """Its cells, without the one in which they are drawn."""
    return [cell for cell in row.all("td") if not cell.all("svg")]


def count_at(client: Client, url: str) -> int:
    """How many rows the list there has, over all its pages; its own count agrees."""
    page = read(client.get(url))
    said = int(page.one(id="counts").all("strong")[0].text)
    found = len(listed(page))
    while following := page.all("a", rel="next"):
        page = read(client.get(f"/recommendations/{following[0].attrs['href']}"))
        found += len(listed(page))
    assert found == said
    return found


@pytest.mark.grid
@pytest.mark.parametrize("who", [*REGION, *NATIONAL])
def test_each_figure_equals_the_list_it_leads_to(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everywhere(21, 120, [cast.officer, cast.director, getattr(cast, who)], PATHS)
    everywhere(22, 40, [cast.stranger], PATHS[::-1])
    client = signed_in(who)
    table = matrix(client)
    assert [heading.text for heading in table.one("thead").all("th")] == list(HEADINGS)
    total = followed = 0
    for row in table.one("tbody").all("tr"):
        links = [link for cell in row.all("td") for link in cell.all("a")]
        for link in links:
            assert count_at(client, link.attrs["href"]) == int(link.text.split()[0]), link.attrs["href"]
        followed += len(links)
        cells = [int(cell.text.split()[0]) for cell in figures(row)] if links else [0] * 6
        assert sum(cells[4:8]) == cells[0], "each has one progress"
        total += cells[0]
    assert followed > 20
    assert total == count_at(client, "/recommendations/")


@pytest.mark.parametrize("who", REGION)
def test_region_sees_its_organisations_and_addressees_above(signed_in: SignedIn, cast: Cast, who: str) -> None:
    shown = lines(matrix(signed_in(who)))
    assert set(shown) == {
        *("East Kent PDU", "East Sussex PDU", "Surrey PDU", "West Kent PDU", "West Sussex PDU"),
        *("Kent, Surrey and Sussex", "HMPPS"),
    }
    assert shown["West Kent PDU"][0] == "5"
    assert shown["Kent, Surrey and Sussex"][0] == "12"
    assert shown["HMPPS"][0] == "2"


@pytest.mark.parametrize("who", NATIONAL)
def test_the_nation_sees_every_place(signed_in: SignedIn, cast: Cast, who: str) -> None:
    assert set(lines(matrix(signed_in(who)))) == set(Organisation.objects.values_list("name", flat=True))


def test_uninspected_organisation_says_so_instead_of_zero(signed_in: SignedIn, cast: Cast) -> None:
    shown = lines(matrix(signed_in("director")))
    for name in ("East Kent PDU", "East Sussex PDU", "Surrey PDU", "West Sussex PDU"):
        assert shown[name] == ["not inspected"]
    assert "not inspected" not in shown["West Kent PDU"]
    # Of what was inspected, nought is a figure like any other and stands beside its total.
    assert shown["West Kent PDU"][0] == "5"
    assert "0" in shown["West Kent PDU"]


def test_it_leads_to_the_report_with_its_rating(signed_in: SignedIn, cast: Cast) -> None:
    link = matrix(signed_in("director")).one("a", href=f"/inspections/{west_kent().pk}/")
    assert link.text == "Inadequate, May 2022"


def test_reports_of_another_region_are_hidden(signed_in: SignedIn, cast: Cast) -> None:
    """The other region's report asks something of West Kent: that row is counted, West Kent's own report is not."""
    reviewer = Membership.objects.create(user=cast.nobody, role="reviewer", organisation=place(NORTH))
    printed(inspection_at(f"{NORTH}county-durham-pdu/", title="County Durham"), place(f"{KSS}west-kent-pdu/"), 1)
    table = matrix(signed_in("nobody"))
    assert lines(table)["West Kent PDU"][0] == "1"
    assert f"/inspections/{west_kent().pk}/" not in {link.attrs["href"] for link in table.all("a")}
    assert "Inadequate, May 2022" not in table.text
    assert signed_in("nobody").get(f"/inspections/{west_kent().pk}/").status_code == 404
    # At the nation one sees both.
    Membership.objects.filter(pk=reviewer.pk).update(organisation=place("hmpps/"))
    assert "Inadequate, May 2022" in matrix(signed_in("nobody")).text


def test_ten_longest_overdue_come_first(signed_in: SignedIn, cast: Cast) -> None:
    everywhere(23, 120, [cast.officer], PATHS[:4])
    page = read(signed_in("director").get("/review/"))
    worst = listed(page)
    overdue = Recommendation.objects.overdue(on=TODAY).order_by("due_on", "pk")
    assert overdue.count() > 10
    assert worst == list(overdue.values_list("pk", flat=True)[:10])


def test_nothing_overdue_is_said(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("director").get("/review/"))
    assert listed(page) == []
    assert "Nothing is overdue." in page.text


def test_longest_overdue_are_only_visible_ones(signed_in: SignedIn, cast: Cast) -> None:
    far_away()
    Recommendation.objects.filter(addressee__path__startswith=NORTH).update(
        status="open", due_on="2026-01-01", original_due_on="2026-01-01", review_on=None, carried_by=None
    )
    assert listed(read(signed_in("director").get("/review/"))) == []
    assert len(listed(read(signed_in("national").get("/review/")))) == 10


@pytest.mark.grid
@pytest.mark.parametrize("who", ["head", "officer", "colleague", "supplier", "neighbour", "stranger", "nobody"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_people_of_a_pdu_have_no_review(signed_in: SignedIn, cast: Cast, who: str, headers: dict[str, str]) -> None:
    answer = signed_in(who).get("/review/", headers=headers)
    assert answer.status_code == 403
    assert "West" not in answer.text
    menu = read(signed_in(who).get("/")).one(id="navigation").text
    assert "Review" not in menu


def test_owner_gets_no_review_page(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(6).pk).update(owner=cast.officer)
    assert signed_in("officer").get("/review/").status_code == 403


def test_shared_view_is_open_while_the_regional_role_holds(signed_in: SignedIn, cast: Cast) -> None:
    region = Organisation.objects.get(path=KSS)
    role = Membership.objects.create(user=cast.officer, role="contributor", organisation=region)
    assert signed_in("officer").get("/review/").status_code == 200
    Membership.objects.filter(pk=role.pk).update(ends_on=TODAY)
    assert signed_in("officer").get("/review/").status_code == 403


def test_signed_out_person_signs_in_first(client: Client, cast: Cast) -> None:
    assert client.get("/review/")["Location"] == "/accounts/login/?next=/review/"
    assert client.get("/review/", headers={"HX-Request": "true"}).status_code == 401


def test_the_part_is_the_review_alone(signed_in: SignedIn, cast: Cast) -> None:
    (root,) = roots(read(signed_in("director").get("/review/", headers={"HX-Request": "true"})))
    assert root.attrs["id"] == "review"


@pytest.mark.grid
@pytest.mark.parametrize("who", ["head", "officer", "operations", "director", "inspector"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
def test_changes_in_another_region_change_no_byte_here(
    signed_in: SignedIn, cast: Cast, who: str, headers: dict[str, str]
) -> None:
    everywhere(31, 40, [cast.head, cast.officer], PATHS[:3])
    mine = recommendation_by_pk()
    pages = ["/", "/recommendations/", "/recommendations/?sort=number&mark=stale", "/inspections/", "/review/"]
    pages += [f"/inspections/{mine.inspection_id}/", f"/recommendations/{mine.pk}/"]
    pages.append(f"/recommendations/{mine.pk}/change/")
    client = signed_in(who)

    def seen() -> dict[str, tuple[int, str]]:
        answers = {path: client.get(path, headers=headers) for path in pages}
        return {path: (answer.status_code, unstamped(answer)) for path, answer in answers.items()}

    before = seen()
    far_away()
    assert seen() == before
    assert [status for status, _text in before.values()].count(200) >= 6


def recommendation_by_pk() -> Recommendation:
    """Number 4 of the report that the cast was made with, while there are other reports on West Kent."""
    return Recommendation.objects.get(number="4", inspection__overall_rating="Inadequate")


def test_what_is_addressed_to_an_ended_place_still_stands_in_the_review(signed_in: SignedIn, cast: Cast) -> None:
    Organisation.objects.filter(path=f"{KSS}west-kent-pdu/").update(ended_on=TODAY)
    assert "West Kent PDU" in signed_in("director").get("/review/").text.partition("</table>")[0]
