"""What was asked of others: a part of a recommendation's page, a list, and what waits."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, Value, When
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.ask.models import Ask, AskQuerySet
from tracker.recommendations.ask.policies import (
    asked_organisations,
    can_answer,
    can_ask,
    can_withdraw_ask,
    leads_asked,
    to_answer,
    visible_asks,
)
from tracker.recommendations.recommendation.drafts import answered_asks
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.recommendation.status_filters import is_open

State = Ask.State

UNFINISHED = (State.OPEN, State.BY_A_DAY)

# So many that are answered are shown, on the page of a recommendation and in the list.
ANSWERED, LISTED = 3, 20

MOST = 200


@dataclass(frozen=True)
class AskRow:
    """One ask as this person sees it, with what they may do about it now."""

    ask: Ask
    days_overdue: int
    can_answer: bool = False
    can_pass_up: bool = False
    can_withdraw: bool = False


def with_names(rows: AskQuerySet) -> AskQuerySet:
    return rows.select_related(
        *("recommendation__inspection__organisation", "recommendation__addressee", "recommendation__carried_by"),
        *("asked_of", "person", "asked_by", "words", "answer", "answered_by"),
    )


def row_of(access: Access, ask: Ask) -> AskRow:
    """`ask` comes with its names; what may be done is decided without asking the database."""
    item, late = ask.recommendation, ask.days_overdue(access.on)
    is_live = item.status == Recommendation.Status.OPEN and item.carried_by_id is None and ask.state in UNFINISHED
    has_above = ask.asked_of.parent_id not in (None, item.addressee_id)
    asks = can_withdraw_ask(access, ask)
    return AskRow(
        ask=ask,
        days_overdue=late if is_live else 0,
        can_answer=is_live and can_answer(access, ask),
        can_pass_up=is_live and has_above and (leads_asked(access, ask) or (asks and late > 0)),
        can_withdraw=is_live and asks,
    )


def section(access: Access, item: Recommendation) -> Section | None:
    rows = [row_of(access, ask) for ask in with_names(answered_asks(access, item.asks.all())).order_by("-pk")]
    is_live = item.status == Recommendation.Status.OPEN and item.carried_by_id is None
    asks = is_live and can_ask(access, item) and asked_organisations(item, access.on).exists()
    if not rows and not asks:
        return None
    waiting = [row for row in rows if row.ask.state in UNFINISHED]
    answered = [row for row in rows if row.ask.state not in UNFINISHED]
    late = sum(row.days_overdue > 0 for row in rows)
    parts = [_("%(n)s open") % {"n": len(waiting)}] if waiting else []
    parts += [_("%(n)s overdue") % {"n": late}] if late else []
    return Section(
        name="asks",
        noun="ask",
        title=_("Requests to others"),
        summary=", ".join(parts) or (_("%(n)s answered") % {"n": len(answered)} if answered else ""),
        data={
            "rows": waiting + answered[:ANSWERED],
            "older": answered[ANSWERED:],
            "can_ask": asks,
        },
        is_open=any(row.can_answer for row in rows) or late > 0,
    )


@dataclass(frozen=True)
class AskList:
    waiting: list[AskRow]
    answered: list[AskRow]


def asked_of_person(access: Access) -> AskList:
    """Late requests first, answered ones last."""
    return _list_of(access, visible_asks(access).filter(to_answer(access)))


def asked_by_person(access: Access) -> AskList:
    """By the person, and by those who lead where they do."""
    theirs = Q(asked_by__in=access.persons) | Q(recommendation__addressee__in=access.led_ids)
    return _list_of(access, visible_asks(access).filter(theirs))


def _list_of(access: Access, rows: AskQuerySet) -> AskList:
    named = with_names(rows)
    live = _sorted(row_of(access, ask) for ask in named.filter(state__in=UNFINISHED, **LIVE).order_by("pk")[:MOST])
    done = named.exclude(state__in=UNFINISHED).order_by("-answered_on", "-pk")[:LISTED]
    return AskList(live, [row_of(access, ask) for ask in done])


# Asked about what is open and not carried by a later one.
LIVE = {"recommendation__status": Recommendation.Status.OPEN, "recommendation__carried_by": None}


@dataclass(frozen=True)
class Asks:
    """What is not settled of what was asked in one direction: `rows` are the first of it, the unanswered before those
    that were promised by a day, the late ones first.
    """

    unanswered: int
    promised: int
    rows: list[AskRow]

    @property
    def count(self) -> int:
        return self.unanswered + self.promised

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


# Of a level above the addressee, or of another organisation: the one inspected, mostly.
UP = Q(recommendation__addressee__path__startswith=F("asked_of__path"))

DIRECTIONS = {"up": UP, "down": ~UP}


def asks_seen(access: Access, items: RecommendationQuerySet, *, most: int = MOST) -> dict[str, Asks]:
    """By direction, whoever asked: the asks about those of `items`, which the person sees. Three queries."""
    live = answered_asks(access, Ask.objects.filter(recommendation__in=items.filter(is_open()), state__in=UNFINISHED))
    counts = live.order_by().aggregate(
        **{
            f"{direction}_{state}": Count("pk", filter=which & Q(state=state))
            for direction, which in DIRECTIONS.items()
            for state in UNFINISHED
        }
    )
    until = Case(When(state=State.OPEN, then=F("wanted_on")), default=F("promised_on"))
    is_promised = Case(When(state=State.OPEN, then=Value(0)), default=Value(1))
    found = {}
    for direction, which in DIRECTIONS.items():
        rows = with_names(live.filter(which)).order_by(is_promised, until, "pk")[:most]
        unanswered, promised = (counts[f"{direction}_{state}"] for state in UNFINISHED)
        found[direction] = Asks(unanswered, promised, [row_of(access, ask) for ask in rows])
    return found


def _sorted(rows: Iterable[AskRow]) -> list[AskRow]:
    return sorted(rows, key=lambda row: (-row.days_overdue, row.ask.wanted_on, row.ask.pk))


def asks_waiting(access: Access) -> list[AskRow]:
    """What this person has to answer, and what they asked for that is overdue; the late ones first.

    A constant number of queries. `can_answer` tells which of the two it is.
    """
    if not access.may_own:
        return []
    unanswered = to_answer(access) & Q(state=State.OPEN)
    late = Ask.objects.overdue(on=access.on).filter(to_answer(access) | Q(recommendation__addressee__in=access.led_ids))
    asked = list(Ask.objects.filter(unanswered | Q(pk__in=late.values("pk")), **LIVE).values_list("pk", flat=True))
    rows = with_names(visible_asks(access).filter(pk__in=asked)) if asked else ()
    return _sorted(row_of(access, ask) for ask in rows)


def events_about(ask: Ask) -> list[Event]:
    return list(Event.objects.about(ask).select_related("actor", "in_place_of", "why").newest_first())
