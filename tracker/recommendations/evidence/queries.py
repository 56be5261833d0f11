"""What supports it, as a part of its page."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.evidence.policies import can_add_evidence, can_ask_removal, can_withdraw_evidence
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.section import Section

FOLDED_AFTER = 5

KINDS = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel", "csv": "CSV", "txt": "Text", "png": "PNG", "jpg": "JPG"}


@dataclass(frozen=True)
class EvidenceRow:
    """`why_withdrawn` is empty unless it is withdrawn."""

    evidence: Evidence
    kind: str
    host: str
    why_withdrawn: str
    can_withdraw: bool


def section(access: Access, item: Recommendation) -> Section | None:
    """One query, and one more where something is withdrawn."""
    found = item.evidence.select_related("caption", "author", "withdrawn_by")
    rows = rows_of(access, item, list(found.order_by("-speaks_of", "-pk")))
    held = [row.evidence for row in rows if row.evidence.withdrawn_on is None and not row.evidence.is_removed]
    if held:
        newest = format_date(held[0].speaks_of, "j F Y")
        summary = _("%(count)s, latest %(day)s") % {"count": len(held), "day": newest}
    else:
        summary = _("none")
    data = {
        "rows": rows[:FOLDED_AFTER],
        "more": rows[FOLDED_AFTER:],
        "can_add": item.status == Recommendation.Status.OPEN and can_add_evidence(access, item),
        "can_ask_removal": can_ask_removal(access, item),
    }
    return Section("evidence", _("Evidence"), summary, data)


def rows_of(access: Access, item: Recommendation, found: list[Evidence]) -> list[EvidenceRow]:
    withdrawn = [one.pk for one in found if one.withdrawn_on is not None]
    reasons: dict[int, str] = {}
    if withdrawn:
        events = Event.objects.filter(subject_type="evidence", subject_id__in=withdrawn, verb="evidence.withdrawn")
        reasons = dict(events.values_list("subject_id", "why__text"))
    is_open = item.status == Recommendation.Status.OPEN
    rows = []
    for one in found:
        one.recommendation = item
        can_withdraw = is_open and one.withdrawn_on is None and not one.is_removed
        rows.append(
            EvidenceRow(
                one,
                KINDS.get(one.kind, ""),
                urlsplit(one.link).hostname or "",
                reasons.get(one.pk) or "",
                can_withdraw and can_withdraw_evidence(access, one),
            )
        )
    return rows
