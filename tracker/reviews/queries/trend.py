"""Open, overdue, slipped and signed off at the end of each month since publication, rebuilt from the history.

Each figure is the one that the list as at that month's end gives, and leads there. One pass over the events: how a
recommendation stood after its last event of a month holds until its next.
"""

import calendar
import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Max
from django.db.models.functions import TruncMonth
from django.urls import get_script_prefix, reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.models import Inspection
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.listing.forms import FilterForm
from tracker.recommendations.models import RecommendationQuerySet, aged
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations
from tracker.reviews.policies import AS_AT, onlooker
from tracker.reviews.queries.past_states import PastState, events_of, stand_now, states, without_history
from tracker.reviews.queries.region import Figure

# By the mark of the list that each leads to; overdue is part of open.
LINES = {
    "open": gettext_lazy("Open"),
    "overdue": gettext_lazy("Overdue"),
    "slipped": gettext_lazy("Past first due date"),
    "signed_off": gettext_lazy("Signed off"),
}


@dataclass(frozen=True)
class Scope:
    """What is looked at: everything that is seen, of one inspection, to one organisation, or both."""

    inspection: Inspection | None = None
    place: Organisation | None = None

    def of(self, rows: RecommendationQuerySet) -> RecommendationQuerySet:
        """The same rows as the list of the inspection or of the addressee."""
        if self.inspection is not None:
            rows = rows.in_report(self.inspection)
        return rows if self.place is None else rows.filter(addressee=self.place)

    def url(self, **wanted: str) -> str:
        """The address of the list."""
        here = reverse("recommendations:list")
        if self.inspection is not None:
            here = reverse("recommendations:inspection", args=[self.inspection.pk])
        query = {"addressee": self.place.pk, **wanted} if self.place else wanted
        return f"{here}?{urlencode(query)}"


@dataclass(frozen=True)
class Month:
    """At `end`, which is today in the present one. `held` of the `published` reports had been loaded here by then."""

    end: datetime.date
    is_now: bool
    since_publication: int
    held: int
    published: int
    figures: list[Figure]

    @property
    def label(self) -> str:
        return format_date(self.end, "F Y")


@dataclass(frozen=True)
class Trend:
    """The months of which something is known, the earliest first, and before them those of which nothing is."""

    months: list[Month]
    unknown: list[datetime.date]
    loaded_on: datetime.date | None
    is_of_one: bool

    @property
    def before(self) -> str:
        """The months without data, in words."""
        first, last = (format_date(day, "F Y") for day in (self.unknown[0], self.unknown[-1]))
        return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def some_not_held(self) -> bool:
        return any(month.held < month.published for month in self.months)


def trend(access: Access, scope: Scope) -> Trend:
    """A constant number of queries, however many months, reports and recommendations there are."""
    seen = scope.of(visible_recommendations(access))
    reports = _reports(access, scope, seen)
    if not reports:
        return Trend([], [], None, is_of_one=False)
    first = min(report.published_to for report in reports)
    ends = _ends(first, access.on)
    held = [[one for one in reports if one.loaded_on <= end and one.published_from <= end] for end in ends]
    known = next((n for n, found in enumerate(held) if found), len(ends))
    counted = _counts(access, scope, seen, reports, ends)
    months = [
        Month(
            end=end,
            is_now=end == ends[-1],
            since_publication=(end.year - first.year) * 12 + end.month - first.month,
            held=len(held[n]),
            published=sum(report.published_from <= end for report in reports),
            figures=_figures(scope, end, {name: counted[name][n] for name in LINES}, is_now=end == ends[-1]),
        )
        for n, end in enumerate(ends)
        if n >= known
    ]
    return Trend(months, ends[:known], min(report.loaded_on for report in reports), is_of_one=len(reports) == 1)


def _reports(access: Access, scope: Scope, seen: RecommendationQuerySet) -> list[Inspection]:
    """Those that print what is looked at, as far as the person may see them."""
    if scope.inspection is not None:
        return [scope.inspection]
    return list(visible_inspections(access).filter(pk__in=seen.order_by().values("inspection")))


