"""Who sets an embargo and names those who may see the inspection until it ends."""

from django.db.models import Q, QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access, administered_organisations
from tracker.inspections.models import Inspection, Named

EVERYTHING = ~Q(pk__in=[])


def hidden_inspections(access: Access) -> frozenset[int]:
    """Under embargo at the moment, and the person is not named. Asked once a page, and nearly always none."""
    cache = access.whole.request_cache
    if "hidden_inspections" not in cache:
        named = Named.objects.filter(Q(until=None) | Q(until__gt=access.on), person=access.user)
        hidden = Inspection.objects.filter(embargo_until__gt=access.at).exclude(pk__in=named.values("inspection"))
        cache["hidden_inspections"] = frozenset(hidden.values_list("pk", flat=True))
    found: frozenset[int] = cache["hidden_inspections"]
    return found


def may_be_seen(access: Access, path: str = "") -> Q:
    """Published, or under embargo and the person is named. `path` leads from the rows asked for to the inspection.

    While nothing is hidden from the person, no row is asked about it: this condition stands in nearly every query.
    """
    if not hidden_inspections(access):
        return EVERYTHING
    named = Named.objects.filter(Q(until=None) | Q(until__gt=access.on), person=access.user)
    return (
        Q(**{f"{path}embargo_until": None})
        | Q(**{f"{path}embargo_until__lte": access.at})
        | Q(**{f"{path}pk__in": named.values("inspection")})
    )


def administered_inspections(access: Access) -> QuerySet[Inspection]:
    """Of organisations that the person administers. Under embargo they know it by its title only."""
    return Inspection.objects.filter(organisation__in=administered_organisations(access))


def embargoed_inspections(access: Access) -> QuerySet[Inspection]:
    return administered_inspections(access).filter(embargo_until__gt=access.at)


def can_set_embargo(access: Access, inspection: Inspection) -> bool:
    """An administrator at or above the organisation inspected."""
    return access.has_at_or_above(Membership.Role.ADMINISTRATOR, inspection.organisation)


can_name_person = can_unname_person = can_set_embargo
