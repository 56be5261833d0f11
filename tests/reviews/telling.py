"""Recommendations in number with a history of many months: events in a row, each with all that is tracked."""

import datetime
import random
import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from tests.base import TODAY
from tests.factories import put
from tracker.accounts.models import Organisation, User
from tracker.history.models import Event
from tracker.history.operations import snapshot
from tracker.inspections.models import Inspection
from tracker.recommendations.models import Progress, Recommendation

Status = Recommendation.Status
MOVES = (Status.OPEN, Status.OPEN, Status.OPEN, Status.SUBMITTED, Status.SIGNED_OFF, Status.NO_LONGER_APPLIES)
VERBS = {
    Status.SUBMITTED: "recommendation.submitted",
    Status.SIGNED_OFF: "recommendation.signed_off",
    Status.NO_LONGER_APPLIES: "recommendation.closed",
}


def with_history(
    seed: int,
    inspection: Inspection,
    addressees: Sequence[Organisation],
    people: Sequence[User],
    count: int,
    *,
    begin: datetime.date,
    most: int = 6,
) -> list[Recommendation]:
    """Loaded between `begin` and today, each changed up to `most` times since, as the dice of one seed fall."""
    dice, days, told = random.Random(seed), (TODAY - begin).days, []
    first = inspection.recommendations.count() + 1
    rows = [_printed(inspection, number, dice.choice(addressees), begin) for number in range(first, first + count)]
    for item in rows:
        when = sorted(dice.randint(0, days) for _ in range(dice.randint(1, most)))
        for turn, offset in enumerate(when):
            day = begin + datetime.timedelta(days=offset)
            verb = _change(item, day, people, dice) if turn else "recommendation.printed"
            told.append((day, verb, item, snapshot(item), dice.choice(people)))
        item.version = len(when)
    # Made only now, as they stand in the end: to write so many rows twice takes minutes.
    Recommendation.objects.bulk_create(rows)
    before: dict[int, Any] = {}
    events = []
    for day, verb, item, after, by in sorted(told, key=lambda one: one[0]):
        old = before.get(item.pk, {})
        changes = {name: [old.get(name), new] for name, new in after.items() if old.get(name) != new}
        events.append(_event(item, by, day, verb, changes, after))
        before[item.pk] = after
    Event.objects.bulk_create(events, batch_size=2000)
    return rows


def _printed(inspection: Inspection, number: int, addressee: Organisation, on: datetime.date) -> Recommendation:
    return Recommendation(
        inspection=inspection,
        number=str(number),
        position=number,
        addressee=addressee,
        addressee_printed=addressee.name,
        text=f"keep promise {number}",
        quiet_since=on,
    )


def _change(item: Recommendation, day: datetime.date, people: Sequence[User], dice: random.Random) -> str:
    what = dice.choice(("plan", "plan", "report", "report", "move"))
    if what == "plan":
        item.owner = dice.choice([*people, item.owner])
        item.due_on = day + datetime.timedelta(days=dice.randint(-40, 120))
        item.original_due_on = item.original_due_on or (item.due_on if dice.random() < 0.7 else None)
        return "recommendation.planned"
    if what == "report":
        item.progress, item.reported_by, item.reported_on = dice.choice(Progress.values[1:]), people[0], day
        return "recommendation.reported"
    was, status = item.status, dice.choice(MOVES)
    item.submitted_by, item.submitted_on = None, None
    accepted = item.accepted_on
    put(item, status, people[0], day)
    item.accepted_on = accepted or item.accepted_on
    reopened = "recommendation.planned" if was == Status.OPEN else "recommendation.reopened"
    return VERBS.get(Status(status), reopened)


def _event(item: Recommendation, by: User, day: datetime.date, verb: str, changes: Any, after: Any) -> Event:
    return Event(
        operation_id=uuid.uuid4(),
        actor=by,
        at=datetime.datetime.combine(day, datetime.time(12), tzinfo=settings.LONDON),
        day=day,
        verb=verb,
        subject_type="recommendation",
        subject_id=item.pk,
        changes=changes,
        after=after,
        **item.audit_scope(),
    )
