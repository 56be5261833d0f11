"""The recommendations in a meeting pack of an organisation, and their counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.recommendations.models import RecommendationQuerySet, status_filters
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations
from tracker.reviews.queries.bars import STATES, Bar, progress_bar

MARKS = {
    "overdue": gettext_lazy("Overdue"),
    "slipped": gettext_lazy("Past first due date"),
    "no_owner": gettext_lazy("No owner"),
    "no_date": gettext_lazy("No due date"),
    "stale": format_lazy(gettext_lazy("No update for {days} days"), days=settings.STALE_DAYS),
    "at_risk": gettext_lazy("At risk"),
    "submitted": gettext_lazy("Waiting for review"),
    "signed_off": gettext_lazy("Signed off"),
}


@dataclass(frozen=True)
class Group:
    """A group of recommendations, by id in their order."""

    name: str
    words: str
    pks: tuple[int, ...]


@dataclass(frozen=True)
class Figures:
    """Counts of what is addressed to one organisation, equal to those of its list."""

    organisation: Organisation
    total: int
    marks: Mapping[str, int]
    bar: Bar


def in_scope(access: Access, organisation: Organisation) -> RecommendationQuerySet:
    """Recommendations addressed to it or below, or printed in a report on it or below; each once."""
    here = Q(addressee__path__startswith=organisation.path)
    reports = Q(inspection__organisation__path__startswith=organisation.path)
    return visible_recommendations(access).exclude_carried().filter(here | reports)


def groups(access: Access, organisation: Organisation) -> list[Group]:
    """Its own, those to the levels above in reports on it, and previous ones. Empty groups are left out. One query."""
    rows = in_scope(access, organisation).order_by("-inspection__published_to", "inspection", "position", "pk")
    found: dict[str, list[int]] = {"own": [], "above": [], "before": []}
    for pk, is_previous, path in rows.values_list("pk", "is_previous", "addressee__path"):
        own = "own" if path.startswith(organisation.path) else "above"
        found["before" if is_previous else own].append(pk)
    named = (
        ("own", _("Recommendations to %(name)s") % {"name": organisation}, ""),
        (
            "above",
            _("Recommendations to region or HMPPS"),
            _("In reports on %(name)s, addressed to other organisations.") % {"name": organisation},
        ),
        (
            "before",
            _("Previous recommendations"),
            _("From earlier inspections, listed in an annexe of the report."),
        ),
    )
    return [Group(name, words, tuple(found[key])) for key, name, words in named if found[key]]


def figures(access: Access, organisation: Organisation) -> list[Figures]:
    """Counts for each organisation at and below it to which anything is addressed. Two queries."""
    conditions: dict[str, Q] = {f"state_{name}": Q(progress=value) for name, (_label, value) in STATES.items()}
    conditions |= {name: q for name, q in status_filters(access.on).items() if name in MARKS}
    rows = visible_recommendations(access).exclude_carried().filter(addressee__path__startswith=organisation.path)
    counted = (
        rows.order_by()
        .values("addressee")
        .annotate(total=Count("pk"), **{name: Count("pk", filter=q) for name, q in conditions.items()})
    )
    known = {row["addressee"]: row for row in counted}
    places = Organisation.objects.filter(pk__in=known).order_by("path")
    return [_figures(place, known[place.pk]) for place in places]


def _figures(place: Organisation, row: Mapping[str, Any]) -> Figures:
    states = {name: row[f"state_{name}"] for name in STATES}
    bar = progress_bar(f"pack-{place.pk}", place, states)
    return Figures(place, row["total"], {name: row[name] for name in MARKS}, bar)


def reports(access: Access, organisation: Organisation) -> list[Inspection]:
    """Reports on it and on organisations below, newest first."""
    rows = visible_inspections(access).filter(organisation__path__startswith=organisation.path)
    return list(rows.select_related("organisation"))
