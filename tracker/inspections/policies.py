"""Who can see inspections under embargo, and who can set embargoes."""

from django.db.models import Q, QuerySet

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access, administered_organisations
from tracker.inspections.models import Inspection, Named

EVERYTHING = ~Q(pk__in=[])


def hidden_inspections(access: Access) -> frozenset[int]:
    """Inspections under embargo for which the person is not named. Queried once per page; usually empty."""
    cache = access.whole.request_cache
    if "hidden_inspections" not in cache:
        named = Named.objects.filter(Q(until=None) | Q(until__gt=access.on), person=access.user)
        hidden = Inspection.objects.filter(embargo_until__gt=access.at).exclude(pk__in=named.values("inspection"))
        cache["hidden_inspections"] = frozenset(hidden.values_list("pk", flat=True))
    found: frozenset[int] = cache["hidden_inspections"]
    return found


def may_be_seen(access: Access, path: str = "") -> Q:
    """Condition for visible rows: published, or the person is named. `path` leads from the rows to the inspection.

    It adds nothing to the SQL while nothing is hidden from the person, because nearly every query uses it.
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
    """Inspections of organisations that the person administers. Under embargo administrators see the title only."""
    return Inspection.objects.filter(organisation__in=administered_organisations(access))


def embargoed_inspections(access: Access) -> QuerySet[Inspection]:
    return administered_inspections(access).filter(embargo_until__gt=access.at)


def can_set_embargo(access: Access, inspection: Inspection) -> bool:
    """Whether they are an administrator at or above the inspected organisation."""
    return access.has_at_or_above(Membership.Role.ADMINISTRATOR, inspection.organisation)


can_name_person = can_unname_person = can_set_embargo
