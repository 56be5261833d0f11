"""The measures of a recommendation, and the figures an analyst has to supply."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, MeasureQuerySet, Reading
from tracker.measures.policies import supplied
from tracker.measures.queries import Chart, Row, chart_of, rows_of, with_readings
from tracker.recommendations.measure.forms import Box
from tracker.recommendations.measure.policies import can_add_measure, visible_measures
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.section import Section

# How many rows of a table are shown before the others are folded.
NEWEST = 4


@dataclass(frozen=True)
class Shown:
    """One measure with all that its table and chart show."""

    measure: Measure
    rows: list[Row]
    chart: Chart | None

    @property
    def latest(self) -> Reading | None:
        return self.rows[0].reading if self.rows else None

    @property
    def newest(self) -> list[Row]:
        return self.rows[:NEWEST]

    @property
    def older(self) -> list[Row]:
        return self.rows[NEWEST:]


def shown(measure: Measure) -> Shown:
    """`measure` comes with its readings. No query."""
    rows = rows_of(measure)
    for row in rows:
        row.reading.measure = measure
    return Shown(measure, rows, chart_of(measure))


def measures_of(access: Access, item: Recommendation) -> list[Shown]:
    """Two queries, however many there are. None that a report prints which the person may not see yet."""
    rows = Measure.objects.filter(may_be_seen(access, "inspection__"), links__recommendation=item)
    return [shown(one) for one in with_readings(rows).order_by("pk")]


def section(access: Access, item: Recommendation) -> Section | None:
    measures = measures_of(access, item)
    current = [one for one in measures if one.measure.ended_on is None]
    is_open = item.status == Recommendation.Status.OPEN
    data: dict[str, Any] = {
        "current": current,
        "ended": [one for one in measures if one.measure.ended_on is not None],
        "can_add": is_open and can_add_measure(access, item),
        # Only where somebody has read the report for figures can it be said that it prints none.
        "prints_none": not measures and Measure.objects.filter(inspection=item.inspection_id, is_ours=True).exists(),
    }
    return Section(name="measures", noun="measure", title=_("Measures"), summary=_summary(current), data=data)


def _summary(current: list[Shown]) -> str:
    if not current:
        return _("none")
    given = sum(one.latest is not None for one in current)
    count = ngettext("%(n)s measure", "%(n)s measures", len(current)) % {"n": len(current)}
    return _("%(count)s, %(given)s with a figure") % {"count": count, "given": given}


def measures_seen(access: Access) -> MeasureQuerySet:
    return with_readings(visible_measures(access))


def spoken_for(access: Access, measure: Measure) -> list[Recommendation]:
    """Which recommendations, as far as the person sees them."""
    rows = visible_recommendations(access).filter(measure_links__measure=measure)
    return list(rows.select_related("inspection__organisation", "addressee"))


def led_through(access: Access, measure: Measure) -> Recommendation:
    """A recommendation through which the person may change the measure."""
    rows = Recommendation.objects.filter(measure_links__measure=measure, addressee__in=access.led_ids)
    return rows.select_related("addressee").order_by("pk")[0]


def linkable(access: Access, item: Recommendation) -> MeasureQuerySet:
    """Current ones that the person sees and that do not speak for it yet; those of the same report first."""
    rows = visible_measures(access).current().exclude(links__recommendation=item)
    is_here = Case(When(inspection=item.inspection_id, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(is_here, "name", "pk")


def names_of(*ids: int | None) -> dict[int, str]:
    return dict(User.objects.filter(pk__in={pk for pk in ids if pk is not None}).values_list("pk", "name"))


def boxes_for(access: Access) -> list[Box]:
    """Everything the person supplies, what is wanted this month first. Three queries."""
    month = access.on.replace(day=1)
    rows = [shown(one) for one in with_readings(supplied(access)).order_by("pk")]
    boxes = [
        Box(
            measure=one.measure,
            latest=one.latest,
            is_wanted=one.measure.next_on is None or one.measure.next_on <= month,
            last_method=one.latest.method if one.latest else one.measure.baseline_method,
        )
        for one in rows
    ]
    return sorted(boxes, key=lambda box: not box.is_wanted)


def figures_to_supply(access: Access) -> MeasureQuerySet:
    """Those of which a reading is wanted from this person this month."""
    if not access.may_own:
        return Measure.objects.none()
    return supplied(access).wanted(month=access.on.replace(day=1))
