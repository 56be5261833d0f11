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
# What a cover may do in the place of who is away. Readers and administrators are not stood in for, and an independent
# reviewer is named by HMPPS in person.
COVERED = (Role.LEAD, Role.CONTRIBUTOR, Role.SUPPLIER, Role.REVIEWER)


@dataclass(frozen=True)
class Held:
    """A role held somewhere; `for_id` is whom the person covers for, where it is that one's role."""

    role: str
    organisation_id: int
    path: str
    kind: str
    for_id: int | None = None


@dataclass(frozen=True)
class Covering:
    """Whom a person covers for on a day, and until which day."""

    person_id: int
    name: str
    until_on: datetime.date


class Access:
    """One person on one day, with the roles that hold then, their own and those of whom they cover.

    Every policy takes one. It is made once a request (or once a letter) and asks for the roles once.
    """

    def __init__(self, user: User, on: datetime.date, at: datetime.datetime | None = None) -> None:
        """`at` says which embargoes have ended; without it, those that ended before the day began."""
        self.user = user
        self.on = on
        self.at = at or datetime.datetime.combine(on, datetime.time.min, tzinfo=settings.LONDON)
        # The same person with all their roles, where this one has been narrowed to some.
        self.whole = self
        # What was asked of the database for this person already and is asked again while one page is made.
        self.request_cache: dict[Hashable, Any] = {}

    @cached_property
    def _rows(self) -> list[RoleRow]:
        return roles_of(self.user.pk, self.on)

    @cached_property
    def held(self) -> list[Held]:
        return [Held(*row[:5]) for row in self._rows if row.for_id is None or row.role in COVERED]

    @cached_property
    def covering(self) -> dict[int, Covering]:
        """Whom the person covers on that day. Whoever has no role any more has nothing to be covered."""
        return {
            row.for_id: Covering(row.for_id, row.name, row.until_on)
            for row in sorted(self._rows, key=lambda row: row.name)
            if row.for_id is not None and row.until_on is not None
        }

    @cached_property
    def persons(self) -> frozenset[int]:
        """Themself and whom they cover: nobody decides about what any of these has done."""
        return frozenset((self.user.pk, *self.covering))

    @cached_property
    def leading(self) -> frozenset[int]:
        """Where they or whom they cover are lead: nor does anybody decide about what is addressed there."""
        return frozenset(held.organisation_id for held in self.held if held.role == Role.LEAD)

    @cached_property
    def owners(self) -> frozenset[int]:
        """In whose place they may do what an owner may: their own, and that of whom they cover.

        Nobody's, where the person has read-only roles at most.
        """
        may_own = any(held.role not in Membership.READ_ONLY for held in self.held if held.for_id is None)
        return self.persons if may_own else frozenset()

    @property
    def recommendation_owners(self) -> frozenset[int]:
        """The same of recommendations: administrators own actions at most."""
        return frozenset() if self.administers else self.owners

    @property
    def administers(self) -> bool:
        """Is an administrator anywhere, and so has no say over progress. Nobody is covered in that."""
        return any(held.role == Role.ADMINISTRATOR for held in self.whole.held)

    @cached_property
    def capacities(self) -> "list[tuple[int | None, Access]]":
        """In their own right, which comes first; and by the id of each whom they cover, what they may in that place."""
        return [(None, self.own()), *((pk, self.in_place_of(pk)) for pk in self.covering)]

    def own(self) -> "Access":
        """The same person in their own right. What bars them from deciding still does."""
        return self._narrowed([held for held in self.held if held.for_id is None], {}, {self.user.pk} & self.owners)

    def in_place_of(self, person_id: int) -> "Access":
        """What they may only because they cover that person. What they may see of embargoes stays their own."""
        held = [held for held in self.held if held.for_id == person_id]
        return self._narrowed(held, {person_id: self.covering[person_id]}, {person_id})

    def without(self, *roles: str) -> "Access":
        """The same person, if they did not have these roles."""
        return self._narrowed([held for held in self.held if held.role not in roles], self.covering, self.owners)

    def _narrowed(self, held: list[Held], covering: dict[int, Covering], owners: Iterable[int]) -> "Access":
        other = Access(self.user, self.on, self.at)
        other.held, other.covering, other.owners = held, covering, frozenset(owners)
        other.persons, other.leading, other.whole = self.persons, self.leading, self.whole
        return other

    @cached_property
    def is_inspector(self) -> bool:
        """Has no other role than an inspector's. With another one a person sees what that one sees."""
        return bool(self.held) and all(held.role == Role.INSPECTOR for held in self.held)

    @property
    def sees_drafts(self) -> bool:
        """Also what was not sent, decided or accepted: all but inspectors, unless a setting lets them."""
        return not self.is_inspector or settings.INSPECTORS_SEE_DRAFTS

    @cached_property
    def sees_everything(self) -> bool:
        """Held at a national service: nothing lies outside."""
        return any(held.kind == Organisation.Kind.NATIONAL for held in self.held)

    @cached_property
    def organisation_ids(self) -> list[int]:
        """Where the person has a role, and all below: what they see."""
        paths = {held.path for held in self.held}
        return list(Organisation.objects.below(*paths).values_list("pk", flat=True))

    @property
    def may_own(self) -> bool:
        """Has a role that is not read-only. Whoever has lost every such role owns nothing any more."""
        return bool(self.owners)

    @cached_property
    def led_ids(self) -> set[int]:
        """Where the person may act as lead: where they are lead, and below where nobody is.

        For an organisation without a lead, the leads of the nearest one above that has any may act.
        """
        mine = {held.path for held in self.held if held.role == Role.LEAD}
        return {pk for pk, path in self.whole._led.items() if path in mine} if mine else set()

    @cached_property
    def _led(self) -> dict[int, str]:
        """At and below where the person is lead, by organisation: the nearest place that has a lead."""
        mine = {held.path for held in self.held if held.role == Role.LEAD}
        rows = list(Organisation.objects.below(*mine).values_list("pk", "path"))
        leads = Membership.objects.active(self.on).filter(role=Role.LEAD, organisation__in=[pk for pk, _path in rows])
        led = set(leads.values_list("organisation__path", flat=True))
        return {pk: next((above for above in upwards(path) if above in led), "") for pk, path in rows}

    def has(self, role: str, organisation: Organisation | None = None) -> bool:
        """Holds the role at exactly that organisation, or anywhere when none is named."""
        return any(
            held.role == role and (organisation is None or held.organisation_id == organisation.pk)
            for held in self.held
        )

    def has_above(self, role: str, organisation: Organisation) -> bool:
        """Holds the role at an organisation above this one (not at it)."""
        return any(
            held.role == role and organisation.path != held.path and organisation.path.startswith(held.path)
            for held in self.held
        )

    def has_at_or_above(self, role: str, organisation: Organisation) -> bool:
        return self.has(role, organisation) or self.has_above(role, organisation)

    def paths(self, role: str) -> list[str]:
        """Where the role is held, the outermost only (a place below another of the list adds nothing)."""
        found = sorted({held.path for held in self.held if held.role == role})
        return [path for path in found if not any(path != other and path.startswith(other) for other in found)]


