"""Writes who has had a part from all events so far, and marks the decisions that one person took alone."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F

from tracker.recommendations.participation.parts import PARTS, parts_in

BATCH = 5_000


def fill(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows: dict[tuple[int, int, str, datetime.date], datetime.datetime] = {}
    for item, person, part, day, at in _all_parts(apps):
        key = (item, person, part, day)
        rows[key] = max(at, rows.get(key, at))
        if len(rows) == BATCH:
            _write(apps, rows)
    _write(apps, rows)


def _write(apps: Any, rows: dict[tuple[int, int, str, datetime.date], datetime.datetime]) -> None:
    model = apps.get_model("recommendations", "Participation")
    model.objects.bulk_create(
        [
            model(recommendation_id=item, person_id=person, part=part, day=day, at=at)
            for (item, person, part, day), at in rows.items()
        ],
        update_conflicts=True,
        unique_fields=["recommendation", "person", "part", "day"],
        update_fields=["at"],
    )
    rows.clear()


Row = tuple[int, int, str, datetime.date, datetime.datetime]


def _all_parts(apps: Any) -> Iterator[Row]:
    """In the order of time, so that the last time of a day is kept."""
    linked = Linked(apps)
    for event in apps.get_model("history", "Event").objects.order_by("pk").iterator(BATCH):
        if event.verb not in PARTS:
            continue
        people = (event.actor_id, event.in_place_of_id)
        found = list(parts_in(event.verb, event.subject_type, people, event.changes))
        for item in linked.touched(event) if found else ():
            yield from ((item, person, part, event.day, event.at) for person, part in found)
    ended = dict(apps.get_model("history", "Event").objects.filter(verb="role.ended").values_list("subject_id", "at"))
    roles = apps.get_model("accounts", "Membership").objects.filter(role="lead", ends_on__isnull=False)
    for role in roles:
        at = ended.get(role.pk) or datetime.datetime.combine(role.ends_on, datetime.time.min, tzinfo=settings.LONDON)
        items = apps.get_model("recommendations", "Recommendation").objects.filter(
            addressee=role.organisation_id, inspection__loaded_on__lte=role.ends_on
        )
        for item in items.values_list("pk", flat=True):
            yield item, role.user_id, "led", role.ends_on, at


class Linked:
    """The recommendations that an event is about."""

    def __init__(self, apps: Any) -> None:
        self.items = set(apps.get_model("recommendations", "Recommendation").objects.values_list("pk", flat=True))
        through = apps.get_model("recommendations", "Action").recommendations.through.objects
        self.of_action = _grouped(through.values_list("action", "recommendation"))
        links = apps.get_model("recommendations", "MeasureLink").objects
        self.of_measure = _grouped(links.values_list("measure", "recommendation"))
        readings = apps.get_model("measures", "Reading").objects
        self.measure_of = dict(readings.values_list("pk", "measure"))
        self.of_plan: dict[tuple[int, int], set[int]] = defaultdict(set)
        addressees = {}
        for item, inspection, addressee in apps.get_model("recommendations", "Recommendation").objects.values_list(
            "pk", "inspection", "addressee"
        ):
            self.of_plan[inspection, addressee].add(item)
            addressees[item] = addressee
        findings = apps.get_model("recommendations", "Finding").objects.values_list("recommendation", "inspection")
        for item, inspection in findings:
            self.of_plan[inspection, addressees[item]].add(item)

    def touched(self, event: Any) -> set[int]:
        if event.subject_type == "action":
            return (self.of_action[event.subject_id] | set(event.after.get("answers") or ())) & self.items
        if event.subject_type == "measure":
            return self.of_measure[event.subject_id]
        if event.subject_type == "reading":
            return self.of_measure[self.measure_of.get(event.subject_id, 0)]
        if event.subject_type == "actionplan":
            return self.of_plan[event.inspection_id, event.organisation_id]
        return {event.recommendation_id} & self.items


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
    return found


def exempt(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What whoever asked has also decided stays, and is known from now on."""
    alone = apps.get_model("recommendations", "Extension").objects.filter(decided_by=F("asked_by"))
    alone.exclude(state="withdrawn").update(is_exempt=True)
    alone = apps.get_model("recommendations", "Submission").objects.filter(decided_by=F("submitted_by"))
    alone.exclude(outcome="withdrawn").update(is_exempt=True)


def empty(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("recommendations", "Participation").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_cover"),
        ("measures", "0001_measures_and_readings"),
        ("recommendations", "0012_participation"),
    ]

    operations = [
        migrations.RunPython(fill, empty),
        migrations.RunPython(exempt, migrations.RunPython.noop),
    ]
