"""Roles are given and ended on record; nobody gives themselves one, and the last administrator cannot go."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.base import KSS, NOON, TODAY, Cast
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import end_role, give_role
from tracker.accounts.policies import Access
from tracker.history.models import Event, RequestKey
from tracker.history.operations import Actor, AlreadyDone, Conflict, snapshot

pytestmark = pytest.mark.django_db
Role = Membership.Role
DAY = datetime.timedelta(days=1)
WEST = f"{KSS}west-kent-pdu/"


def give(
    person: User,
    role: str,
    path: str,
    by: User | None,
    *,
    ends_on: datetime.date | None = None,
    key: uuid.UUID | None = None,
) -> Membership:
    place = Organisation.objects.get(path=path)
    return give_role(
        person, role=role, organisation=place, ends_on=ends_on, by=Actor(by) if by else None, at=NOON, key=key
    )


def end(person: User, by: User, role: str | None = None) -> Membership:
    held = person.memberships.filter(ends_on=None).get(**({"role": role} if role else {}))
    return end_role(held, by=Actor(by), at=NOON, seen_version=held.version)


def everything() -> tuple[list[object], int, int]:
    rows = list(Membership.objects.order_by("pk").values())
    return [*rows], Event.objects.count(), RequestKey.objects.count()


# -- give ------------------------------------------------------------------------------------------------------------
def test_a_role_is_given_and_holds_from_today(cast: Cast) -> None:
    role = give(cast.nobody, Role.CONTRIBUTOR, WEST, cast.admin)
    assert Access(cast.nobody, TODAY).has(Role.CONTRIBUTOR, role.organisation)
    event = Event.objects.about(role).get()
    assert (event.verb, event.actor, event.day) == ("role.given", cast.admin, TODAY)
    assert event.organisation_id == role.organisation_id
    assert event.after == snapshot(role)
    assert event.changes["user_id"] == [None, cast.nobody.pk]


def test_a_role_may_be_given_to_a_day(cast: Cast) -> None:
    give(cast.nobody, Role.READER, WEST, cast.admin, ends_on=TODAY + DAY)
    assert Access(cast.nobody, TODAY).has(Role.READER)
    assert not Access(cast.nobody, TODAY + DAY).has(Role.READER)


@pytest.mark.parametrize("role", Role.values)
def test_own_role_cannot_be_given(cast: Cast, role: str) -> None:
    before = everything()
    for person in (cast.admin, cast.top_admin):
        with pytest.raises(ValidationError, match="You cannot give yourself a role"):
            give(person, role, WEST, person)
        with pytest.raises(ValidationError):
            give(User.objects.get(pk=person.pk), role, WEST, person)
    assert everything() == before


@pytest.mark.parametrize("days", [-365, -1, 0])
def test_a_role_does_not_end_before_it_has_held_a_day(cast: Cast, days: int) -> None:
    before = everything()
    with pytest.raises(ValidationError) as refused:
        give(cast.nobody, Role.READER, WEST, cast.admin, ends_on=TODAY + days * DAY)
    assert list(refused.value.message_dict) == ["ends_on"]
    assert everything() == before


def test_a_role_that_is_held_is_not_given_again(cast: Cast) -> None:
    give(cast.nobody, Role.READER, WEST, cast.admin, ends_on=TODAY + DAY)
    before = everything()
    for person, role in ((cast.head, Role.LEAD), (cast.nobody, Role.READER)):
        with pytest.raises(ValidationError) as refused:
            give(person, role, WEST, cast.admin)
        assert refused.value.message_dict["role"] == [f"{person.name} already has this role there."]
    assert everything() == before


def test_another_role_or_another_place_is_another_role(cast: Cast) -> None:
    give(cast.head, Role.REVIEWER, WEST, cast.admin)
    give(cast.head, Role.LEAD, KSS, cast.admin)
    assert {(held.role, held.path) for held in Access(cast.head, TODAY).held} == {
        ("lead", WEST),
        ("reviewer", WEST),
        ("lead", KSS),
    }


def test_a_role_that_has_ended_may_be_given_again(cast: Cast) -> None:
    end(cast.head, cast.admin)
    assert not Access(cast.head, TODAY).has(Role.LEAD)
    again = give(cast.head, Role.LEAD, WEST, cast.admin)
    assert Access(cast.head, TODAY).has(Role.LEAD)
    assert again.version == 1
    assert cast.head.memberships.count() == 2


def test_no_role_is_given_at_an_organisation_that_has_ended(cast: Cast) -> None:
    Organisation.objects.filter(path=WEST).update(ended_on=TODAY)
    with pytest.raises(ValidationError) as refused:
        give(cast.nobody, Role.READER, WEST, cast.admin)
    assert list(refused.value.message_dict) == ["organisation"]


def test_the_operator_gives_roles_as_nobody(cast: Cast) -> None:
    role = give(cast.nobody, Role.READER, WEST, None)
    assert Event.objects.about(role).get().actor is None


def test_a_form_sent_twice_gives_one_role(cast: Cast) -> None:
    key = uuid.uuid4()
    give(cast.nobody, Role.READER, WEST, cast.admin, key=key)
    before = everything()
    with pytest.raises(AlreadyDone):
        give(cast.nobody, Role.READER, WEST, cast.admin, key=key)
    assert everything() == before


@pytest.mark.sqlite
def test_the_database_itself_holds_a_lasting_role_once(cast: Cast) -> None:
    place = Organisation.objects.get(path=WEST)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=cast.head, role=Role.LEAD, organisation=place)


# -- end -------------------------------------------------------------------------------------------------------------
def test_a_role_ends_today_and_its_row_stays(cast: Cast) -> None:
    role = end(cast.officer, cast.admin)
    role.refresh_from_db()
    assert (role.ends_on, role.version) == (TODAY, 2)
    assert not Access(cast.officer, TODAY).held
    assert Access(cast.officer, TODAY - DAY).held
    event = Event.objects.about(role).newest_first()[0]
    assert (event.verb, event.actor) == ("role.ended", cast.admin)
    assert event.changes == {"ends_on": [None, "2026-11-23"], "version": [1, 2]}


def test_a_role_that_would_end_later_may_end_today(cast: Cast) -> None:
    role = cast.inspector.memberships.get()
    end_role(role, by=Actor(cast.admin), at=NOON, seen_version=role.version)
    assert not Access(cast.inspector, TODAY).held


@pytest.mark.parametrize("days", [-30, 0])
def test_a_role_that_has_ended_is_not_ended_again(cast: Cast, days: int) -> None:
    role = cast.officer.memberships.get()
    Membership.objects.filter(pk=role.pk).update(ends_on=TODAY + days * DAY)
    role.refresh_from_db()
    before = everything()
    with pytest.raises(ValidationError, match="already ended"):
        end_role(role, by=Actor(cast.admin), at=NOON, seen_version=role.version)
    assert everything() == before


def test_stale_change_of_a_role_is_refused(cast: Cast) -> None:
    role = cast.officer.memberships.get()
    Membership.objects.filter(pk=role.pk).update(ends_on=TODAY + 90 * DAY, version=2)
    before = everything()
    with pytest.raises(Conflict):
        end_role(role, by=Actor(cast.admin), at=NOON, seen_version=1)
    assert everything() == before


def test_the_last_administrator_at_or_above_cannot_go(cast: Cast) -> None:
    before = everything()
    with pytest.raises(ValidationError, match="Top admin is the last administrator here"):
        end(cast.top_admin, cast.top_admin)
    assert everything() == before


def test_administrator_below_does_not_replace_the_last_at_the_top(cast: Cast) -> None:
    assert cast.admin.memberships.filter(role=Role.ADMINISTRATOR).exists()
    with pytest.raises(ValidationError):
        end(cast.top_admin, cast.admin)


def test_administrator_with_another_above_may_leave(cast: Cast) -> None:
    end(cast.admin, cast.top_admin)
    assert not Access(cast.admin, TODAY).held


def test_the_last_one_may_go_once_another_is_named(cast: Cast) -> None:
    give(cast.national, Role.ADMINISTRATOR, "hmpps/", cast.top_admin)
    end(cast.top_admin, cast.top_admin)
    with pytest.raises(ValidationError):
        end(cast.national, cast.national, Role.ADMINISTRATOR)


@pytest.mark.parametrize("why", ["closed", "ended"])
def test_inactive_administrator_does_not_count(cast: Cast, why: str) -> None:
    role = give(cast.national, Role.ADMINISTRATOR, "hmpps/", cast.top_admin)
    if why == "closed":
        User.objects.filter(pk=cast.national.pk).update(is_active=False)
    else:
        Membership.objects.filter(pk=role.pk).update(ends_on=TODAY)
    with pytest.raises(ValidationError):
        end(cast.top_admin, cast.top_admin)


def test_another_role_of_the_last_administrator_may_end(cast: Cast) -> None:
    give(cast.top_admin, Role.READER, "hmpps/", cast.admin)
    end(cast.top_admin, cast.admin, Role.READER)
    assert [held.role for held in Access(cast.top_admin, TODAY).held] == ["administrator"]
