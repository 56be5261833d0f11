"""The row that changes in its place, the way back without htmx, and who may."""

import pytest
from django.test import Client

from tests.base import KSS, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import Answer, Node, read, roots
from tests.recommendations.changing import HTMX, SignedIn, error_of, events, fields, kept, planned, url
from tracker.accounts.models import Membership, Organisation
from tracker.recommendations.models import Update

pytestmark = pytest.mark.usefixtures("at_noon")


def row_in(answer: Answer, number: int) -> Node:
    """The one row that the part consists of."""
    (root,) = [node for node in roots(read(answer)) if node.tag != "template"]
    assert (root.tag, root.attrs["id"]) == ("tr", f"recommendation-{recommendation(number).pk}")
    return root


def test_the_row_opens_as_a_part(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").get(url(4) + "?next=/recommendations/&wide=1", headers=HTMX)
    form = row_in(answer, 4).one("form")
    assert answer.status_code == 200
    assert form.attrs["action"] == form.attrs["hx-post"] == url(4)
    assert (form.sent()["next"], form.sent()["wide"]) == (["/recommendations/"], ["1"])
    assert "HX-Request" in answer["Vary"]


def test_an_error_comes_back_in_the_row(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(url(4), fields(4, owner="zebedee", due_on="never"), headers=HTMX)
    assert answer.status_code == 422
    row_in(answer, 4)
    assert "zebedee" in error_of(answer, 4, "owner")
    assert error_of(answer, 4, "due_on").startswith("Enter a date")
    assert (kept(answer, 4, "owner"), kept(answer, 4, "due_on")) == (["zebedee"], ["never"])


@pytest.mark.parametrize("page", ["/recommendations/?q=supervision", "inspection"])
def test_the_saved_row_comes_with_the_counts_of_its_page(signed_in: SignedIn, cast: Cast, page: str) -> None:
    page = page if page.startswith("/") else f"/inspections/{west_kent().pk}/"
    typed = fields(4, owner="officer", due_on="20/11/2026", confirm="on") | {"next": page}
    client = signed_in("head")
    answer = client.post(url(4), typed, headers=HTMX)
    row = row_in(answer, 4)
    assert answer.status_code == 200
    assert "Overdue by 3 days" in row.text
    assert "Officer" in row.text
    (template,) = read(answer).all("template")
    counts, said = template.one(id="counts"), template.one(id="said")
    assert counts.attrs["hx-swap-oob"]
    assert said.attrs["hx-swap-oob"]
    shown = read(client.get(page)).one(id="counts").text
    assert counts.text == shown
    assert "1 overdue" in shown
    assert said.text.startswith("Recommendation 4 saved. 1 of ")


@pytest.mark.parametrize("page", ["/recommendations/?q=a&mark=no_date&mark=no_owner", "/review/", "/"])
def test_without_htmx_one_goes_back_to_where_one_was(signed_in: SignedIn, cast: Cast, page: str) -> None:
    answer = signed_in("head").post(url(4), fields(4, owner="officer") | {"next": page})
    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.grid
@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    "there",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        " //evil.test",
        "data:text/html,x",
        "evil.test",
        "http:evil.test",
        "/\t/evil.test",
        "",
    ],
)
def test_row_form_never_leads_to_another_site(
    signed_in: SignedIn, cast: Cast, there: str, headers: dict[str, str]
) -> None:
    client = signed_in("head")
    home = f"/recommendations/{recommendation(4).pk}/"
    for answer in (client.get(url(4), {"next": there}), client.get(home + "row/", {"next": there}, headers=headers)):
        links = {a.attrs["href"] for a in read(answer).all("a") if "evil" in a.attrs["href"]} if answer.content else ()
        assert not any(link.startswith((there or "x", "//", "http")) for link in links)
        assert "evil" not in answer.get("Location", "")
    answer = client.post(url(4), fields(4, owner="officer") | {"next": there}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert answer["HX-Redirect" if headers else "Location"] == home


@pytest.mark.parametrize("wide", ["", "&wide=1"])
def test_cancel_brings_the_row_back(signed_in: SignedIn, cast: Cast, wide: str) -> None:
    client = signed_in("head")
    page = "/recommendations/" if wide else f"/inspections/{west_kent().pk}/"
    form = row_in(client.get(url(4) + f"?next={page}{wide}", headers=HTMX), 4)
    (cancel,) = [link for link in form.all("a") if "hx-get" in link.attrs]
    assert cancel.attrs["href"] == page
    row = row_in(client.get(cancel.attrs["hx-get"], headers=HTMX), 4)
    shown = read(client.get(page)).one("tr", id=row.attrs["id"])
    # Only that the focus goes back to the link that opened it.
    (link,) = [link for link in row.all("a") if "data-focus-after" in link.attrs]
    del link.attrs["data-focus-after"]
    assert row == shown
    answer = client.get(cancel.attrs["hx-get"])
    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *((name, 403) for name in ("officer", "colleague", "supplier", "operations", "director", "policy")),
        *((name, 403) for name in ("national", "reader", "inspector", "admin", "top_admin")),
        *((name, 404) for name in ("neighbour", "stranger", "strange_admin", "nobody")),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_visible_row_is_403_and_invisible_row_is_404(
    signed_in: SignedIn, cast: Cast, who: str, status: int, headers: dict[str, str]
) -> None:
    client = signed_in(who)
    typed = fields(4, owner=f"{who}@example.test", due_on="1/12/2026", progress="some", what_changed="Mine.")
    for answer in (client.get(url(4), headers=headers), client.post(url(4), typed, headers=headers)):
        assert answer.status_code == status
        assert ("data-error-part" in answer.text, "<html" in answer.text) == (bool(headers), not headers)
    assert len(events(4)) == 1


def test_a_lead_acts_below_only_where_nobody_leads(signed_in: SignedIn, cast: Cast) -> None:
    Membership.objects.filter(user=cast.head).delete()
    assert signed_in("policy").post(url(4), fields(4, owner="officer")).status_code == 403
    assert signed_in("operations").post(url(4), fields(4, owner="officer")).status_code == 302
    assert recommendation(4).owner == cast.officer


def test_former_owner_may_not_report(signed_in: SignedIn, cast: Cast) -> None:
    planned(4, cast.officer, TODAY, cast.head)
    typed = fields(4, progress="some", what_changed="Begun.")
    planned(4, cast.colleague, TODAY, cast.head)
    assert signed_in("officer").post(url(4), typed).status_code == 403
    assert not Update.objects.exists()


def test_a_previous_recommendation_is_planned_by_its_addressee(signed_in: SignedIn, cast: Cast) -> None:
    item = previous(2)
    assert item.addressee == Organisation.objects.get(path=KSS)
    typed = {f"r{item.pk}-version": "1", f"r{item.pk}-owner": "officer", f"r{item.pk}-due_on": "1/12/2026"}
    assert signed_in("head").post(f"/recommendations/{item.pk}/change/", typed).status_code == 403
    assert signed_in("operations").post(f"/recommendations/{item.pk}/change/", typed).status_code == 302
    assert previous(2).owner == cast.officer


def test_signed_out_person_signs_in_first(client: Client, cast: Cast) -> None:
    answer = client.get(url(4))
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={url(4)}")
    assert client.get(url(4), headers=HTMX).status_code == 401
    for headers in ({}, HTMX):
        answer = client.post(
            url(4), fields(4, what_changed="A long line that I would not type again. " * 2), headers=headers
        )
        assert answer.status_code == 401
    assert len(events(4)) == 1


@pytest.mark.parametrize("there", ["/a\nb", "/a\r\nSet-Cookie: x=y", "/日本/"])
def test_invalid_next_is_ignored(signed_in: SignedIn, cast: Cast, there: str) -> None:
    answer = signed_in("head").post(url(4), fields(4, owner="officer") | {"next": there}, headers=HTMX)
    assert answer.status_code == 200
    assert "=?utf-8" not in answer["HX-Redirect"]
