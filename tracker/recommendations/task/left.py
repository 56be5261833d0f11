"""Open work by the person responsible for it, and the work of people who can no longer do it."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, MeasureQuerySet
from tracker.measures.policies import published
from tracker.recommendations.action.models import Action, ActionQuerySet
from tracker.recommendations.ask.models import Ask, AskQuerySet
from tracker.recommendations.ask.queries import LIVE, UNFINISHED
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet

OpenWork = tuple[RecommendationQuerySet, ActionQuerySet, MeasureQuerySet, AskQuerySet]
# Of each kind of open work: the column of the person responsible, and that of the organisation whose lead reassigns it.
RESPONSIBLE = (("owner", "addressee"), ("owner", "addressee"), ("supplier", "organisation"), ("person", "asked_of"))


def open_work(led_by: Access | None = None) -> OpenWork:
    """Of anybody: unfinished recommendations, actions not done, current measures and unsettled requests.

    `led_by`: only what is addressed to (of measures: belongs to, of requests: is asked of) where that one leads, and
    nothing of what they may not see yet.
    """
    recommendations, actions = Recommendation.objects.unfinished().exclude_carried(), Action.objects.open()
    measures, asks = Measure.objects.current(), Ask.objects.filter(state__in=UNFINISHED)
    if led_by is None:
        return recommendations, actions, measures, asks
    within, seen = led_by.led_ids, may_be_seen(led_by, "inspection__")
    return (
        recommendations.filter(seen, addressee__in=within),
        actions.filter(seen, addressee__in=within),
        measures.filter(organisation__in=within, pk__in=published(led_by).values("pk")),
        asks.filter(may_be_seen(led_by, "recommendation__inspection__"), asked_of__in=within),
    )


@dataclass(frozen=True)
class LeftWork:
    """What a person who can no longer do it is still named for: `count` is that of the page "Reassign work".

    Of `person` and `place`, the organisation with most of it, only the id and the name are known."""

    person: User
    place: Organisation
    place_ids: frozenset[int]
    count: int


def left_work(access: Access) -> list[LeftWork]:
    """By person, where the lead has no other task about some of it. One query, and none for who leads nothing.

    Recommendations, overdue actions and requests without an answer are tasks of the lead by themselves.
    """
    if not access.led_ids:
        return []
    not_late = Q(due_on=None) | Q(due_on__gte=access.on)
    promised = Q(state=Ask.State.BY_A_DAY, promised_on__gte=access.on, **LIVE)
    here = zip(open_work(access), RESPONSIBLE, (None, not_late, Q(), promised), strict=True)
    first, *others = [_by_person(rows, *columns, alone, access) for rows, columns, alone in here]
    counts: defaultdict[User, Counter[Organisation]] = defaultdict(Counter)
    told: set[User] = set()
    for person_id, name, place_id, place, count, alone in first.union(*others, all=True):
        person = User(pk=person_id, name=name)
        counts[person][Organisation(pk=place_id, name=place)] += count
        if alone:
            told.add(person)
    return [_left(person, counts[person]) for person in sorted(told, key=lambda one: (one.name, one.pk))]


def _left(person: User, places: Counter[Organisation]) -> LeftWork:
    (most, _count), *_others = places.most_common()
    return LeftWork(person, most, frozenset(place.pk for place in places), places.total())


def _by_person(rows: QuerySet[Any], person: str, place: str, alone: Q | None, access: Access) -> QuerySet[Any]:
    """Of people who may own nothing any more: (id, name, id and name of the organisation, count, count of `alone`).."""
    may_own = Membership.objects.may_own(access.on).filter(user=OuterRef(person))
    gone = rows.filter(~Exists(may_own), **{f"{person}__isnull": False}).order_by()
    number = Count("pk", filter=alone) if alone is not None else Value(0)
    columns = (person, f"{person}__name", place, f"{place}__name")
    found: QuerySet[Any] = gone.values_list(*columns).annotate(all=Count("pk"), alone=number)
    return found
