"""Embargoes and the people named for them."""

import datetime
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection, Named
from tracker.inspections.policies import embargoed_inspections


@dataclass(frozen=True)
class Embargo:
    until: datetime.datetime
    people: int


def embargo_of(access: Access, inspection: Inspection) -> Embargo | None:
    """The embargo that the person should know of; None, without a query, if there is none."""
    if not is_under_embargo(inspection, access.at) or inspection.embargo_until is None:
        return None
    return Embargo(inspection.embargo_until, named_now(inspection, access.on).count())


def is_under_embargo(inspection: Inspection, at: datetime.datetime) -> bool:
    return inspection.embargo_until is not None and inspection.embargo_until > at


def named_now(inspection: Inspection, on: datetime.date) -> QuerySet[Named]:
    rows = Named.objects.filter(_now(on), inspection=inspection)
    return rows.select_related("person").order_by("person__name", "pk")


def _now(on: datetime.date) -> Q:
    return Q(until=None) | Q(until__gt=on)


def embargo_rows(access: Access) -> list[Inspection]:
    """Inspections under embargo that this person administers, first to end first, with named people as `seen_by`.

    Three queries, however many there are.
    """
    named = Named.objects.filter(_now(access.on)).select_related("person").order_by("person__name", "pk")
    rows = embargoed_inspections(access).select_related("organisation")
    return list(rows.prefetch_related(Prefetch("named", named, to_attr="seen_by")).order_by("embargo_until", "pk"))


def people_called(typed: str, on: datetime.date) -> list[User]:
    """Active people with a role, by whole email address, whole name, or words in either; at most six."""
    people = User.objects.active().filter(pk__in=Membership.objects.active(on).values("user")).order_by("name", "pk")
    address = typed.rpartition("(")[2].rstrip(")")
    for exact in (Q(email__iexact=address), Q(name__iexact=typed)):
        if len(found := list(people.filter(exact)[:6])) == 1:
            return found
    for word in typed.replace("(", " ").replace(")", " ").split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return list(people[:6])