def _ends(first: datetime.date, on: datetime.date) -> list[datetime.date]:
    """The last day of each month from that of the publication on; of the present month, today."""
    months = range(first.year * 12 + first.month - 1, on.year * 12 + on.month)
    days = [(n // 12, n % 12 + 1) for n in months]
    ends = [datetime.date(year, month, calendar.monthrange(year, month)[1]) for year, month in days]
    return [*ends[:-1], on] if ends else [on]


def _figures(scope: Scope, end: datetime.date, counts: Mapping[str, int], *, is_now: bool) -> list[Figure]:
    def url(mark: str) -> str:
        here = scope.url(mark=mark)
        return here if is_now else f"{AS_AT}{end}/{here.removeprefix(get_script_prefix())}"

    return [Figure(name, str(label), counts[name], url(name)) for name, label in LINES.items()]


def _counts(
    access: Access,
    scope: Scope,
    seen: RecommendationQuerySet,
    reports: Iterable[Inspection],
    ends: Sequence[datetime.date],
) -> dict[str, list[int]]:
    """By line, at each of `ends`. The last is how it stands; those before are what a look at the past shows."""
    then = scope.of(visible_recommendations(onlooker(access, access.on, access.at, access.organisation_ids)))
    tally = _Tally(ends[:-1])
    hidden = _hidden_until(access, then, ends)
    for pk, history in _histories(then, ends).items():
        steps: Steps = [*history, (len(ends) - 1, None)]
        for (begin, stood), (end, _after) in pairwise(steps):
            if stood is not None:
                tally.add(stood, max(begin, hidden.get(pk, 0)), end)
    found, now = tally.counts(), stand_now(seen).values()
    return {name: [*found[name], sum(_holds(one, name, access.on) for one in now)] for name in LINES}


def _holds(stood: PastState, name: str, on: datetime.date) -> bool:
    return {
        "open": stood.is_open,
        "overdue": stood.is_overdue(on),
        "slipped": stood.has_slipped(on),
        "signed_off": stood.is_signed_off,
    }[name]


Steps = list[tuple[int, PastState | None]]


def _histories(rows: RecommendationQuerySet, ends: Sequence[datetime.date]) -> dict[int, Steps]:
    """By id: how it stood, each with the place of the month from which on."""
    latest = events_of(rows).annotate(month=TruncMonth("day")).values("subject_id", "month").annotate(last=Max("pk"))
    found: dict[int, Steps] = {pk: [(0, one)] for pk, one in without_history(rows).items()}
    texts = [end.isoformat() for end in ends]
    for pk, day, stood in states(Event.objects.filter(pk__in=latest.values("last"))):
        month = min(bisect_left(texts, day.isoformat()), len(ends) - 1)
        found.setdefault(pk, []).append((month, stood))
    return found


def _hidden_until(access: Access, rows: RecommendationQuerySet, ends: Sequence[datetime.date]) -> dict[int, int]:
    """By id, from which of the months on it was no longer under embargo for this person."""
    late = rows.filter(inspection__embargo_until__isnull=False).exclude(
        may_be_seen(Access(access.user, access.on, datetime.datetime.min.replace(tzinfo=datetime.UTC)), "inspection__")
    )
    days = late.values_list("pk", "inspection__embargo_until")
    last_moments = [datetime.datetime.combine(end, datetime.time.max, tzinfo=settings.LONDON) for end in ends]
    return {pk: sum(moment < until for moment in last_moments) for pk, until in days if until is not None}


class _Tally:
    """How many stand so at each of some days, from states that each hold over a stretch of them."""

    def __init__(self, ends: Sequence[datetime.date]) -> None:
        self.ends = [end.isoformat() for end in ends]
        self.steps = {name: [0] * (len(ends) + 1) for name in LINES}

    def add(self, stood: PastState, begin: int, end: int) -> None:
        """`stood` holds from the day `begin` on, up to and without the day `end`."""
        if stood.is_open:
            self._between("open", begin, end)
        if stood.is_signed_off:
            self._between("signed_off", begin, end)
        if (after := stood.overdue_after) is not None:
            self._between("overdue", max(begin, bisect_right(self.ends, after)), end)
        if (after := stood.slipped_after) is not None:
            self._between("slipped", max(begin, bisect_right(self.ends, after)), end)

    def _between(self, name: str, begin: int, end: int) -> None:
        if begin < end:
            self.steps[name][begin] += 1
            self.steps[name][end] -= 1

    def counts(self) -> dict[str, list[int]]:
        return {name: list(accumulate(steps[:-1])) for name, steps in self.steps.items()}


def ageing(access: Access, scope: Scope) -> list[Figure]:
    """The overdue by how late they are, each with its list; together they are the overdue. One query."""
    rows = scope.of(visible_recommendations(access).exclude_carried()).order_by()
    counts = rows.aggregate(**{f"late_{name}": Count("pk", filter=q) for name, q in aged(access.on).items()})
    return [Figure(name, str(label), counts[f"late_{name}"], scope.url(late=name)) for name, label in FilterForm.LATE]
