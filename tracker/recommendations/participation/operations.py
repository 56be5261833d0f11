"""Writes who has had a part, with the event that shows it."""

import datetime
from collections.abc import Iterable

from django.conf import settings

from tracker.accounts.models import Membership
from tracker.history.models import Event, Tracked
from tracker.history.operations import Operation
from tracker.measures.models import Measure, Reading
from tracker.recommendations.action.models import Action
from tracker.recommendations.participation.models import Part, Participation
from tracker.recommendations.participation.parts import PARTS, parts_in
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.recommendation.models import Recommendation

Found = tuple[int, Part, datetime.date, datetime.datetime]


def write_parts(op: Operation, event: Event, subject: Tracked) -> None:
    """For every event that is recorded. Raises ValueError for a verb of which nobody has said what part it gives."""
    if event.verb not in PARTS:
        raise ValueError(f"{event.verb} is not in participation/parts.py")
    if isinstance(subject, Membership):
        _write_lead(subject, event)
    elif found := parts_of(event):
        write(touched(subject), found)


def parts_of(event: Event) -> list[Found]:
    people = (event.actor_id, event.in_place_of_id)
    found = parts_in(event.verb, event.subject_type, people, event.changes)
    return [(person, part, event.day, event.at) for person, part in found]


def touched(subject: Tracked) -> list[int]:
    """The recommendations that a verb about this subject is about."""
    if isinstance(subject, Action):
        return list(subject.recommendations.values_list("pk", flat=True))
    if isinstance(subject, Measure | Reading):
        measure = subject if isinstance(subject, Measure) else subject.measure
        return list(measure.links.values_list("recommendation", flat=True))
    if isinstance(subject, ActionPlan):
        printed = Recommendation.objects.in_report(subject.inspection)
        return list(printed.filter(addressee=subject.addressee_id).values_list("pk", flat=True))
    item = subject.audit_scope().get("recommendation_id")
    return [item] if item else []


def write(items: Iterable[int], found: Iterable[Found]) -> None:
    latest = {
        (item, person, part, day): at
        for person, part, day, at in sorted(found, key=lambda one: one[3])
        for item in items
    }
    Participation.objects.bulk_create(
        [
            Participation(recommendation_id=item, person_id=person, part=part, day=day, at=at)
            for (item, person, part, day), at in sorted(latest.items())
        ],
        update_conflicts=True,
        unique_fields=["recommendation", "person", "part", "day"],
        update_fields=["at"],
    )


def carry_parts(subject: Tracked, items: Iterable[int]) -> None:
    """Whoever had a part by this subject has it in what it is linked to from now on, at the times when they had it."""
    events = Event.objects.about(subject)
    if isinstance(subject, Measure):
        readings = Event.objects.filter(subject_type="reading", subject_id__in=subject.readings.values("pk"))
        events = events | readings
    write(list(items), [found for event in events for found in parts_of(event)])


def _write_lead(role: Membership, event: Event) -> None:
    """While a lead leads, the role bars; when it ends, now or on a day that is known, what they led still does."""
    if role.role != Membership.Role.LEAD or role.ends_on is None:
        return
    led = list(Recommendation.objects.filter(addressee=role.organisation_id).values_list("pk", flat=True))
    day = min(role.ends_on, event.day) if event.verb == "role.ended" else role.ends_on
    Participation.objects.filter(person=role.user_id, part=Part.LED, recommendation__in=led, day__gt=day).delete()
    at = event.at if day <= event.day else datetime.datetime.combine(day, datetime.time.min, tzinfo=settings.LONDON)
    write(led, [(role.user_id, Part.LED, day, at)])
