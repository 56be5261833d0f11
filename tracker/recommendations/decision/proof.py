"""What must be there before a recommendation is submitted."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership
from tracker.history.models import Event
from tracker.measures.models import Reading
from tracker.recommendations.action.models import Action
from tracker.recommendations.decision.models import Submission
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Progress
from tracker.web.workingdays import months_after

# How old evidence and figures may be when nothing was returned.
PROOF_MONTHS = 3


@dataclass(frozen=True)
class Precondition:
    """`name` is owner, report or proof; `missing` says what to do where it is not met."""

    name: str
    says: str
    is_met: bool
    missing: str


def preconditions(item: Recommendation, on: datetime.date) -> list[Precondition]:
    """All of them, met or not. A handful of queries."""
    return [_owner(item, on), _report(item), _proof(item, on)]


def lacking(item: Recommendation, on: datetime.date) -> list[Precondition]:
    return [one for one in preconditions(item, on) if not one.is_met]


def _owner(item: Recommendation, on: datetime.date) -> Precondition:
    is_met = (
        item.owner_id is not None and Membership.objects.may_own_recommendations(on).filter(user=item.owner_id).exists()
    )
    missing = _("There is no owner. Set an owner.")
    if item.owner is not None and not is_met:
        missing = _("%(name)s, the owner, can no longer own this. Set an owner.") % {"name": item.owner}
    return Precondition("owner", _("Has an owner"), is_met, missing)


def _report(item: Recommendation) -> Precondition:
    latest = item.updates.first()
    is_met = item.progress == Progress.SUFFICIENT and latest is not None and latest.progress == Progress.SUFFICIENT
    missing = _("There is no update yet. Send an update.")
    if item.progress:
        missing = _("The latest update is “%(progress)s”. Send an update of “Sufficient progress” first.") % {
            "progress": item.get_progress_display()
        }
    return Precondition("report", _("Latest update is “Sufficient progress”"), is_met, missing)


def _proof(item: Recommendation, on: datetime.date) -> Precondition:
    evidence, readings = evidence_of(item).filter(speaks_of__lte=on), readings_of(item).filter(as_of__lte=on)
    returned_at = last_returned_at(item)
    if returned_at is not None:
        words = {"day": format_date(returned_at.astimezone(settings.LONDON), "j F Y")}
        is_met = evidence.filter(at__gt=returned_at).exists() or readings.filter(at__gt=returned_at).exists()
        says = _("Evidence, or a figure, added since it was returned on %(day)s") % words
        missing = _("No evidence or figure was added since it was returned on %(day)s. Add evidence or a figure.")
        return Precondition("proof", says, is_met, missing % words)
    first = months_after(on, -PROOF_MONTHS)
    words = {"day": format_date(first, "j F Y")}
    is_met = evidence.filter(speaks_of__gte=first).exists() or readings.filter(as_of__gte=first).exists()
    says = _("Evidence, or a figure, dated since %(day)s") % words
    missing = _("There is no evidence or figure dated since %(day)s. Add evidence or a figure.")
    return Precondition("proof", says, is_met, missing % words)


def last_returned_at(item: Recommendation) -> datetime.datetime | None:
    """When the last decided submission was returned; None if there is none, or it was signed off."""
    decided = item.submissions.filter(outcome__in=(Submission.Outcome.RETURNED, Submission.Outcome.SIGNED_OFF))
    last = decided.order_by("-pk").values_list("outcome", flat=True).first()
    if last != Submission.Outcome.RETURNED:
        return None
    events = Event.objects.filter(recommendation_id=item.pk, verb="recommendation.returned")
    return events.order_by("-pk").values_list("at", flat=True).first()


def open_actions(item: Recommendation) -> list[Action]:
    """Its actions that are neither done nor dropped, the earliest due first. They carry on after a sign-off."""
    rows = item.actions.filter(state=Action.State.OPEN).select_related("words", "owner")
    return list(rows.order_by(F("due_on").asc(nulls_last=True), "pk"))


def evidence_of(item: Recommendation) -> QuerySet[Evidence]:
    """What can be read and counts: neither withdrawn nor removed, and no virus in it."""
    return item.evidence.filter(withdrawn_on=None, is_removed=False).exclude(scan=Evidence.Scan.INFECTED)


def readings_of(item: Recommendation) -> QuerySet[Reading]:
    """Values of its measures; where a later reading took the place of one, the later. None where it has no value."""
    rows = Reading.objects.filter(measure__in=item.measure_links.values("measure"))
    later = Reading.objects.filter(Q(measure=OuterRef("measure"), as_of=OuterRef("as_of"), pk__gt=OuterRef("pk")))
    return rows.filter(~Exists(later), value__isnull=False)
