"""Who has which role, as an administrator may see it."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access, administered_organisations, administered_people
from tracker.recommendations.models import Recommendation
from tracker.recommendations.policies.recommendation import visible_recommendations


@dataclass(frozen=True)
class PersonRow:
    person: User
    roles: list[Membership]


def people_rows(access: Access, words: str) -> list[PersonRow]:
    """Those whose name or address holds every word, with their roles here; at most 500."""
    people = administered_people(access)
    for word in words.split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    found = list(people.order_by("-is_active", "name", "pk")[:500])
    roles: dict[int, list[Membership]] = {}
    here = Membership.objects.active(access.on).filter(
        organisation__in=administered_organisations(access), user__in=found
    )
    for role in here.select_related("organisation"):
        roles.setdefault(role.user_id, []).append(role)
    return [PersonRow(person, roles.get(person.pk, [])) for person in found]


def roles_here(access: Access, person: User) -> QuerySet[Membership]:
    """Also those that have ended, the present ones first."""
    return (
        Membership.objects.filter(user=person, organisation__in=administered_organisations(access))
        .select_related("organisation", "user")
        .order_by(F("ends_on").desc(nulls_first=True), "organisation__path", "role")
    )


def all_roles(person: User, on: datetime.date) -> QuerySet[Membership]:
    return Membership.objects.active(on).filter(user=person).select_related("organisation", "user")


@dataclass(frozen=True)
class Owned:
    """What a person owns that is unfinished: what the administrator may see of it, and how many more there are."""

    rows: list[Recommendation]
    unseen: int


def owned_by(person: User, access: Access) -> Owned:
    mine = Recommendation.objects.unfinished().filter(owner=person)
    seen = visible_recommendations(access).unfinished().filter(owner=person)
    return Owned(list(seen.for_rows(on=access.on).order_by("due_on", "pk")[:50]), mine.count() - seen.count())
