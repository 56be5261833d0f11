"""What owners and leads report."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.history.models import Words
from tracker.history.operations import Operation
from tracker.recommendations.models import Outlook, Recommendation, Report, Speaker, Update, went_down
from tracker.recommendations.operations.verb import alter


def append_update(
    item: Recommendation, report: Report, *, op: Operation, by: User, words: Words | None, why_late: Words | None = None
) -> Update:
    """One update of a held and open row. `words` say what changed and, where progress went down, why.

    `why_late` goes with an outlook of at risk or will miss. An outlook that is not given stays as it was said last.
    """
    if words is None:
        raise ValidationError({"what_changed": _("Say in one line what changed.")})
    if report.outlook in (Outlook.AT_RISK, Outlook.WILL_MISS) and why_late is None:
        raise ValidationError({"outlook_reason": _("Say in one line why.")})
    update = Update.objects.create(
        recommendation=item,
        author=by,
        speaker=Speaker.OWNER if item.owner_id == by.pk else Speaker.LEAD,
        at=op.at,
        day=op.day,
        progress=report.progress,
        what_changed=words,
        outlook=report.outlook,
        outlook_reason=why_late,
        went_down=went_down(item.progress, report.progress),
        corrects=report.corrects,
    )
    outlook = {"outlook": report.outlook, "outlook_reason": why_late} if report.outlook else {}
    alter(
        item,
        op,
        "recommendation.reported",
        why=words,
        progress=report.progress,
        reported_by=by,
        reported_on=op.day,
        quiet_since=op.day,
        **outlook,
    )
    return update
