"""What it adds up to: the figures of a region, each equal to the list it leads to."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, visible_organisations
from tracker.history.models import Event
from tracker.inspections.models import Inspection
from tracker.recommendations.lists import Row, row_of
from tracker.recommendations.models import marked
from tracker.recommendations.policies.recommendation import visible_inspections, visible_recommendations
from tracker.recommendations.queries.recommendation import with_findings
from tracker.reviews.queries.bars import STATES, Bar, progress_bar

WORST = 10

MARK_FIGURES = {
    "overdue": _("Overdue"),
    "slipped": _("Slipped"),
    "no_owner": _("No owner"),
    "no_date": _("No due date"),
    "stale": _("Stale"),
    "submitted": _("Waiting for review"),
    "signed_off": _("Signed off"),
}


@dataclass(frozen=True)
class Figure:
    name: str
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class Published:
    """A report, and the months since its publication."""

    inspection: Inspection
    months: int


@dataclass(frozen=True)
class OrganisationRow:
    organisation: Organisation
    total: Figure
    figures: list[Figure]
    bar: Bar
    inspections: list[Published] = field(default_factory=list)

    @property
    def was_inspected(self) -> bool:
        """A region or HMPPS is not inspected itself; reports on PDUs address recommendations to it."""
        return bool(self.inspections) or self.total.number > 0


def figure_labels() -> list[str]:
    return [*(str(label) for label, _value in STATES.values()), *map(str, MARK_FIGURES.values())]


def region_rows(access: Access) -> list[OrganisationRow]:
    """One row for each organisation the person sees, and for those above to which something they see is addressed.

    Three queries, whatever the number of organisations and recommendations.
    """
    seen = visible_recommendations(access).counted()
    conditions = {f"progress_{name}": Q(progress=value) for name, (_label, value) in STATES.items()} | marked(access.on)
    counted = {
        row["addressee"]: row
        for row in seen.order_by()
        .values("addressee")
        .annotate(total=Count("pk"), **{name: Count("pk", filter=q) for name, q in conditions.items()})
    }
    places = Organisation.objects.filter(
        Q(pk__in=visible_organisations(access).current(access.on).values("pk")) | Q(pk__in=counted)
    )
    inspections: dict[int, list[Published]] = {}
    for one in visible_inspections(access).filter(organisation__in=places):
        inspections.setdefault(one.organisation_id, []).append(Published(one, one.months_since(access.on)))
    return [
        _row(place, counted.get(place.pk, {}), inspections.get(place.pk, []))
        for place in sorted(places, key=lambda place: (place.pk not in counted, KIND_ORDER[place.kind], place.path))
    ]


def first_day() -> datetime.date | None:
    """The day on which the first inspection was loaded: of what was before it, nothing is known."""
    loaded = Event.objects.filter(subject_type=Inspection._meta.model_name).aggregate(first=Min("day"))
    first: datetime.date | None = loaded["first"]
    return first


KIND_ORDER: dict[str, int] = {Organisation.Kind.PDU: 0, Organisation.Kind.REGION: 1, Organisation.Kind.NATIONAL: 2}


def _row(place: Organisation, counts: Mapping[str, Any], inspections: list[Published]) -> OrganisationRow:
    def figure(name: str, label: object, key: str, **wanted: str) -> Figure:
        query = urlencode({"addressee": place.pk, **wanted})
        return Figure(name, str(label), counts.get(key, 0), f"{reverse('recommendations:list')}?{query}")

    figures = [figure(name, label, f"progress_{name}", progress=name) for name, (label, _value) in STATES.items()] + [
        figure(name, label, name, mark=name) for name, label in MARK_FIGURES.items()
    ]
    bar = progress_bar(place.pk, place, {state: counts.get(f"progress_{state}", 0) for state in STATES})
    return OrganisationRow(place, figure("total", _("All"), "total"), figures, bar, inspections)


def total_figures(rows: list[OrganisationRow]) -> list[Figure]:
    """All organisations together, by mark; each leads to the list without an organisation."""
    return [
        Figure(
            name,
            str(label),
            sum(figure.number for row in rows for figure in row.figures if figure.name == name),
            f"{reverse('recommendations:list')}?{urlencode({'mark': name})}",
        )
        for name, label in MARK_FIGURES.items()
    ]


def worst_rows(access: Access) -> list[Row]:
    """The most late first."""
    overdue = visible_recommendations(access).overdue(on=access.on).for_rows(on=access.on).order_by("due_on", "pk")
    return [row_of(item, access) for item in with_findings(overdue, access)[:WORST]]
