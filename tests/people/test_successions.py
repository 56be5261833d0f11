"""An organisation ends and another takes over what it had; a second administrator can undo it."""

import datetime
from collections.abc import Mapping

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.base import KSS, NOON, NORTH, TODAY, Cast, recommendation, west_kent
from tests.factories import place, read
from tests.people.pages import SignedIn, problems, sent
from tests.recommendations.planning import step
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import add_organisation, organisation_called, rename_organisation
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor, Conflict
from tracker.people.models import RoleRequest, Succession
from tracker.people.successions import built_upon, end_organisation, undo_end
from tracker.recommendations.change.operations import change
from tracker.recommendations.decision.policies import reviewable_by
from tracker.recommendations.models import Plan, Recommendation, status_filters
from tracker.recommendations.task.queries import waiting_for
from tracker.recommendations.task.roles import empty_roles

pytestmark = pytest.mark.usefixtures("at_noon")
WEST, EAST = f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/"
SOON = NOON + datetime.timedelta(minutes=5)


def end(
    cast: Cast,
    path: str = WEST,
    to: str | None = EAST,
    by: User | None = None,
    elsewhere: Mapping[int, Organisation] | None = None,
) -> Organisation:
    held = place(path)
    return end_organisation(
        held,
        successor=place(to) if to else None,
        elsewhere=elsewhere,
        by=Actor(by or cast.admin),
        at=SOON,
        seen_version=held.version,
    )


def to_west() -> list[Recommendation]:
    return list(Recommendation.objects.unfinished().filter(inspection=west_kent(), addressee__name="West Kent PDU"))


def own_all(person: User) -> None:
    Recommendation.objects.filter(pk__in=[item.pk for item in to_west()]).update(owner=person, due_on=TODAY)


def tree() -> list[object]:
    return list(Organisation.objects.order_by("pk").values("pk", "name", "parent", "path", "ended_on", "successor"))


def roles(person: User) -> set[tuple[str, str]]:
    held = Membership.objects.active(TODAY).filter(user=person)
    return set(held.values_list("role", "organisation__name"))


def test_nothing_is_stranded(cast: Cast) -> None:
    """12 of 19 had no owner and nobody was suggested."""
    own_all(cast.officer)
    items = to_west()
    end(cast)
    no_owner = status_filters(TODAY)["no_owner"]
    assert not Recommendation.objects.filter(no_owner, pk__in=[item.pk for item in items]).exists()
    assert roles(cast.officer) == {("contributor", "East Kent PDU")}
    assert roles(cast.head) == {("lead", "East Kent PDU")}
    later = TODAY + datetime.timedelta(days=1)
    tasks = {one.item for one in waiting_for(Access(cast.neighbour, later)) if one.item is not None}
    assert set(items) <= tasks
    assert reviewed(cast, items) == len(items)


def reviewed(cast: Cast, items: list[Recommendation]) -> int:
    rows = Recommendation.objects.filter(reviewable_by(Access(cast.director, TODAY)))
    return rows.filter(pk__in=[item.pk for item in items]).count()


def test_its_names_lead_to_the_successor(cast: Cast) -> None:
    end(cast)
    assert organisation_called("West Kent PDU") == place(EAST)
    assert organisation_called("West Kent") == place(EAST)
    with pytest.raises(ValidationError, match="already has this name"):
        add_organisation("West Kent PDU", kind="pdu", parent=place(KSS), by=Actor(cast.admin), at=SOON)


def test_two_are_merged_into_a_new_one(cast: Cast) -> None:
    Membership.objects.create(user=cast.head, role="lead", organisation=place(EAST))
    add_organisation("Kent PDU", kind="pdu", parent=place(KSS), by=Actor(cast.admin), at=NOON)
    new = f"{KSS}kent-pdu/"
    end(cast, WEST, new)
    end(cast, EAST, new)
    assert roles(cast.head) == roles(cast.neighbour) == {("lead", "Kent PDU")}
    assert {organisation_called(name) for name in ("West Kent PDU", "East Kent PDU")} == {place(new)}
    assert {item.addressee_id for item in to_west()} <= Access(cast.neighbour, TODAY).led_ids


def test_one_is_split_between_two(cast: Cast) -> None:
    surrey = place(f"{KSS}surrey-pdu/")
    four, five = recommendation(4), recommendation(5)
    alone, both = step(cast, 4), step(cast, 4, 5)
    end(cast, elsewhere={four.pk: surrey})
    assert (recommendation(4).addressee, recommendation(5).addressee) == (surrey, five.addressee)
    alone.refresh_from_db()
    both.refresh_from_db()
    assert (alone.addressee, both.addressee) == (surrey, four.addressee)
    event = Event.objects.filter(verb="recommendation.readdressed").get()
    assert event.changes["addressee_id"] == [four.addressee_id, surrey.pk]


