"""What one person may do on one day. Seeing reaches down the tree; acting does not."""

import datetime
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q

from tracker.accounts.models import Membership, Organisation, OrganisationQuerySet, User, UserQuerySet
from tracker.accounts.roles_held import RoleRow, roles_of

Role = Membership.Role
# Roles that a cover takes over. Read-only roles and administrators are not covered. HMPPS names an independent reviewer
# in person.
COVERED = (Role.LEAD, Role.CONTRIBUTOR, Role.SUPPLIER, Role.REVIEWER)


@dataclass(frozen=True)
class Held:
    """A role at an organisation. `for_id` is the covered person if it is theirs."""

    role: str
    organisation_id: int
    path: str
    kind: str
    for_id: int | None = None


@dataclass(frozen=True)
class Covering:
    """A person who is covered, and until which day."""

    person_id: int
    name: str
    until_on: datetime.date


class Access:
    """One person on one day, with their own roles and those of the people they cover.

    Every policy takes one. It is created once for each request or email and queries the roles once.
    """

    def __init__(self, user: User, on: datetime.date, at: datetime.datetime | None = None) -> None:
        """`at` decides which embargoes have ended. The default is the start of the day."""
        self.user = user
        self.on = on
        self.at = at or datetime.datetime.combine(on, datetime.time.min, tzinfo=settings.LONDON)
        # The Access with all roles, if this one was narrowed to some of them.
        self.whole = self
        # Results of queries that a page needs more than once.
        self.request_cache: dict[Hashable, Any] = {}

    @cached_property
    def _rows(self) -> list[RoleRow]:
        return roles_of(self.user.pk, self.on)

    @cached_property
    def held(self) -> list[Held]:
        return [Held(*row[:5]) for row in self._rows if row.for_id is None or row.role in COVERED]

    @cached_property
    def covering(self) -> dict[int, Covering]:
        """The people covered on that day, by id. Covered people without a role are left out."""
        return {
            row.for_id: Covering(row.for_id, row.name, row.until_on)
            for row in sorted(self._rows, key=lambda row: row.name)
            if row.for_id is not None and row.until_on is not None
        }

    @cached_property
    def persons(self) -> frozenset[int]:
        """The person and those they cover. The person cannot decide about the work of any of them."""
        return frozenset((self.user.pk, *self.covering))

    @cached_property
    def leading(self) -> frozenset[int]:
        """Organisations that any of them leads. The person cannot decide about what is addressed there."""
        return frozenset(held.organisation_id for held in self.held if held.role == Role.LEAD)

    @cached_property
    def owners(self) -> frozenset[int]:
        """The people for whom they can act as owner: themselves and those they cover.

        Empty if the person has read-only roles only.
        """
        may_own = any(held.role not in Membership.READ_ONLY for held in self.held if held.for_id is None)
        return self.persons if may_own else frozenset()

    @property
    def recommendation_owners(self) -> frozenset[int]:
        """The same for recommendations. Empty for administrators, who can own actions only."""
        return frozenset() if self.administers else self.owners

    @property
    def administers(self) -> bool:
        """Is an administrator anywhere, and so has no say over progress. Nobody is covered in that."""
        return any(held.role == Role.ADMINISTRATOR for held in self.whole.held)

    @cached_property
    def capacities(self) -> "list[tuple[int | None, Access]]":
        """Access in their own right first, then access for each covered person, by id."""
        return [(None, self.own()), *((pk, self.in_place_of(pk)) for pk in self.covering)]

    def own(self) -> "Access":
        """Access in their own right. They stay barred from what they could not decide before."""
        return self._narrowed([held for held in self.held if held.for_id is None], {}, {self.user.pk} & self.owners)

    def in_place_of(self, person_id: int) -> "Access":
        """Access as cover of that person. Embargoes are still those of the person acting."""
        held = [held for held in self.held if held.for_id == person_id]
        return self._narrowed(held, {person_id: self.covering[person_id]}, {person_id})

    def without(self, *roles: str) -> "Access":
        """Access without these roles."""
        return self._narrowed([held for held in self.held if held.role not in roles], self.covering, self.owners)

    def _narrowed(self, held: list[Held], covering: dict[int, Covering], owners: Iterable[int]) -> "Access":
        other = Access(self.user, self.on, self.at)
        other.held, other.covering, other.owners = held, covering, frozenset(owners)
        other.persons, other.leading, other.whole = self.persons, self.leading, self.whole
        return other

    @cached_property
    def is_inspector(self) -> bool:
        """Whether all their roles are inspector roles."""
        return bool(self.held) and all(held.role == Role.INSPECTOR for held in self.held)

    @property
    def sees_drafts(self) -> bool:
        """Whether they see what was not sent, decided or accepted: all but inspectors, unless a setting allows it."""
        return not self.is_inspector or settings.INSPECTORS_SEE_DRAFTS

    @cached_property
    def sees_everything(self) -> bool:
        """Whether they have a role at the national service."""
        return any(held.kind == Organisation.Kind.NATIONAL for held in self.held)

    @cached_property
    def organisation_ids(self) -> list[int]:
        """Organisations at and below those where they have a role."""
        paths = {held.path for held in self.held}
        return list(Organisation.objects.below(*paths).values_list("pk", flat=True))

    @property
    def may_own(self) -> bool:
        """Whether they have a role that is not read-only. Without one they own nothing."""
        return bool(self.owners)

    @cached_property
    def led_ids(self) -> set[int]:
        """Organisations where they can act as lead: where they are lead, and those below without a lead.

        An organisation without a lead is led by the nearest one above that has a lead.
        """
        mine = {held.path for held in self.held if held.role == Role.LEAD}
        return {pk for pk, path in self.whole._led.items() if path in mine} if mine else set()

    @cached_property
    def _led(self) -> dict[int, str]:
        """For each organisation at and below those they lead: the path of the nearest one with a lead."""
        mine = {held.path for held in self.held if held.role == Role.LEAD}
        rows = list(Organisation.objects.below(*mine).values_list("pk", "path"))
        leads = Membership.objects.active(self.on).filter(role=Role.LEAD, organisation__in=[pk for pk, _path in rows])
        led = set(leads.values_list("organisation__path", flat=True))
        return {pk: next((above for above in upwards(path) if above in led), "") for pk, path in rows}

    def has(self, role: str, organisation: Organisation | None = None) -> bool:
        """Whether they have the role at exactly that organisation, or anywhere if none is given."""
        return any(
            held.role == role and (organisation is None or held.organisation_id == organisation.pk)
            for held in self.held
        )

    def has_above(self, role: str, organisation: Organisation) -> bool:
        """Whether they have the role at an organisation above this one."""
        return any(
            held.role == role and organisation.path != held.path and organisation.path.startswith(held.path)
            for held in self.held
        )

    def has_at_or_above(self, role: str, organisation: Organisation) -> bool:
        return self.has(role, organisation) or self.has_above(role, organisation)

    def paths(self, role: str) -> list[str]:
        """Paths where they have the role, without those below another of them."""
        found = sorted({held.path for held in self.held if held.role == role})
        return [path for path in found if not any(path != other and path.startswith(other) for other in found)]


