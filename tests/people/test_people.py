"""The list of people, one person, and the organisations: what an administrator sees, and of whom."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, TODAY, Cast, recommendation
from tests.factories import in_status, place, read
from tests.people.pages import HTMX, NOT_ADMINISTRATORS, SignedIn, is_part
from tracker.accounts.models import Membership, Organisation, User
from tracker.recommendations.models import Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")
Role = Membership.Role
PAGES = {"/people/": "people", "/people/organisations/": "organisations"}


def names(client: Client, query: str = "") -> list[str]:
    page = read(client.get(f"/people/{query}"))
    return [row.one("a").text for row in page.all("th", scope="row")]


@pytest.mark.parametrize("url", PAGES)
def test_only_administrators_see_the_lists(signed_in: SignedIn, url: str) -> None:
    for name in NOT_ADMINISTRATORS:
        assert signed_in(name).get(url).status_code == 403
    assert signed_in("admin").get(url).status_code == 200
    assert Client().get(url).status_code == 302
    assert Client().get(url, headers=HTMX).status_code == 401


@pytest.mark.parametrize("url", PAGES)
def test_header_names_the_person_and_links_to_the_password_page(signed_in: SignedIn, cast: Cast, url: str) -> None:
    client = signed_in("admin")
    (link,) = read(client.get(url)).all("a", href="/accounts/password/change/")
    assert link.text == "Admin"
    assert client.get(link.attrs["href"]).status_code == 200


@pytest.mark.parametrize(("url", "part"), PAGES.items())
def test_htmx_gets_the_part(signed_in: SignedIn, url: str, part: str) -> None:
    assert is_part(signed_in("admin").get(url, headers=HTMX), part)


def test_administrator_sees_everyone_with_a_past_or_present_role_below(signed_in: SignedIn, cast: Cast) -> None:
    of_the_region = [
        "Admin",
        "Colleague",
        "Director",
        "Head",
        "Inspector",
        "Neighbour",
        "Officer",
        "Operations",
        "Supplier",
    ]
    assert names(signed_in("admin")) == of_the_region
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY)
    assert names(signed_in("admin")) == of_the_region
    assert names(signed_in("strange_admin")) == ["Strange admin", "Stranger"]
    assert "Nobody" not in names(signed_in("top_admin"))


def test_the_search_wants_every_word_in_name_or_address(signed_in: SignedIn, cast: Cast) -> None:
    User.objects.filter(pk=cast.officer.pk).update(name="Anne O'Brien", email="anne@kent.test")
    client = signed_in("admin")
    assert names(client, "?q=brien+KENT") == ["Anne O'Brien"]
    assert names(client, "?q=brien+surrey") == []
    answer = client.get("/people/?q=<b>nobody")
    assert "No results for “<b>nobody” in your organisations." in read(answer).one(id="people").text
    assert b"<b>nobody" not in answer.content


def test_roles_of_other_organisations_are_not_shown(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.create(user=cast.officer, role=Role.READER, organisation=place("hmpps/north-east/"))
    url = f"/people/{cast.officer.pk}/"
    for page in ("/people/", url):
        assert b"North East" not in signed_in("admin").get(page).content
        assert b"North East" in signed_in("top_admin").get(page).content


def test_closed_account_is_marked_and_listed_last(signed_in: SignedIn, cast: Cast) -> None:
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    client = signed_in("admin")
    row = read(client.get("/people/")).all("tr")[-1]
    assert "Colleague Closed" in row.text
    page = read(client.get(f"/people/{cast.colleague.pk}/")).one(id="person")
    assert "Closed: cannot sign in" in page.text
    # Nothing can be done with it, so nothing is offered.
    assert not page.all("a")


def test_person_page_is_404_from_outside_and_403_for_others(signed_in: SignedIn, cast: Cast) -> None:
    url = f"/people/{cast.officer.pk}/"
    assert signed_in("strange_admin").get(url).status_code == 404
    assert signed_in("head").get(url).status_code == 403
    assert signed_in("admin").get("/people/999999/").status_code == 404
    assert is_part(signed_in("admin").get(url, headers=HTMX), "person")
    assert Client().get(url).status_code == 302


def test_a_person_shows_present_roles_first_and_ended_ones_as_ended(signed_in: SignedIn, cast: Cast) -> None:
    east = place(f"{KSS}east-kent-pdu/")
    Membership.objects.create(user=cast.officer, role=Role.READER, organisation=east, ends_on=TODAY)
    until = TODAY + datetime.timedelta(days=1)
    Membership.objects.create(user=cast.officer, role=Role.SUPPLIER, organisation=east, ends_on=until)
    page = read(signed_in("admin").get(f"/people/{cast.officer.pk}/")).one(id="person")
    rows = [row.text for row in page.one("tbody").all("tr")]
    assert ["Ended" in row for row in rows] == [False, False, True]
    assert ["End this role" in row for row in rows] == [True, True, False]
    assert "Read-only Ended East Kent PDU 23 November 2026" in rows[-1]


def test_a_person_shows_what_they_own_that_is_open(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(1)
    url = f"/people/{cast.officer.pk}/"
    assert "Open recommendations they own None." in read(signed_in("admin").get(url)).one(id="person").text
    Recommendation.objects.filter(pk__in=[item.pk, recommendation(2).pk]).update(owner=cast.officer)
    in_status(recommendation(2), "signed_off", cast.director)
    page = read(signed_in("admin").get(url)).one(id="person")
    (row,) = page.all("tbody")[-1].all("tr")
    assert row.one("a").attrs["href"] == f"/recommendations/{item.pk}/"


def test_own_page_says_what_cannot_be_done_to_oneself(signed_in: SignedIn, cast: Cast) -> None:
    page = read(signed_in("admin").get(f"/people/{cast.admin.pk}/")).one(id="person")
    assert "You cannot give yourself a role." in page.text
    assert "You cannot close your own account." in page.text
    assert not [link for link in page.all("a") if "close" in link.attrs["href"] or "give" in link.attrs["href"]]


def test_the_organisations_say_where_they_stand_and_what_else_they_are_called(signed_in: SignedIn) -> None:
    page = read(signed_in("top_admin").get("/people/organisations/")).one(id="organisations")
    rows = [row.text for row in page.one("tbody").all("tr")]
    assert len(rows) == Organisation.objects.count()
    assert rows[0].startswith("HMPPS National service None HM Prison and Probation Service Rename")
    assert "End HMPPS" not in rows[0]
    (county,) = [row for row in rows if row.startswith("County Durham")]
    assert county == (
        "County Durham PDU Probation delivery unit (PDU) North East None Rename County Durham PDU End County Durham PDU"
    )
    assert "HMPPS National" not in read(signed_in("admin").get("/people/organisations/")).one(id="organisations").text


def test_lists_cost_the_same_number_of_queries_at_any_length(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    urls = [*PAGES, f"/people/{cast.officer.pk}/"]

    def asked() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            counts.append(len(queries))
        return counts

    # The count of tasks holds until the next event.
    client.get("/badge/")
    before = asked()
    for n in range(5):
        person = User.objects.create(email=f"more{n}@example.test", name=f"More {n}")
        pdu = Organisation.objects.create(name=f"PDU {n}", kind="pdu", parent=place(KSS), path=f"{KSS}pdu-{n}/")
        pdu.aliases.create(name=f"Alias {n}")
        for member in (person, cast.officer):
            Membership.objects.create(user=member, role=Role.READER, organisation=pdu)
    assert asked() == before
    assert max(before) <= 16
