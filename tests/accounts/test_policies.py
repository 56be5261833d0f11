"""What a person may do on a day: seeing reaches down the tree, acting does not."""

import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.accounts.covering import away
from tests.base import KSS, NORTH, TODAY, Cast
from tracker.accounts import policies
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.policies import Access

pytestmark = pytest.mark.django_db
Role = Membership.Role
DAY = datetime.timedelta(days=1)
WEST, EAST = f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/"
OTHERS = {f"{KSS}{name}-pdu/" for name in ("surrey", "east-sussex", "west-sussex")}
DURHAM = f"{NORTH}county-durham-pdu/"
EVERYWHERE = {"hmpps/", KSS, WEST, EAST, *OTHERS, NORTH, DURHAM}


def place(path: str) -> Organisation:
    return Organisation.objects.get(path=path)


def give(person: User, role: str, path: str, ends_on: datetime.date | None = None) -> Membership:
    return Membership.objects.create(user=person, role=role, organisation=place(path), ends_on=ends_on)


def end(person: User, on: datetime.date = TODAY) -> None:
    person.memberships.update(ends_on=on)


def sees(person: User, on: datetime.date = TODAY) -> set[str]:
    """The paths of what the person sees, by both ways of asking."""
    access = Access(person, on)
    found = set(Organisation.objects.filter(pk__in=access.organisation_ids).values_list("path", flat=True))
    assert set(policies.visible_organisations(access).values_list("path", flat=True)) == found
    return found


def leads(person: User, on: datetime.date = TODAY) -> set[str]:
    return set(Organisation.objects.filter(pk__in=Access(person, on).led_ids).values_list("path", flat=True))


# -- seeing ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "paths"),
    [
        *((name, {WEST}) for name in ("head", "officer", "colleague", "supplier")),
        ("neighbour", {EAST}),
        *((name, {KSS, WEST, EAST, *OTHERS}) for name in ("operations", "director", "inspector", "admin")),
        *((name, EVERYWHERE) for name in ("policy", "national", "reader", "top_admin")),
        ("stranger", {DURHAM}),
        ("strange_admin", {NORTH, DURHAM}),
        ("nobody", set()),
    ],
)
def test_each_sees_their_organisation_and_those_below(cast: Cast, name: str, paths: set[str]) -> None:
    person = getattr(cast, name)
    assert sees(person) == paths
    assert Access(person, TODAY).sees_everything == (paths == EVERYWHERE)


def test_roles_at_two_places_show_both(cast: Cast) -> None:
    give(cast.head, Role.READER, DURHAM)
    assert sees(cast.head) == {WEST, DURHAM}
    give(cast.head, Role.READER, KSS)
    assert sees(cast.head) == {KSS, WEST, EAST, *OTHERS, DURHAM}


def test_similar_path_prefix_is_not_below(cast: Cast) -> None:
    kent = Organisation.objects.create(name="West", kind="pdu", parent=place(KSS), path=f"{KSS}west/")
    give(cast.nobody, Role.READER, kent.path)
    assert sees(cast.nobody) == {f"{KSS}west/"}


# -- the day ---------------------------------------------------------------------------------------------------------
def test_a_role_holds_to_the_end_of_the_day_before_its_end(cast: Cast) -> None:
    end_of_2026 = datetime.date(2026, 12, 31)
    assert sees(cast.inspector, end_of_2026) == {KSS, WEST, EAST, *OTHERS}
    assert Access(cast.inspector, end_of_2026).has(Role.INSPECTOR)
    for day in (end_of_2026 + DAY, end_of_2026 + 30 * DAY):
        assert sees(cast.inspector, day) == set()
        assert not Access(cast.inspector, day).has(Role.INSPECTOR)


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, False), (1, True), (2, True)])
def test_a_role_that_ends_today_no_longer_holds(cast: Cast, days: int, holds: bool) -> None:
    end(cast.head, TODAY + days * DAY)
    assert (sees(cast.head) == {WEST}) == holds
    assert (leads(cast.head) == {WEST}) == holds
    assert Membership.objects.active(TODAY).filter(user=cast.head).exists() == holds


def test_inactive_account_holds_no_role(cast: Cast) -> None:
    User.objects.filter(pk=cast.policy.pk).update(is_active=False)
    access = Access(User.objects.get(pk=cast.policy.pk), TODAY)
    assert (access.held, access.sees_everything, access.organisation_ids, access.led_ids) == ([], False, [], set())


def test_ended_national_role_shows_nothing(cast: Cast) -> None:
    end(cast.reader)
    assert not Access(cast.reader, TODAY).sees_everything
    assert Access(cast.reader, TODAY - DAY).sees_everything