def acting_for(access: Access, allowed: Callable[[Access], bool]) -> int | None:
    """Whom the person covers for in what they are allowed; None where they may do it in their own right."""
    return next((pk for pk, half in access.capacities if allowed(half)), None) if access.covering else None


def upwards(path: str) -> list[str]:
    """The path itself and those above it, the nearest first."""
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:n]) + "/" for n in range(len(parts), 0, -1)]


def visible_organisations(access: Access) -> OrganisationQuerySet:
    return Organisation.objects.below(*{held.path for held in access.held})


def administered_organisations(access: Access) -> OrganisationQuerySet:
    return Organisation.objects.below(*access.paths(Role.ADMINISTRATOR))


def administered_people(access: Access) -> UserQuerySet:
    """Everybody with a role, also an ended one, at or below where this person is administrator."""
    here = administered_organisations(access)
    return User.objects.filter(pk__in=Membership.objects.filter(organisation__in=here).values("user"))


def can_administer(access: Access) -> bool:
    return access.has(Role.ADMINISTRATOR)


def can_administer_organisation(access: Access, organisation: Organisation) -> bool:
    return access.has_at_or_above(Role.ADMINISTRATOR, organisation)


def can_end_role(access: Access, membership: Membership) -> bool:
    return can_administer_organisation(access, membership.organisation)


def can_close_account(access: Access, person: User, roles: Iterable[Membership]) -> bool:
    """Whoever administers every organisation at which the person has a role; never oneself."""
    return (
        can_administer(access)
        and person != access.user
        and all(can_administer_organisation(access, role.organisation) for role in roles)
    )


def people_by_nearness(organisation: Organisation, on: datetime.date) -> UserQuerySet:
    """Everyone who may be named owner: people of that organisation first, then anyone with an account and a role.

    Not readers: they change nothing of the record.
    """
    roles = Membership.objects.may_own(on)
    of_it = Q(pk__in=roles.filter(organisation=organisation).values("user"))
    people = User.objects.filter(pk__in=roles.values("user"))
    return people.annotate(is_of_it=of_it).order_by("-is_of_it", "name", "pk")