def test_a_region_passes_its_pdus_on(cast: Cast) -> None:
    end(cast, NORTH, KSS, by=cast.top_admin)
    durham = Organisation.objects.get(name="County Durham PDU")
    assert (durham.path, durham.parent, durham.ended_on) == (f"{KSS}county-durham-pdu/", place(KSS), None)
    assert place(f"{KSS}north-east/").successor == place(KSS)
    assert durham.pk in Access(cast.director, TODAY).organisation_ids
    assert Event.objects.about(durham).filter(verb="organisation.moved").exists()


def test_roles_that_decide_are_confirmed_at_the_successor(cast: Cast) -> None:
    Membership.objects.create(user=cast.colleague, role="administrator", organisation=place(WEST))
    end(cast)
    request = RoleRequest.objects.get()
    assert (request.user, request.organisation, request.state) == (cast.colleague, place(EAST), "waiting")
    assert ("administrator", "East Kent PDU") not in roles(cast.colleague)


def test_a_last_day_of_a_role_is_kept(cast: Cast) -> None:
    last = TODAY + datetime.timedelta(days=30)
    Membership.objects.filter(user=cast.officer).update(ends_on=last)
    end(cast)
    assert Membership.objects.active(TODAY).get(user=cast.officer).ends_on == last


def test_empty_roles_are_asked_for_at_the_successor(cast: Cast) -> None:
    end(cast)
    lacking = {(one.organisation.name, one.role) for one in empty_roles(Access(cast.top_admin, TODAY))}
    assert ("East Kent PDU", "reviewer") not in lacking
    Membership.objects.filter(organisation=place(EAST), role="lead").delete()
    lacking = {(one.organisation.name, one.role) for one in empty_roles(Access(cast.top_admin, TODAY))}
    assert ("East Kent PDU", "lead") in lacking


def test_the_day_before_shows_the_tree_of_then(signed_in: SignedIn, cast: Cast) -> None:
    end(cast)
    client = signed_in("director")
    yesterday = TODAY - datetime.timedelta(days=1)
    for address in (f"/as-at/{yesterday}/review/", f"/as-at/{yesterday}/recommendations/{recommendation(4).pk}/"):
        assert client.get(address).status_code == 200
    assert "West Kent PDU" in read(client.get(f"/as-at/{yesterday}/review/")).text


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (WEST, None, "Select which organisation takes over"),
        (WEST, KSS, "Select another organisation of the same type"),
        (WEST, WEST, "Select another organisation of the same type"),
        ("hmpps/", None, "You cannot end the national service"),
    ],
)
def test_a_wrong_end_is_refused(cast: Cast, path: str, to: str | None, said: str) -> None:
    before = tree()
    with pytest.raises(ValidationError, match=said), transaction.atomic():
        end(cast, path, to, by=cast.top_admin)
    assert tree() == before


def test_needed_administrators_keep_an_organisation(cast: Cast) -> None:
    """Nobody above could administer what it leaves behind."""
    top = Membership.objects.filter(user=cast.top_admin)
    for values in ({"ends_on": TODAY}, {"ends_on": TODAY + datetime.timedelta(days=30)}):
        top.update(**values)
        with pytest.raises(ValidationError, match="No organisation above it has an administrator"):
            end(cast, NORTH, KSS)
    top.update(ends_on=None)
    assert end(cast, NORTH, KSS).ended_on == TODAY


def test_one_that_has_ended_or_was_renamed_since_is_not_ended(cast: Cast) -> None:
    stale = place(WEST)
    renamed = rename_organisation(place(WEST), "Maidstone PDU", by=Actor(cast.admin), at=NOON, seen_version=1)
    with pytest.raises(Conflict):
        end_organisation(stale, successor=place(EAST), by=Actor(cast.admin), at=NOON, seen_version=1)
    ended = end(cast, renamed.path)
    with pytest.raises(ValidationError, match="already ended"):
        end(cast, ended.path)


def test_without_an_administrator_of_its_own_it_needs_none_above(cast: Cast) -> None:
    Membership.objects.filter(role="administrator").update(ends_on=TODAY)
    assert end(cast).ended_on == TODAY


