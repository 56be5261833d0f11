"""Progress by source: as reported by the owner, checked by a reviewer, and rated by HMIP. Never merged."""

from dataclasses import dataclass

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation
from tracker.recommendations.decision.models import Check
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import RANK, Progress
from tracker.recommendations.recommendation.queries import covered_for
from tracker.recommendations.timeline.queries import in_place
from tracker.recommendations.update.models import Update


@dataclass(frozen=True)
class Voice:
    """`value` is one of Progress and `word` as it is read; without a speaker nobody has spoken yet."""

    title: str
    nobody: str
    value: str = ""
    word: str = ""
    speaker: str = ""
    day: str = ""
    how: str = ""
    words: str = ""


@dataclass(frozen=True)
class Voices:
    """The three side by side, with the differences in words."""

    owner: Voice
    reviewer: Voice
    hmip: Voice
    gaps: list[str]

    @property
    def all(self) -> tuple[Voice, Voice, Voice]:
        return self.owner, self.reviewer, self.hmip


def voices(item: Recommendation) -> Voices:
    """Two queries, where the findings are fetched with `item`."""
    update = item.updates.select_related("author", "what_changed").first()
    check = item.checks.select_related("reviewer", "found").annotate(covered_for=covered_for("found")).first()
    return voices_from(item, update, check)


def voices_from(item: Recommendation, update: Update | None, check: Check | None) -> Voices:
    """The same of the latest update and check at hand, without a query where the findings are fetched with `item`."""
    findings = sorted(item.findings.all(), key=lambda one: (one.inspection.published_to, one.pk))
    finding = findings[-1] if findings else None
    return Voices(_owner(item, update), _reviewer(item, check), _hmip(finding), _gaps(item, check, finding))


def _owner(item: Recommendation, update: Update | None) -> Voice:
    title, nobody = _("Reported by owner"), _("No update yet")
    if not item.progress or item.reported_on is None:
        return Voice(title, nobody)
    return Voice(
        title,
        nobody,
        value=item.progress,
        word=item.get_progress_display(),
        speaker=item.speaker,
        day=format_date(item.reported_on, "j F Y"),
        words=str(update.what_changed) if update else "",
    )


def _reviewer(item: Recommendation, check: Check | None) -> Voice:
    is_checked_by_region = item.addressee.kind == Organisation.Kind.PDU
    title = _("Checked by region") if is_checked_by_region else _("Checked by HMPPS")
    nobody = _("Not checked yet")
    if check is None:
        return Voice(title, nobody)
    return Voice(
        title,
        nobody,
        value=check.progress,
        word=check.get_progress_display(),
        speaker=_("Checked by %(name)s") % {"name": in_place(check.reviewer.name, getattr(check, "covered_for", None))},
        day=format_date(check.day, "j F Y"),
        how=check.how,
        words=str(check.found),
    )


def _hmip(finding: Finding | None) -> Voice:
    title, nobody = _("HMIP found"), _("Not rated by HMIP yet")
    if finding is None:
        return Voice(title, nobody)
    return Voice(
        title,
        nobody,
        value=finding.progress,
        word=finding.progress_printed or _("No rating in the report"),
        speaker=_("HMIP found"),
        day=finding.inspection.published,
        words=finding.text,
    )


def _gaps(item: Recommendation, check: Check | None, finding: Finding | None) -> list[str]:
    found = [_between_owner_and_reviewer(item, check)]
    if finding is None or not finding.progress:
        return found
    # The reviewer's progress comes before the owner's.
    latest, day = (check.progress, check.day) if check else (item.progress, item.reported_on)
    if not latest or day is None or day <= finding.inspection.published_to:
        found.append(_("No update or check since the inspection."))
    elif _rank(latest) == _rank(finding.progress):
        found.append(_("No change since the inspection."))
    elif _rank(latest) > _rank(finding.progress):
        found.append(_("Improved since the inspection.") if check else _("Reported as improved since the inspection."))
    else:
        found.append(_("Lower than at the inspection."))
    return found


def _between_owner_and_reviewer(item: Recommendation, check: Check | None) -> str:
    if not item.progress or item.reported_on is None:
        return _("Checked, but no update yet.") if check else _("No update and no check yet.")
    if check is None:
        return _("Reported by owner, not yet checked.")
    if _rank(item.progress) > _rank(check.progress):
        if item.reported_on > check.day:
            return _("Reported progress is higher than the last check.")
        return _("The last check found less progress than reported.")
    if _rank(item.progress) < _rank(check.progress):
        return _("Reported progress is lower than the last check.")
    return _("The update and the check agree.")


def _rank(progress: str) -> int:
    return RANK[Progress(progress)]
