"""Holding what a report prints: its recommendations, and its findings about earlier ones."""

from typing import Any

from tracker.accounts.models import Organisation
from tracker.history.operations import Operation, snapshot
from tracker.inspections.models import Inspection
from tracker.inspections.queries import is_under_embargo
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.queries import RATED_EARLY


def print_in(inspection: Inspection, *, op: Operation, **printed: Any) -> Recommendation:
    """Add a recommendation as printed in a report, without owner or due date."""
    recommendation = Recommendation.objects.create(
        inspection=inspection, quiet_since=max(inspection.published_to, op.day), **printed
    )
    op.record("recommendation.printed", recommendation)
    return recommendation


def find_about(recommendation: Recommendation, inspection: Inspection, *, op: Operation, **printed: Any) -> Finding:
    """Add an inspection's finding about a recommendation that is already here."""
    finding = Finding.objects.create(recommendation=recommendation, inspection=inspection, **printed)
    verb = RATED_EARLY if is_under_embargo(inspection, op.at) else "recommendation.rated"
    op.record(verb, recommendation, before=snapshot(recommendation))
    return finding


def held_previous(addressee: Organisation, text: str, *, but_of: Inspection) -> Recommendation | None:
    """The recommendation with this addressee and exactly this text, if there is one.

    One that the report `but_of` makes itself, in the same words again, is a new one and not meant.
    """
    held = Recommendation.objects.filter(addressee=addressee, text=text)
    return held.exclude(inspection=but_of, is_previous=False).order_by("pk").first()
