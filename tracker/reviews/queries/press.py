"""What may be said of an inspection: HMIP's words, the plan as it was sent, and what was checked. Nothing else.

Names of people are nowhere asked for, and are left out of what people typed; what owners claim is not asked for either.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.measures.models import Measure, Reading
from tracker.measures.queries import latest_of, with_readings
from tracker.recommendations.measure.policies import visible_measures
from tracker.recommendations.models import Finding, MeasureLink, Recommendation, SentPlan
from tracker.recommendations.plan.policies import sees_plan
from tracker.recommendations.plan.sent import SentRow, sent_in_words
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations

ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True)
class SentWords:
    """What was sent of one recommendation, without whose it is. `actions` are (words, due, state when sent)."""

    response: str
    part: str
    reason: str
    due: str
    actions: list[tuple[str, str, str]]


@dataclass(frozen=True)
class PressFigure:
    """A measure with its latest reading; its words are without names."""

    name: str
    baseline: str
    baseline_place: str
    value: str
    as_of: Any
    source: str
    method: str
    caution: str


@dataclass(frozen=True)
class Said:
    """Of one recommendation. `checked` is the progress that a reviewer found, in words."""

    item: Recommendation
    findings: list[Finding]
    sent: SentWords | None
    checked: str
    figures: list[PressFigure]


@dataclass(frozen=True)
class Statement:
    inspection: Inspection
    sent_on: list[tuple[str, Any]]
    rows: list[Said]


def sayable_inspections(access: Access) -> QuerySet[Inspection]:
    """Published to everybody: what is under embargo is not there, also for those who may see it."""
    out = Q(embargo_until=None) | Q(embargo_until__lte=access.at)
    return visible_inspections(access).filter(out).select_related("organisation")


def statement(access: Access, inspection: Inspection) -> Statement:
    """The same number of queries for any number of recommendations."""
    nameless = _without_names()
    sayable = sayable_inspections(access).values("pk")
    items = visible_recommendations(access).in_report(inspection).filter(inspection__in=sayable)
    items = items.select_related("addressee").order_by("is_previous", "position", "pk")
    findings: dict[int, list[Finding]] = {}
    for finding in inspection.findings.all():
        findings.setdefault(finding.recommendation_id, []).append(finding)
    plans = _latest_plans(access, inspection)
    sent = {row.item.pk: _sent(row, nameless) for row in _rows_of(plans)}
    figures = _figures(access, [item.pk for item in items], nameless)
    rows = [
        Said(
            item,
            findings.get(item.pk, []),
            sent.get(item.pk),
            item.get_checked_progress_display() if item.checked_on else "",
            figures.get(item.pk, []),
        )
        for item in items
    ]
    return Statement(inspection, [(str(plan.plan.addressee), plan.day) for plan in plans], rows)


def _without_names() -> Callable[[object], str]:
    """Leaves out addresses and the full names of everybody with an account; one query."""
    names = {name.strip() for name in User.objects.order_by().values_list("name", flat=True) if " " in name.strip()}
    longest_first = sorted(names, key=len, reverse=True)

    def nameless(text: object) -> str:
        said = ADDRESS.sub(_("[address left out]"), str(text or ""))
        folded = said.casefold()
        for name in longest_first:
            if name.casefold() in folded:
                said = re.sub(re.escape(name), _("[name left out]"), said, flags=re.IGNORECASE)
        return said

    return nameless


def _latest_plans(access: Access, inspection: Inspection) -> list[SentPlan]:
    latest = SentPlan.objects.filter(plan__inspection=inspection).values("plan").annotate(last=Max("number"))
    wanted = Q(pk__in=[])
    for plan, number in latest.values_list("plan", "last"):
        wanted |= Q(plan=plan, number=number)
    rows = SentPlan.objects.filter(wanted).select_related("plan__addressee", "plan__inspection")
    return [sent for sent in rows.order_by("-plan__addressee__path") if sees_plan(access, sent.plan)]


def _rows_of(plans: list[SentPlan]) -> list[SentRow]:
    """Of all plans at once."""
    return sent_in_words(SentPlan(content=[row for plan in plans for row in plan.content]))


def _sent(row: SentRow, nameless: Callable[[object], str]) -> SentWords:
    actions = [(nameless(step.text), step.due, step.state) for step in row.actions]
    return SentWords(row.response, nameless(row.part), nameless(row.reason), row.due, actions)


def _figures(access: Access, items: list[int], nameless: Callable[[object], str]) -> dict[int, list[PressFigure]]:
    out = Q(inspection=None) | Q(inspection__in=sayable_inspections(access).values("pk"))
    links = MeasureLink.objects.filter(recommendation__in=items).order_by("measure")
    pairs = list(links.values_list("recommendation", "measure"))
    rows = visible_measures(access).filter(out, pk__in={measure for _item, measure in pairs})
    told = {one.pk: _figure(one, latest_of(one), nameless) for one in with_readings(rows)}
    found: dict[int, list[PressFigure]] = {}
    for item, measure in pairs:
        if figure := told.get(measure):
            found.setdefault(item, []).append(figure)
    return found


def _figure(measure: Measure, reading: Reading | None, nameless: Callable[[object], str]) -> PressFigure | None:
    """None if there is neither a figure nor a printed baseline."""
    has_baseline = measure.baseline_value is not None
    if reading is None and not has_baseline:
        return None
    if reading is not None:
        reading.measure = measure
    return PressFigure(
        name=nameless(measure.name),
        baseline=measure.baseline_in_words if has_baseline else "",
        baseline_place=nameless(measure.baseline_place),
        value=reading.in_words if reading else "",
        as_of=reading.as_of if reading else None,
        source=nameless(reading.source) if reading else "",
        method=nameless(reading.method) if reading else "",
        caution=nameless(reading.caution if reading else measure.caution),
    )
