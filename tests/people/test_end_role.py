"""An administrator ends a role; the last administrator cannot go."""

import uuid

import pytest

from tests.base import NORTH, TODAY, Cast
from tests.factories import place, read
from tests.people.pages import HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access

pytestmark = pytest.mark.usefixtures("at_noon")


def role_of(person: User) -> Membership:
    return Membership.objects.get(user=person)


def url(role: Membership) -> str:
    return f"/people/{role.user_id}/roles/{role.pk}/end/"


@pytest.mark.verb
def test_it_no_longer_holds_from_today(signed_in: SignedIn, cast: Cast) -> None:
    role, before = role_of(cast.officer), last_event()
    client = signed_in("admin")
    page = client.get(url(role))
    assert "Contributor Organisation West Kent PDU" in read(page).one(id="end-role").text
    answer = client.post(url(role), sent(page, url(role)))
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{cast.officer.pk}/")
    assert role_of(cast.officer).ends_on == TODAY
    assert Access(cast.officer, TODAY).held == []
    (event,) = events_since(before)
    assert (event.verb, event.subject_id, event.actor) == ("role.ended", role.pk, cast.admin)
    assert event.changes == {"ends_on": [None, "2026-11-23"], "version": [1, 2]}


def test_htmx_gets_the_part_and_is_sent_on(signed_in: SignedIn, cast: Cast) -> None:
    role = role_of(cast.officer)
    client = signed_in("admin")
    assert is_part(client.get(url(role), headers=HTMX), "end-role")
    answer = client.post(url(role), {"version": "1"}, headers=HTMX)
    assert answer["HX-Redirect"] == f"/people/{cast.officer.pk}/"
    answer = client.post(url(role), {"version": "2"}, headers=HTMX)
    assert problems(answer) == ["This role has already ended."]
    assert is_part(answer, "end-role")


def test_a_form_sent_twice_ends_it_once_and_answers_alike(signed_in: SignedIn, cast: Cast) -> None:
    role, before = role_of(cast.officer), last_event()
    form = {"version": "1", "request_key": str(uuid.uuid4())}
    client = signed_in("admin")
    assert [client.post(url(role), form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 1


def test_conflicting_change_is_reported_and_the_end_date_can_be_finished(signed_in: SignedIn, cast: Cast) -> None:
    role, before = role_of(cast.officer), last_event()
    client = signed_in("admin")
    form = sent(client.get(url(role)), url(role))
    Membership.objects.filter(pk=role.pk).update(version=2)
    answer = client.post(url(role), form)
    assert problems(answer) == ["Someone else has changed this since you opened it."]
    assert last_event() == before
    assert client.post(url(role), sent(answer, url(role))).status_code == 302


def test_ending_the_only_lead_or_reviewer_says_so_and_asks_who_follows(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    for person, told in ((cast.head, "lead of West Kent PDU"), (cast.director, "reviewer of Kent, Surrey and Sussex")):
        role = role_of(person)
        before = read(client.get(url(role))).one(id="end-role")
        assert f"Nobody else is {told}. Choose who will take over" in before.text
        after = read(client.post(url(role), {"version": "1"}, follow=True)).one(id="person")
        assert f"Nobody is {told}. Choose who will take over" in after.text
        address = f"/people/add/?organisation={role.organisation_id}&role={role.role}"
        assert [
            link.attrs["href"] for page in (before, after) for link in page.all("a") if "take over" in link.text
        ] == [address] * 2


def test_ending_a_role_that_somebody_else_holds_or_none_follows_in_asks_nothing(
    signed_in: SignedIn, cast: Cast
) -> None:
    west_kent = role_of(cast.head).organisation
    second = Membership.objects.create(user=cast.director, role="lead", organisation=west_kent)
    client = signed_in("admin")
    for role in (second, role_of(cast.officer)):
        assert "take over" not in client.get(url(role)).text
        assert "take over" not in client.post(url(role), {"version": "1"}, follow=True).text


def test_the_last_administrator_at_or_above_cannot_go(signed_in: SignedIn, cast: Cast) -> None:
    role, before = role_of(cast.top_admin), last_event()
    answer = signed_in("top_admin").post(url(role), {"version": "1"})
    assert problems(answer) == ["Top admin is the last administrator here. Add another administrator first."]
    assert last_event() == before
    # The one of the region may go: there is one above.
    assert signed_in("admin").post(url(role_of(cast.admin)), {"version": "1"}).status_code == 302


def test_a_person_or_role_of_another_address_is_not_found(signed_in: SignedIn, cast: Cast) -> None:
    role = role_of(cast.officer)
    elsewhere = Membership.objects.create(user=cast.officer, role="reader", organisation=place(NORTH))
    client = signed_in("admin")
    for address in (url(elsewhere), f"/people/{cast.head.pk}/roles/{role.pk}/end/"):
        assert client.post(address, {"version": "1"}).status_code == 404


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    keeps_out(signed_in, url(role_of(cast.officer)), {"version": "1"})