def test_an_ended_organisation_takes_nothing_over(cast: Cast) -> None:
    end(cast, f"{KSS}surrey-pdu/", None)
    with pytest.raises(ValidationError, match="Select another organisation of the same type"):
        end(cast, WEST, f"{KSS}surrey-pdu/")


def test_two_paths_that_would_be_one_are_refused(cast: Cast) -> None:
    path = f"{KSS}county-durham-pdu/"
    Organisation.objects.create(name="Durham", kind="pdu", parent=place(KSS), path=path)
    with pytest.raises(ValidationError, match="already has an organisation with a name like County Durham PDU"):
        end(cast, NORTH, KSS, by=cast.top_admin)


@pytest.mark.parametrize(
    ("number", "to", "said"),
    [
        (6, f"{KSS}surrey-pdu/", "is no longer addressed to this organisation"),
        (4, KSS, "Select another organisation of the same type"),
        (4, f"{KSS}west-sussex-pdu/", "Select another organisation of the same type"),
    ],
)
def test_a_recommendation_goes_only_to_a_living_organisation_of_its_kind(
    cast: Cast, number: int, to: str, said: str
) -> None:
    Organisation.objects.filter(path=f"{KSS}west-sussex-pdu/").update(ended_on=TODAY)
    with pytest.raises(ValidationError, match=said):
        end(cast, elsewhere={recommendation(number).pk: place(to)})


# -- undone ----------------------------------------------------------------------------------------------------------
def test_undoing_restores_exactly_what_was(signed_in: SignedIn, cast: Cast) -> None:
    own_all(cast.officer)
    action = step(cast, 4)
    before = tree(), [roles(person) for person in User.objects.order_by("pk")], recommendation(4).addressee
    end(cast, elsewhere={recommendation(4).pk: place(f"{KSS}surrey-pdu/")})
    url = f"/people/organisations/ended/{Succession.objects.get().pk}/undo/"
    client = signed_in("top_admin")
    assert "Undo" in read(client.get("/people/organisations/")).text
    assert client.post(url, sent(client.get(url), url)).status_code == 302
    assert (tree(), [roles(person) for person in User.objects.order_by("pk")], recommendation(4).addressee) == before
    action.refresh_from_db()
    assert action.addressee == before[2]
    assert Event.objects.filter(verb="organisation.end_undone").exists()
    with pytest.raises(ValidationError, match="already been undone"):
        undo_end(Succession.objects.get(), by=Actor(cast.top_admin), at=SOON)


def test_a_moved_region_gets_its_pdus_back(cast: Cast) -> None:
    before = tree()
    end(cast, NORTH, KSS, by=cast.top_admin)
    give_admin(cast)
    undo_end(Succession.objects.get(), by=Actor(cast.policy), at=SOON)
    assert tree() == before


def give_admin(cast: Cast) -> None:
    Membership.objects.create(user=cast.policy, role="administrator", organisation=place("hmpps/"))


def test_whoever_ended_it_cannot_undo_it(signed_in: SignedIn, cast: Cast) -> None:
    end(cast)
    made = Succession.objects.get()
    with pytest.raises(ValidationError, match="another administrator must undo it"):
        undo_end(made, by=Actor(cast.admin), at=SOON)
    page = signed_in("admin").get(f"/people/organisations/ended/{made.pk}/undo/")
    assert "another administrator must undo it" in read(page).text
    with pytest.raises(IntegrityError, match="undoing_an_end_takes_two_people"), transaction.atomic():
        Succession.objects.update(undone_by=cast.admin, undone_at=SOON)


@pytest.mark.parametrize("work", ["recommendation", "role", "nothing"])
def test_it_cannot_be_undone_once_work_was_done(signed_in: SignedIn, cast: Cast, work: str) -> None:
    own_all(cast.officer)
    end(cast)
    made = Succession.objects.get()
    if work == "recommendation":
        item = recommendation(4)
        change(item, by=Actor(cast.neighbour), at=SOON, seen_version=item.version, plan=Plan(cast.colleague, TODAY))
    elif work == "role":
        from tracker.accounts.operations import end_role

        held = Membership.objects.active(TODAY).get(user=cast.officer)
        end_role(held, by=Actor(cast.admin), at=SOON, seen_version=1)
    assert built_upon(made) == (work != "nothing")
    if work != "nothing":
        client = signed_in("top_admin")
        url = f"/people/organisations/ended/{made.pk}/undo/"
        assert problems(client.post(url, {})) == ["Work has been done since, so this can no longer be undone."]
