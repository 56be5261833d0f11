"""Later due dates that were asked for, as a part of a recommendation's page and as what waits."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.policies import Access
from tracker.recommendations.decision.policies import (
    can_correct_date,
    can_extend,
    decides,
    decides_nationally,
    pending_review_for,
    reviewable_by,
)
from tracker.recommendations.due.models import Extension
from tracker.recommendations.due.policies import can_ask_extension, can_withdraw_extension, extension_deciders
from tracker.recommendations.recommendation.drafts import decided_extensions
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.progress import DateSetBy
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.recommendation.status_filters import is_open

State = Extension.State

# How many are shown before the others are folded.
NEWEST = 3


@dataclass(frozen=True)
class Extensions:
    """All that was asked, the newest first."""

    rows: list[Extension]

    @property
    def granted(self) -> int:
        return sum(row.state == State.GRANTED for row in self.rows)

    @property
    def asked(self) -> Extension | None:
        """The one that waits for a decision."""
        return next((row for row in self.rows if row.state == State.ASKED), None)


def extensions_of(item: Recommendation, access: Access) -> Extensions:
    """Those that the person sees. One query."""
    rows = decided_extensions(access, item.extensions.all()).select_related(
        "asked_by", "reason", "decided_by", "decision"
    )
    return Extensions(list(rows.order_by("-pk")))


def section(access: Access, item: Recommendation) -> Section | None:
    found = extensions_of(item, access)
    is_open = item.status == Recommendation.Status.OPEN and item.carried_by_id is None
    leads = is_open and can_ask_extension(access, item)
    can_correct = is_open and can_correct_date(access, item)
    if not found.rows and not leads and not can_correct:
        return None
    asked = found.asked if is_open else None
    return Section(
        name="extensions",
        noun="due",
        title=_("Extensions"),
        summary=_summary(found),
        data={
            "newest": found.rows[:NEWEST],
            "older": found.rows[NEWEST:],
            "asked": asked,
            "waits_with": extension_deciders(access, item) if asked else None,
            "can_ask": leads and asked is None and item.original_due_on is not None,
            "can_set_due": leads,
            "can_withdraw": asked is not None and can_withdraw_extension(access, asked),
            "can_correct": can_correct,
            "can_decide": asked is not None and can_extend(access, item),
        },
        is_open=asked is not None,
    )


def _summary(found: Extensions) -> str:
    parts = [_("requested, not decided yet")] if found.asked else []
    if found.granted:
        parts.append(ngettext("%(n)s granted", "%(n)s granted", found.granted) % {"n": found.granted})
    return ", ".join(parts)


def visible_extensions(access: Access) -> QuerySet[Extension]:
    rows = Extension.objects.filter(recommendation__in=visible_recommendations(access))
    return decided_extensions(access, rows).select_related("recommendation", "asked_by", "reason", "decided_by")


def extensions_waiting(access: Access) -> list[Extension]:
    """Those that wait for this person to decide, the one asked for first at the top. A constant number of queries."""
    if not decides(access):
        return []
    theirs = pending_review_for(access) & Q(due_set_by=DateSetBy.LEAD)
    if decides_nationally(access):
        # A date that HMPPS or the report set is extended there only, whoever is nearer.
        theirs |= reviewable_by(access) & ~Q(due_set_by=DateSetBy.LEAD)
    items = visible_recommendations(access).filter(theirs, is_open())
    rows = Extension.objects.filter(state=State.ASKED, recommendation__in=items).order_by("asked_at", "pk")
    shown = ("inspection__organisation", "addressee", "owner")
    return list(rows.select_related(*(f"recommendation__{name}" for name in shown), "asked_by", "reason"))