# -- acting as lead --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("head", {WEST}),
        ("neighbour", {EAST}),
        ("operations", {KSS, *OTHERS}),
        ("policy", {"hmpps/", NORTH}),
        ("stranger", {DURHAM}),
        *((name, set()) for name in ("officer", "supplier", "director", "national", "reader", "inspector", "admin")),
        *((name, set()) for name in ("top_admin", "strange_admin", "nobody")),
    ],
)
def test_lead_acts_at_their_organisation_and_below_without_a_lead(cast: Cast, name: str, paths: set[str]) -> None:
    assert leads(getattr(cast, name)) == paths


def test_without_a_lead_those_of_the_nearest_above_act(cast: Cast) -> None:
    end(cast.head)
    assert leads(cast.operations) == {KSS, WEST, *OTHERS}
    assert leads(cast.policy) == {"hmpps/", NORTH}
    end(cast.operations)
    assert leads(cast.policy) == {"hmpps/", NORTH, KSS, WEST, *OTHERS}
    assert leads(cast.head) == leads(cast.operations) == set()


def test_the_leads_above_act_from_the_day_on_which_the_last_lead_has_gone(cast: Cast) -> None:
    end(cast.head, TODAY + DAY)
    assert WEST not in leads(cast.operations, TODAY)
    assert WEST in leads(cast.operations, TODAY + DAY)


def test_second_lead_still_blocks_the_lead_above(cast: Cast) -> None:
    give(cast.officer, Role.LEAD, WEST)
    end(cast.head)
    assert leads(cast.officer) == {WEST}
    assert WEST not in leads(cast.operations)


def test_closed_lead_account_does_not_block_the_lead_above(cast: Cast) -> None:
    User.objects.filter(pk=cast.head.pk).update(is_active=False)
    assert WEST in leads(cast.operations)


def test_other_roles_do_not_block_the_lead_above(cast: Cast) -> None:
    end(cast.head)
    give(cast.officer, Role.ADMINISTRATOR, WEST)
    give(cast.colleague, Role.REVIEWER, WEST)
    assert WEST in leads(cast.operations)


def test_who_leads_two_levels_acts_at_both(cast: Cast) -> None:
    give(cast.policy, Role.LEAD, KSS)
    assert leads(cast.policy) == {"hmpps/", NORTH, KSS, *OTHERS}
    assert leads(cast.operations) == {KSS, *OTHERS}


def test_a_lead_below_does_not_act_above(cast: Cast) -> None:
    end(cast.operations)
    end(cast.policy)
    assert leads(cast.head) == {WEST}


# -- single roles ----------------------------------------------------------------------------------------------------
def test_role_is_held_at_exactly_one_organisation(cast: Cast) -> None:
    access = Access(cast.director, TODAY)
    assert access.has(Role.REVIEWER)
    assert access.has(Role.REVIEWER, place(KSS))
    assert not access.has(Role.REVIEWER, place(WEST))
    assert not access.has(Role.REVIEWER, place("hmpps/"))
    assert not access.has(Role.LEAD)
    assert not access.has(Role.LEAD, place(KSS))


@pytest.mark.parametrize(
    ("path", "above", "at_or_above"),
    [(WEST, True, True), (KSS, False, True), ("hmpps/", False, False), (DURHAM, False, False), (NORTH, False, False)],
)
def test_has_above_excludes_the_organisation_itself(cast: Cast, path: str, above: bool, at_or_above: bool) -> None:
    access = Access(cast.director, TODAY)
    assert access.has_above(Role.REVIEWER, place(path)) == above
    assert access.has_at_or_above(Role.REVIEWER, place(path)) == at_or_above
    assert not access.has_above(Role.READER, place(path))


def test_outermost_of_nested_organisations_are_named(cast: Cast) -> None:
    for path in (WEST, KSS, EAST, DURHAM):
        give(cast.nobody, Role.REVIEWER, path)
    give(cast.nobody, Role.LEAD, WEST)
    access = Access(cast.nobody, TODAY)
    assert access.paths(Role.REVIEWER) == [KSS, DURHAM]
    assert access.paths(Role.LEAD) == [WEST]
    assert access.paths(Role.READER) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [("hmpps/", ["hmpps/"]), (KSS, [KSS, "hmpps/"]), (WEST, [WEST, KSS, "hmpps/"])],
)
def test_upwards_is_the_place_itself_and_then_the_nearest_first(path: str, found: list[str]) -> None:
    assert policies.upwards(path) == found


