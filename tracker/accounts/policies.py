"""What one person may do on one day. Seeing reaches down the tree; acting does not."""

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q

from tracker.accounts.models import Membership, Organisation, OrganisationQuerySet, User, UserQuerySet

Role = Membership.Role


@dataclass(frozen=True)
class Held:
    """A role held somewhere."""

    role: str
    organisation_id: int
    path: str
    kind: str


class Access:
    """One person on one day, with the roles that hold then.

    Every policy takes one. It is made once a request (or once a letter) and asks for the roles once.
    """

    def __init__(self, user: User, on: datetime.date, at: datetime.datetime | None = None) -> None:
        """`at` says which embargoes have ended; without it, those that ended before the day began."""
        self.user = user
        self.on = on
        self.at = at or datetime.datetime.combine(on, datetime.time.min, tzinfo=settings.LONDON)
        # What was asked of the database for this person already and is asked again while one page is made.
        self.known: dict[Hashable, Any] = {}

    @cached_property
    def held(self) -> list[Held]:
        rows = Membership.objects.active(self.on).filter(user=self.user)
        return [
            Held(*row)
            for row in rows.values_list("role", "organisation_id", "organisation__path", "organisation__kind")
        ]

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
        """Has a role that is not only the reader's. Whoever has lost every such role owns nothing any more."""
        return any(held.role != Role.READER for held in self.held)

    @cached_property
    def led_ids(self) -> set[int]:
        """Where the person may act as lead: where they are lead, and below where nobody is.

        For an organisation without a lead, the leads of the nearest one above that has any may act.
        """
        mine = {held.path: held.organisation_id for held in self.held if held.role == Role.LEAD}
        if not mine:
            return set()
        rows = list(Organisation.objects.below(*mine).values_list("pk", "path"))
        leads = Membership.objects.active(self.on).filter(role=Role.LEAD, organisation__in=[pk for pk, _path in rows])
        led = set(leads.values_list("organisation__path", flat=True))
        return {pk for pk, path in rows if next((above for above in upwards(path) if above in led), "") in mine}

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
