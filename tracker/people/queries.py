"""Who has which role, as an administrator may see it."""

import datetime
import hashlib
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.policies import Access, administered_organisations, administered_people
from tracker.measures.models import Measure
from tracker.recommendations.models import Action, Ask, Recommendation
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


@dataclass(frozen=True)
class Holdings:
    """Everything open that a person answers for, in the order in which its rows are held."""

    recommendations: list[Recommendation]
    actions: list[Action]
    measures: list[Measure]
    asks: list[Ask]

    @property
    def count(self) -> int:
        return sum(len(group) for group in self.groups)

    @property
    def groups(self) -> tuple[list[Recommendation], list[Action], list[Measure], list[Ask]]:
        return self.recommendations, self.actions, self.measures, self.asks

    @property
    def fingerprint(self) -> str:
        """Of which rows these are: another one after somebody has given or taken one."""
        ids = [sorted(row.pk for row in group) for group in self.groups]
        return hashlib.sha256(repr(ids).encode()).hexdigest()


def holdings_of(person: User, *, within: set[int] | None = None) -> Holdings:
    """What is unfinished and not carried, actions not done, figures to supply, asks not settled. Four queries.

    `within`: only what is addressed to (of measures: belongs to, of asks: is asked of) these organisations.
    """
    recommendations = Recommendation.objects.unfinished().counted().filter(owner=person)
    actions = Action.objects.open().filter(owner=person)
    measures = Measure.objects.current().filter(supplier=person)
    asks = Ask.objects.filter(person=person, state__in=(Ask.State.OPEN, Ask.State.BY_A_DAY))
    if within is not None:
        recommendations = recommendations.filter(addressee__in=within)
        actions = actions.filter(addressee__in=within)
        measures = measures.filter(organisation__in=within)
        asks = asks.filter(asked_of__in=within)
    return Holdings(
        list(recommendations.select_related("inspection__organisation", "addressee", "owner").order_by("due_on", "pk")),
        list(actions.select_related("words", "addressee", "inspection").order_by("due_on", "pk")),
        list(measures.select_related("organisation").order_by("pk")),
        list(asks.select_related("words", "asked_of").order_by("wanted_on", "pk")),
    )


@dataclass(frozen=True)
class Shown:
    """Holdings as one person may see them, and how many more there are."""

    seen: Holdings
    unseen: int


def shown_to(access: Access, holdings: Holdings) -> Shown:
    """A lead or an administrator moves also what is under embargo or elsewhere; of that only the number is told."""
    asked = [*(item.pk for item in holdings.recommendations), *(ask.recommendation_id for ask in holdings.asks)]
    mine = Q(pk__in=asked) | Q(actions__in=holdings.actions)
    visible = set(visible_recommendations(access).filter(mine).values_list("pk", flat=True))
    answered = set(Action.objects.filter(recommendations__in=visible).values_list("pk", flat=True))
    here = set(access.organisation_ids)
    seen = Holdings(
        [item for item in holdings.recommendations if item.pk in visible],
        [action for action in holdings.actions if action.pk in answered],
        [one for one in holdings.measures if access.sees_everything or one.organisation_id in here],
        [ask for ask in holdings.asks if ask.recommendation_id in visible],
    )
    return Shown(seen, holdings.count - seen.count)


def holders(access: Access) -> list[tuple[User, int]]:
    """Who answers for something that this person leads, and for how many things."""
    within = access.led_ids
    owners = Recommendation.objects.unfinished().counted().filter(addressee__in=within).values("owner")
    doers = Action.objects.open().filter(addressee__in=within).values("owner")
    suppliers = Measure.objects.current().filter(organisation__in=within).values("supplier")
    asked = Ask.objects.filter(asked_of__in=within, state__in=(Ask.State.OPEN, Ask.State.BY_A_DAY)).values("person")
    people = User.objects.filter(Q(pk__in=owners) | Q(pk__in=doers) | Q(pk__in=suppliers) | Q(pk__in=asked))
    found = [(person, holdings_of(person, within=within).count) for person in people.order_by("name", "pk")[:100]]
    return [(person, count) for person, count in found if count]


def usual_place(person: User) -> Organisation:
    """Whose people come first where another is named in this one's place."""
    role = Membership.objects.filter(user=person).select_related("organisation").order_by("-ends_on", "pk").first()
    return role.organisation if role else Organisation.objects.order_by("path").first() or Organisation()