def acting_for(access: Access, allowed: Callable[[Access], bool]) -> int | None:
    """The id of the person they cover for in this; None if they are allowed in their own right."""
    return next((pk for pk, half in access.capacities if allowed(half)), None) if access.covering else None


def upwards(path: str) -> list[str]:
    """The path and those above it, nearest first."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:n]) + "/" for n in range(len(parts), 0, -1)]


def visible_organisations(access: Access) -> OrganisationQuerySet:
    return Organisation.objects.below(*{held.path for held in access.held})


def administered_organisations(access: Access) -> OrganisationQuerySet:
    return Organisation.objects.below(*access.paths(Role.ADMINISTRATOR))


def administered_people(access: Access) -> UserQuerySet:
    """People with a current or past role at or below an organisation that this person administers."""
    here = administered_organisations(access)
    return User.objects.filter(pk__in=Membership.objects.filter(organisation__in=here).values("user"))


def can_administer(access: Access) -> bool:
    return access.has(Role.ADMINISTRATOR)


def can_administer_organisation(access: Access, organisation: Organisation) -> bool:
    return access.has_at_or_above(Role.ADMINISTRATOR, organisation)


def can_end_role(access: Access, membership: Membership) -> bool:
    return can_administer_organisation(access, membership.organisation)


def can_close_account(access: Access, person: User, roles: Iterable[Membership]) -> bool:
    """Whether they administer every organisation where the person has a role. Nobody closes their own account."""
    return (
        can_administer(access)
        and person != access.user
        and all(can_administer_organisation(access, role.organisation) for role in roles)
    )


def people_by_nearness(organisation: Organisation, on: datetime.date) -> UserQuerySet:
    """People who can be named owner, those of that organisation first.

    Without people who are read-only.
    """
    roles = Membership.objects.may_own(on)
    of_it = Q(pk__in=roles.filter(organisation=organisation).values("user"))
    people = User.objects.filter(pk__in=roles.values("user"))
    return people.annotate(is_of_it=of_it).order_by("-is_of_it", "name", "pk")
