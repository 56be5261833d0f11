"""What owners and leads report."""

import datetime
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.history.models import FreeText
from tracker.history.operations import Actor, Operation, operation
from tracker.measures.models import Measure, NewReading
from tracker.measures.operations import give
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.evidence.operations import keep
from tracker.recommendations.measure.models import MeasureLink
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import lock_all, refuse_unless_open, update_and_record
from tracker.recommendations.recommendation.progress import Outlook, Speaker, went_down
from tracker.recommendations.update.models import Report, Update


def report(
    items: Sequence[Recommendation],
    said: Report,
    *,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
    offered: Sequence[Offered] = (),
    readings: Sequence[tuple[Measure, NewReading]] = (),
) -> list[Update]:
    """Send one update on one or more recommendations, on all or none.

    Each gets an update of its own, and all share the words and the evidence that is `offered` with them; a reading
    stands with those that its measure speaks for. A report that corrects an update given to several corrects that of
    each.
    """
    with operation(by=by, at=at, key=key) as op:
        held = _hold(items, [measure for measure, _new in readings])
        for item in held:
            _refuse_unless_open(item, one_of_several=len(held) > 1)
        words, why_late = op.words(said.what_changed), op.words(said.outlook_reason)
        given = [append_update(item, said, op=op, by=by, words=words, why_late=why_late) for item in held]
        keep(offered, held, op=op, by=by, update_of={update.recommendation_id: update for update in given})
        for measure, new in readings:
            _give(measure, new, given, op=op, by=by)
        return given


def _hold(items: Sequence[Recommendation], measures: Sequence[Measure]) -> list[Recommendation]:
    """These, and with them whatever else the measures speak for."""
    wanted = {item.pk for item in items}
    linked = MeasureLink.objects.filter(measure__in=measures).values_list("recommendation", flat=True)
    return [item for item in lock_all(wanted | set(linked)) if item.pk in wanted]


def _give(measure: Measure, new: NewReading, updates: Sequence[Update], *, op: Operation, by: Actor) -> None:
    """What is refused stands by `value_<pk>`, the field of that measure's box."""
    try:
        reading = give(measure, new, op=op, by=by)
    except ValidationError as error:
        box = f"value_{measure.pk}"
        refused = {box if name == "value" else name: said for name, said in error.message_dict.items()}
        raise ValidationError(refused) from error
    linked = set(measure.links.values_list("recommendation", flat=True))
    for update in updates:
        if update.recommendation_id in linked:
            update.readings.add(reading)


def _refuse_unless_open(item: Recommendation, *, one_of_several: bool) -> None:
    """Of several, the message names the one."""
    try:
        refuse_unless_open(item)
    except ValidationError as error:
        if not one_of_several:
            raise
        raise ValidationError([f"{item.title}: {message}" for message in error.messages]) from error


def append_update(
    item: Recommendation,
    report: Report,
    *,
    op: Operation,
    by: Actor,
    words: FreeText | None,
    why_late: FreeText | None = None,
) -> Update:
    """One update of a held and open row. `words` say what changed and, where progress went down, why.

    `why_late` goes with an outlook of at risk or will miss. An outlook that is not given stays as it was said last.
    """
    is_down = went_down(item.progress, report.progress)
    if words is None:
        missing = _("Enter why progress went down") if is_down else _("Enter what changed")
        raise ValidationError({"what_changed": missing})
    if report.outlook in (Outlook.AT_RISK, Outlook.WILL_MISS) and why_late is None:
        raise ValidationError({"outlook_reason": _("Enter a reason")})
    update = Update.objects.create(
        recommendation=item,
        author=by.user,
        speaker=Speaker.OWNER if op.is_by(item.owner_id, item) else Speaker.LEAD,
        at=op.at,
        day=op.day,
        progress=report.progress,
        what_changed=words,
        outlook=report.outlook,
        outlook_reason=why_late,
        went_down=is_down,
        corrects=_corrected(item, report.corrects),
    )
    outlook = {"outlook": report.outlook, "outlook_reason": why_late} if report.outlook else {}
    said = {"progress": report.progress, "reported_by": by.user, "reported_on": op.day, "quiet_since": op.day}
    update_and_record(item, op, "recommendation.reported", why=words, **said, **outlook)
    return update


def _corrected(item: Recommendation, mistaken: Update | None) -> Update | None:
    """The update of `item` that was mistaken: this one, or the one given together with it."""
    if mistaken is None or mistaken.recommendation_id == item.pk:
        return mistaken
    together = item.updates.filter(what_changed=mistaken.what_changed_id).first()
    if together is None:
        raise ValidationError(_("There is no update to correct on %(title)s") % {"title": item.title})
    return together
