"""Recommendations in number with a history of many months: events in a row, each with all that is tracked."""

import datetime
import random
import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from tests.base import TODAY
from tests.factories import put, scattered
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
    dice, days = random.Random(seed), (TODAY - begin).days
    rows = scattered(seed, inspection, addressees, people, count)
    events: list[Event] = []
    for item in rows:
        item.carried_by = None
        _as_printed(item)
        when = sorted(dice.randint(0, days) for _ in range(dice.randint(1, most)))
        before: dict[str, Any] = {}
        for turn, offset in enumerate(when):
            day = begin + datetime.timedelta(days=offset)
            verb = _change(item, day, people, dice) if turn else "recommendation.printed"
            after = snapshot(item)
            changes = {name: [before.get(name), new] for name, new in after.items() if before.get(name) != new}
            events.append(_event(item, dice.choice(people), day, verb, changes, after))
            before = after
        item.version = len(when)
    Recommendation.objects.bulk_update(rows, [name.removesuffix("_id") for name in Recommendation.TRACKED])
    Event.objects.bulk_create(sorted(events, key=lambda event: event.at))
    return rows


def _as_printed(item: Recommendation) -> None:
    nothing = ("owner", "due_on", "original_due_on", "reported_by", "reported_on", "submitted_by", "submitted_on")
    for name in (*nothing, "signed_off_by", "signed_off_on", "accepted_on", "superseded_by"):
        setattr(item, name, None)
    item.progress, item.outlook, item.status = "", "", Status.OPEN


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
        **item.standing(),
    )
