"""Figures of a region or the nation. Each equals the count of the list it links to."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, visible_organisations
from tracker.history.models import Event
from tracker.inspections.models import Inspection
from tracker.recommendations.models import RecommendationQuerySet, status_filters
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations
from tracker.reviews.queries.bars import STATES, Bar, progress_bar

STALE = format_lazy(_("No update for {days} days"), days=settings.STALE_DAYS)
# The columns of the matrix. What is reported is a claim; what a reviewer decided is proof.
GROUPS: tuple[tuple[str, Any, dict[str, Any]], ...] = (
    ("late", _("Late"), {"overdue": _("Overdue"), "slipped": _("Past first due date"), "stale": STALE}),
    ("claimed", _("Reported progress"), {name: label for name, (label, _value) in STATES.items()}),
    ("proven", _("Sign-off"), {"submitted": _("Waiting for review"), "signed_off": _("Signed off")}),
    ("lacking", _("Missing"), {"no_owner": _("No owner"), "no_date": _("No due date")}),
)
KIND_ORDER: dict[str, int] = {Organisation.Kind.PDU: 0, Organisation.Kind.REGION: 1, Organisation.Kind.NATIONAL: 2}
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Figure:
    """Zero has no link."""

    name: str
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class FigureGroup:
    name: str
    title: str
    figures: list[Figure]


@dataclass(frozen=True)
class Published:
    """An inspection and the months since its publication."""

    inspection: Inspection
    months: int


@dataclass(frozen=True)
class OrganisationRow:
    """`counts` has every mark and state of what it stands for; `url` leads to the overview of a region."""

    organisation: Organisation
    counts: Counts
    total: Figure
    groups: list[FigureGroup]
    bar: Bar
    published: list[Published] = field(default_factory=list)
    url: str = ""
    # Of a region: how many PDUs it has, and how many of them were inspected.
    pdus: int = 0
    inspected: int = 0

    @property
    def was_inspected(self) -> bool:
        """A region or HMPPS is not inspected itself; reports on PDUs address recommendations to it."""
        return bool(self.published) or self.total.number > 0


def counts_by_addressee(access: Access, items: RecommendationQuerySet) -> dict[int, dict[str, int]]:
    """Every mark and state of these, by the id of the addressee. One query."""
    conditions = {name: Q(progress=value) for name, (_label, value) in STATES.items()} | status_filters(access.on)
    rows: Any = (
        items.exclude_carried()
        .order_by()
        .values("addressee")
        .annotate(total=Count("pk"), **{name: Count("pk", filter=q) for name, q in conditions.items()})
    )
    return {row["addressee"]: {name: row[name] for name in ("total", *conditions)} for row in rows}


def seen_within(access: Access, within: Organisation | None) -> RecommendationQuerySet:
    """What the person sees; of it what is addressed to `within` or below, where that is named."""
    seen = visible_recommendations(access)
    return seen.within(within) if within else seen


def region_rows(access: Access, within: Organisation | None = None) -> list[OrganisationRow]:
    """One row for each organisation the person sees, and for those above to which something they see is addressed.

    Three queries, whatever the number of organisations and recommendations.
    """
    counted = counts_by_addressee(access, seen_within(access, within))
    seen = visible_organisations(access).current(access.on)
    places = Organisation.objects.filter(
        Q(pk__in=(seen.below(within.path) if within else seen).values("pk")) | Q(pk__in=counted)
    )
    published = _published(access, places)
    return [
        _row(place, counted.get(place.pk, {}), asked={"addressee": place.pk}, published=published.get(place.pk, []))
        for place in sorted(places, key=lambda place: (place.pk not in counted, KIND_ORDER[place.kind], place.path))
    ]


def national_rows(access: Access) -> list[OrganisationRow]:
    """One row for each region with its PDUs, and one for what is addressed to the national service itself.

    Three queries.
    """
    counted = counts_by_addressee(access, visible_recommendations(access))
    places = list(Organisation.objects.filter(Q(ended_on=None) | Q(ended_on__gt=access.on) | Q(pk__in=counted)))
    published = _published(access, places)
    return [
        _national_row(place, [one for one in places if one.path.startswith(place.path)], counted, published)
        for place in sorted(places, key=lambda place: (KIND_ORDER[place.kind], place.path))
        if place.kind != Organisation.Kind.PDU
    ]


def _national_row(
    place: Organisation,
    under: list[Organisation],
    counted: Mapping[int, Counts],
    published: Mapping[int, list[Published]],
) -> OrganisationRow:
    if place.kind == Organisation.Kind.NATIONAL:
        return _row(place, counted.get(place.pk, {}), asked={"addressee": place.pk}, published=[])
    pdus = [one for one in under if one.kind == Organisation.Kind.PDU and one.successor_id is None]
    reports = [report for one in under for report in published.get(one.pk, [])]
    return _row(
        place,
        added(counted.get(one.pk, {}) for one in under),
        asked={"addressee": place.pk, "below": "on"},
        # The latest; the rest stands in the region's own overview.
        published=sorted(reports, key=lambda report: report.months)[:1],
        url=f"{reverse('reviews:region')}?region={place.pk}",
        pdus=len(pdus),
        inspected=sum(one.pk in published for one in pdus),
    )


def _published(access: Access, places: Iterable[Organisation]) -> dict[int, list[Published]]:
    found: dict[int, list[Published]] = {}
    for one in visible_inspections(access).filter(organisation__in=places).select_related("organisation"):
        found.setdefault(one.organisation_id, []).append(Published(one, one.months_since(access.on)))
    return found


def added(counts: Iterable[Counts]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            found[name] = found.get(name, 0) + number
    return found


def _row(
    place: Organisation, counts: Counts, *, asked: Mapping[str, Any], published: list[Published], **more: Any
) -> OrganisationRow:
    groups = [
        FigureGroup(group, str(title), [figure(name, label, counts, asked) for name, label in names.items()])
        for group, title, names in GROUPS
    ]
    bar = progress_bar(place.pk, place, {state: counts.get(state, 0) for state in STATES})
    return OrganisationRow(place, counts, figure("total", _("All"), counts, asked), groups, bar, published, **more)


def figure(name: str, label: object, counts: Counts, asked: Mapping[str, Any]) -> Figure:
    """`asked` is what the list is asked for beside the mark or state of that name; "total" asks for no more."""
    wanted = {} if name == "total" else {"progress": name} if name in STATES else {"mark": name}
    number = counts.get(name, 0)
    url = f"{reverse('recommendations:list')}?{urlencode({**asked, **wanted})}"
    return Figure(name, str(label), number, url if number else "")


def first_day() -> datetime.date | None:
    """The day on which the first inspection was loaded: of what was before it, nothing is known."""
    loaded = Event.objects.filter(subject_type=Inspection._meta.model_name).aggregate(first=Min("day"))
    first: datetime.date | None = loaded["first"]
    return first