def test_roles_are_asked_for_once(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    access = Access(cast.director, TODAY)
    kss, west = place(KSS), place(WEST)
    with django_assert_num_queries(1):
        assert access.has(Role.REVIEWER, kss)
        assert access.has_above(Role.REVIEWER, west)
        assert not access.sees_everything
        assert access.paths(Role.REVIEWER) == [KSS]
        assert access.led_ids == set()


# -- administering ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("admin", {KSS, WEST, EAST, *OTHERS}),
        ("top_admin", EVERYWHERE),
        ("strange_admin", {NORTH, DURHAM}),
        *((name, set()) for name in ("head", "director", "policy", "national", "reader", "nobody")),
    ],
)
def test_administrators_administer_theirs_and_what_is_below(cast: Cast, name: str, paths: set[str]) -> None:
    access = Access(getattr(cast, name), TODAY)
    assert set(policies.administered_organisations(access).values_list("path", flat=True)) == paths
    assert policies.can_administer(access) == bool(paths)
    for organisation in Organisation.objects.all():
        assert policies.can_administer_organisation(access, organisation) == (organisation.path in paths)


def names(access: Access) -> set[str]:
    return {person.email.split("@")[0] for person in policies.administered_people(access)}


def test_administered_people_are_those_with_a_role_there_or_below(cast: Cast) -> None:
    there = {"head", "officer", "colleague", "supplier", "neighbour", "operations", "director", "inspector", "admin"}
    assert names(Access(cast.admin, TODAY)) == there
    assert names(Access(cast.strange_admin, TODAY)) == {"stranger", "strange_admin"}
    assert "nobody" not in names(Access(cast.top_admin, TODAY))
    assert names(Access(cast.director, TODAY)) == set()


def test_people_whose_roles_have_ended_are_still_administered(cast: Cast) -> None:
    end(cast.head)
    assert "head" in names(Access(cast.admin, TODAY))


def test_an_administrator_whose_role_has_ended_administers_nothing(cast: Cast) -> None:
    end(cast.admin)
    assert names(Access(cast.admin, TODAY)) == set()
    assert not policies.can_administer_organisation(Access(cast.admin, TODAY), place(WEST))


def test_somebody_with_two_roles_is_listed_once(cast: Cast) -> None:
    give(cast.head, Role.REVIEWER, KSS)
    found = list(policies.administered_people(Access(cast.admin, TODAY)))
    assert len(found) == len(set(found))


def test_a_role_is_ended_by_who_administers_its_place(cast: Cast) -> None:
    role = cast.head.memberships.get()
    assert policies.can_end_role(Access(cast.admin, TODAY), role)
    assert policies.can_end_role(Access(cast.top_admin, TODAY), role)
    assert not policies.can_end_role(Access(cast.strange_admin, TODAY), role)
    assert not policies.can_end_role(Access(cast.head, TODAY), role)
    assert not policies.can_end_role(Access(cast.admin, TODAY), cast.policy.memberships.get())


def test_an_account_is_closed_by_who_administers_all_of_its_places(cast: Cast) -> None:
    def may(closer: User, person: User) -> bool:
        return policies.can_close_account(Access(closer, TODAY), person, person.memberships.all())

    assert may(cast.admin, cast.head)
    give(cast.head, Role.READER, DURHAM)
    assert not may(cast.admin, cast.head)
    assert not may(cast.strange_admin, cast.head)
    assert may(cast.top_admin, cast.head)
    assert not may(cast.admin, cast.admin)
    assert not may(cast.top_admin, cast.top_admin)
    assert not may(cast.director, cast.officer)
    assert not may(cast.nobody, cast.nobody)


# -- naming an owner -------------------------------------------------------------------------------------------------
def test_only_administrators_close_an_account_without_roles(cast: Cast) -> None:
    assert policies.can_close_account(Access(cast.admin, TODAY), cast.nobody, [])
    assert not policies.can_close_account(Access(cast.head, TODAY), cast.nobody, [])


def test_reader_owns_nothing_in_their_own_right_either(cast: Cast) -> None:
    assert Access(cast.head, TODAY).own().owners == {cast.head.pk}
    assert Access(cast.reader, TODAY).own().owners == frozenset()


def test_cover_of_an_administrator_administers_nothing(cast: Cast) -> None:
    away(cast.admin, cast.head)
    access = Access(cast.head, TODAY)
    assert access.covering
    assert not access.administers
    assert not policies.can_administer(access)


def test_people_of_the_addressee_come_first_and_then_everybody_who_may_own(cast: Cast) -> None:
    User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    end(cast.colleague)
    give(cast.colleague, Role.CONTRIBUTOR, EAST)
    end(cast.neighbour)
    found = list(policies.people_by_nearness(place(WEST), TODAY))
    assert found[:3] == [cast.head, cast.officer, cast.supplier]
    assert [person.name for person in found[3:]] == sorted(person.name for person in found[3:])
    assert {cast.colleague, cast.director, cast.policy, cast.admin} <= set(found[3:])
    assert not {cast.stranger, cast.neighbour, cast.nobody, cast.reader, cast.inspector} & set(found)
    assert len(found) == len(set(found)) == User.objects.active().count() - 4
    assert {person for person in User.objects.all() if Access(person, TODAY).may_own} == set(found)
    assert set(Membership.objects.may_own(TODAY).values_list("user", flat=True)) == {person.pk for person in found}
