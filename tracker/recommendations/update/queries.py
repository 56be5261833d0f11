"""What was reported, as a part of its page, and what else one report may be given to."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, Reading
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_report, owned
from tracker.recommendations.recommendation.queries import covered_for
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.update.models import Update
from tracker.recommendations.update.policies import can_correct

NEWEST = 3

MOST_OTHERS = 60


@dataclass(frozen=True)
class Reported:
    """One update as the page shows it."""

    update: Update
    corrected_by: Update | None
    can_correct: bool


def section(access: Access, item: Recommendation) -> Section | None:
    """The same number of queries for any number of updates."""
    may_report = item.status == Recommendation.Status.OPEN and can_report(access, item)
    reported = [_reported(access, item, update, may_report=may_report) for update in updates_of(item)]
    summary = ngettext("%(count)s update", "%(count)s updates", len(reported)) % {"count": len(reported)}
    return Section(
        name="update",
        title=_("Updates"),
        summary=summary if reported else _("none yet"),
        data={"newest": reported[:NEWEST], "earlier": reported[NEWEST:], "can_report": may_report},
    )


def _reported(access: Access, item: Recommendation, update: Update, *, may_report: bool) -> Reported:
    newest = max(update.corrected_by.all(), key=lambda other: other.pk, default=None)
    return Reported(update, newest, may_report and newest is None and can_correct(access, item, update))


def updates_of(item: Recommendation) -> list[Update]:
    """The newest first, with all that was given with each."""
    evidence = Evidence.objects.select_related("caption").order_by("pk")
    readings = Reading.objects.select_related("measure", "caution").order_by("measure", "pk")
    rows = item.updates.select_related("author", "what_changed", "outlook_reason", "corrects")
    rows = rows.annotate(covered_for=covered_for("what_changed"))
    return list(
        rows.prefetch_related(
            "corrected_by", Prefetch("readings", queryset=readings), Prefetch("evidence", queryset=evidence)
        )
    )


def reportable_measures(access: Access, item: Recommendation) -> list[Measure]:
    """The figures that speak for it and are still wanted; none of a report that the person may not see yet."""
    rows = Measure.objects.current().filter(may_be_seen(access, "inspection__"), links__recommendation=item)
    return list(rows.order_by("pk"))


def also_reportable(access: Access, item: Recommendation, corrects: Update | None = None) -> list[Recommendation]:
    """The others that this person may give the same report to, those of the same inspection first.

    Where it corrects an update, those that the mistaken one was given to as well.
    """
    mine = owned(access) | Q(addressee__in=access.led_ids)
    rows = Recommendation.objects.open().filter(may_be_seen(access, "inspection__"), mine).exclude(pk=item.pk)
    if corrects is not None:
        rows = rows.filter(updates__what_changed=corrects.what_changed_id)
    found = list(
        rows.select_related("inspection__organisation").order_by("inspection", "is_previous", "position")[:MOST_OTHERS]
    )
    return sorted(found, key=lambda other: other.inspection_id != item.inspection_id)
