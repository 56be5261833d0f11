"""Roles that nobody holds, where something waits for whoever would hold them."""

from dataclasses import dataclass

from django.db.models import Q

from tracker.accounts.models import Membership, Organisation, OrganisationQuerySet
from tracker.accounts.policies import Access, administered_organisations, can_administer, visible_organisations
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.recommendation.models import Recommendation

Role = Membership.Role


@dataclass(frozen=True)
class EmptyRole:
    organisation: Organisation
    role: str

    @property
    def name(self) -> str:
        return str(Role(self.role).label)


def empty_roles(access: Access) -> list[EmptyRole]:
    """Those that this administrator may give to somebody, as far as they see what is addressed there. One query."""
    return _lacking(access, administered_organisations(access)) if can_administer(access) else []


def empty_roles_seen(access: Access, within: Organisation | None = None) -> list[EmptyRole]:
    """The same for whoever looks on: of the organisations that they see, or only of `within` and below. One query."""
    places = visible_organisations(access)
    return _lacking(access, places.below(within.path) if within else places)


def _lacking(access: Access, places: OrganisationQuerySet) -> list[EmptyRole]:
    """A lead where anything unfinished is addressed; a reviewer where anything is addressed to an organisation directly
    below; an independent reviewer where anything is addressed to the national service itself. That somebody above acts
    or decides meanwhile fills none of them.
    """
    unfinished = Recommendation.objects.unfinished().exclude_carried().filter(may_be_seen(access, "inspection__"))
    # Lists made once and looked up: asked for each organisation anew, 100,000 recommendations take PostgreSQL seconds.
    addressed = Q(pk__in=unfinished.values("addressee"))
    living, ended = Q(addressee__successor=None), Q(addressee__successor__isnull=False)
    above = Q(pk__in=unfinished.filter(living).values("addressee__parent"))
    above |= Q(pk__in=unfinished.filter(ended).values("addressee__successor__parent"))
    active = Membership.objects.active(access.on)
    held = {role: Q(pk__in=active.filter(role=role).values("organisation")) for role in Role}
    lacking = {
        Role.LEAD: (addressed | Q(pk__in=unfinished.values("addressee__successor"))) & ~held[Role.LEAD],
        Role.REVIEWER: above & ~held[Role.REVIEWER],
        Role.INDEPENDENT: addressed & Q(kind=Organisation.Kind.NATIONAL) & ~held[Role.INDEPENDENT],
    }
    rows = places.current(access.on).annotate(**{f"lacks_{role}": condition for role, condition in lacking.items()})
    rows = rows.filter(Q(lacks_lead=True) | Q(lacks_reviewer=True) | Q(lacks_independent=True)).order_by("path")
    return [EmptyRole(place, role) for place in rows for role in lacking if getattr(place, f"lacks_{role}")]
