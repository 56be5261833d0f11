"""Saved views: a filter by a name, shared by its link within the region, through which all see what they may see."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import KSS, TODAY, Cast
from tests.factories import everywhere, listed, place, read, roots
from tracker.accounts.models import Membership, User
from tracker.history.models import Event
from tracker.recommendations.models import Recommendation
from tracker.reviews.models import SavedView

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
PATHS = (f"{KSS}west-kent-pdu/", KSS, "hmpps/")
pytestmark = pytest.mark.usefixtures("at_noon")


def saved(by: User, query: str, *, shared: str = "", name: str = "Ours") -> SavedView:
    return SavedView.objects.create(person=by, name=name, query=query, organisation=place(shared) if shared else None)


def shown(client: Client, path: str) -> list[int]:
    """Which recommendations stand there, over all pages."""
    page = read(client.get(path, follow=True))
    found = listed(page)
    while following := page.all("a", rel="next"):
        page = read(client.get(f"/recommendations/{following[0].attrs['href']}"))
        found += listed(page)
    return sorted(found)


@pytest.mark.verb
def test_a_filter_is_saved_by_a_name_and_opens_what_it_showed(signed_in: SignedIn, cast: Cast) -> None:
    everywhere(41, 40, [cast.head, cast.officer], PATHS)
    client = signed_in("head")
    asked = f"/recommendations/?mark=overdue&mark=mine&owner={cast.head.pk}&sort=number&page=x&other=1"
    page = read(client.get(asked))
    (link,) = [a for a in page.one(class_="app-views").all("a") if a.text == "Save this view"]
    events = Event.objects.count()
    form = read(client.get(link.attrs["href"])).one("form", action=link.attrs["href"])
    answer = client.post(link.attrs["href"], form.sent() | {"name": "Late and mine"})
    view = SavedView.objects.get()
    assert (view.name, view.organisation) == ("Late and mine", None)
    assert view.query == f"owner={cast.head.pk}&mark=overdue&mark=mine&sort=number"
    assert answer["Location"] == f"/recommendations/?{view.query}"
    assert shown(client, f"/views/{view.pk}/") == sorted(listed(page))
    assert "Late and mine" in read(client.get("/recommendations/")).one(class_="app-views").text
    assert Event.objects.count() == events


@pytest.mark.parametrize("query", ["", "?mark=nonsense", "?owner=999999", "?addressee=x", "?sort=due", "?q=%00"])
def test_what_the_list_does_not_know_is_not_saved(signed_in: SignedIn, query: str) -> None:
    client = signed_in("head")
    assert "There is no filter to save." in read(client.get(f"/views/save/{query}")).text
    assert client.post(f"/views/save/{query}", {"name": "x"}).status_code == 422
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Ours"])
def test_saved_view_needs_a_new_name(signed_in: SignedIn, cast: Cast, name: str) -> None:
    saved(cast.head, "mark=overdue")
    answer = signed_in("head").post("/views/save/?mark=overdue", {"name": name}, headers=HTMX)
    assert answer.status_code == 422
    (root,) = roots(read(answer))
    assert root.attrs["id"] == "view-form"
    assert SavedView.objects.count() == 1


def test_only_in_ones_region_and_never_by_a_reader_is_it_shared(signed_in: SignedIn, cast: Cast) -> None:
    def choices(who: str) -> list[str]:
        page = read(signed_in(who).get("/views/save/?mark=overdue"))
        return [label.text for label in page.one(id="view-form").all("label", class_="govuk-radios__label")]

    mine = ["Only me", "Everyone in Kent, Surrey and Sussex who has the link"]
    assert choices("head") == choices("director") == choices("officer") == mine
    assert choices("national") == ["Only me", "Everyone in HMPPS who has the link"]
    assert choices("reader") == choices("inspector") == choices("nobody") == []
    answer = signed_in("inspector").post("/views/save/?mark=overdue", {"name": "Mine", "shared_with": place(KSS).pk})
    assert answer.status_code == 302
    assert SavedView.objects.get().organisation is None
    other = place("hmpps/north-east/").pk
    assert signed_in("head").post("/views/save/?mark=overdue", {"name": "x", "shared_with": other}).status_code == 422


@pytest.mark.grid
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *(("head", 302), ("officer", 302), ("neighbour", 302), ("director", 302), ("inspector", 302), ("reader", 302)),
        *(("stranger", 404), ("strange_admin", 404), ("nobody", 404)),
    ],
)
def test_its_link_opens_within_the_region_and_above_and_nowhere_else(
    signed_in: SignedIn, cast: Cast, who: str, status: int
) -> None:
    shared, own = saved(cast.head, "mark=overdue", shared=KSS), saved(cast.head, "mark=stale", name="Own")
    client = signed_in(who)
    assert client.get(f"/views/{shared.pk}/").status_code == status
    assert client.get(f"/views/{own.pk}/").status_code == (302 if who == "head" else 404)
    assert ("Ours" in read(client.get("/views/")).one(id="saved-views").text) == (status == 302)
    assert ("Ours" in read(client.get("/recommendations/")).one(class_="app-views").text) == (status == 302)


@pytest.mark.parametrize("who", ["head", "officer", "director", "reader"])
def test_shared_owner_filter_means_the_sharer(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everywhere(42, 60, [cast.operations, cast.officer, cast.director], PATHS)
    everywhere(43, 20, [cast.operations], (f"{KSS}east-kent-pdu/", KSS))
    view = saved(cast.operations, "mark=mine", shared=KSS)
    theirs = set(Recommendation.objects.filter(owner=cast.operations, carried_by=None).values_list("pk", flat=True))
    client = signed_in(who)
    seen = theirs & set(shown(client, "/recommendations/"))
    assert seen
    assert shown(client, f"/views/{view.pk}/") == sorted(seen)
    assert view.query == "mark=mine"


def test_person_without_access_sees_an_explanation_and_no_rows(signed_in: SignedIn, cast: Cast) -> None:
    everywhere(44, 20, [cast.operations], PATHS)
    for query in ("mark=mine", f"addressee={place('hmpps/').pk}", f"owner={cast.head.pk}&mark=mine"):
        view = saved(cast.operations, query, shared=KSS, name=query)
        text = read(signed_in("neighbour").get(f"/views/{view.pk}/")).one(id="main-content").text
        assert "No results for this view" in text, query


def test_it_is_renamed_shared_and_deleted_by_its_owner(signed_in: SignedIn, cast: Cast) -> None:
    view = saved(cast.head, "mark=overdue")
    client, url = signed_in("head"), f"/views/{view.pk}/change/"
    form = read(client.get(url)).one("form", action=url).sent()
    assert client.post(url, form | {"name": "New", "shared_with": place(KSS).pk}).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.organisation) == ("New", place(KSS))
    for who, status in (("director", 403), ("admin", 403), ("stranger", 404)):
        assert signed_in(who).post(url, {"name": "x"}).status_code == status
    assert signed_in("head").post(f"/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_a_shared_view_outlives_its_owners_account_until_an_administrator_deletes_it(
    signed_in: SignedIn, cast: Cast
) -> None:
    view = saved(cast.head, "mark=overdue", shared=KSS)
    Membership.objects.filter(user=cast.head).update(ends_on=TODAY - datetime.timedelta(days=1))
    User.objects.filter(pk=cast.head.pk).update(is_active=False)
    assert signed_in("officer").get(f"/views/{view.pk}/").status_code == 302
    assert signed_in("director").post(f"/views/{view.pk}/delete/").status_code == 403
    assert signed_in("admin").post(f"/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()
