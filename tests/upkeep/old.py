"""A database of its own with the tables of v0.1.0, and rows in them as v0.1.0 wrote them."""

import datetime
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.apps.registry import Apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from tests.base import KSS, LOADED, NOON, report

# Of our own apps; of all others, what is newest.
V010 = [(app, "0001_initial") for app in ("accounts", "history", "inspections", "recommendations", "reminders")]
NEWER = ("measures", "people")
# What v0.1.0 kept in `after` of the events of each noun.
TRACKED = {
    "inspection": ("organisation_id", "title", "published_from", "published_to", "score", "max_score"),
    "recommendation": (
        *("inspection_id", "number", "position", "is_previous", "addressee_id", "addressee_printed", "text", "place"),
        *("owner_id", "due_on", "original_due_on", "progress", "reported_by_id", "reported_on", "quiet_since"),
        *("status", "version"),
    ),
}
DUE, FIRST, LATER = (datetime.date(2026, month, 30) for month in (12, 9, 11))
WEST_KENT = f"{KSS}west-kent-pdu/"


@contextmanager
def empty_database(folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """A file, or a database beside the one of the tests, with the rights of the owner."""
    mine = connections["default"]
    if mine.vendor == "sqlite":
        yield _connection(mine, NAME=folder / "old.sqlite3")
        return
    name, settings = f"upgrade_{os.getpid()}", mine.settings_dict
    where = f"host={settings['HOST']} port={settings['PORT']} user={settings['USER']} dbname=postgres"
    with psycopg.connect(where, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield _connection(mine, NAME=name, OPTIONS={"connect_timeout": 5})
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _connection(like: BaseDatabaseWrapper, **settings: Any) -> BaseDatabaseWrapper:
    return type(like)({**like.settings_dict, **settings}, "default")


@contextmanager
def in_place(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """All code of this thread works on that database meanwhile."""
    mine = connections["default"]
    connections["default"] = connection
    try:
        yield
    finally:
        connection.close()
        connections["default"] = mine


def lay_out(connection: BaseDatabaseWrapper) -> Apps:
    """Makes the tables of v0.1.0; gives the models as they were."""
    executor = MigrationExecutor(connection)
    ours = {app for app, _name in V010} | set(NEWER)
    targets = V010 + [node for node in executor.loader.graph.leaf_nodes() if node[0] not in ours]
    executor.migrate(targets)
    apps: Apps = executor.loader.project_state(targets).apps
    return apps


class Writer:
    """Writes what the verbs of v0.1.0 wrote: the row, and beside it the event with every column it tracked then."""

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.places: dict[str, Any] = {}
        self.people: dict[str, Any] = {}
        self.items: dict[str, Any] = {}

    def make(self, label: str, **values: Any) -> Any:
        return self.apps.get_model(label)._default_manager.create(**values)

    def words(self, text: str, by: Any, at: datetime.datetime) -> Any:
        return self.make("history.Words", text=text, written_by=by, written_at=at)

    def record(
        self, verb: str, row: Any, *, at: datetime.datetime, before: dict[str, Any], by: Any = None, why: Any = None
    ) -> None:
        after = columns(row)
        about = {"inspection_id": row.pk, "organisation_id": row.organisation_id} if "title" in after else {}
        if not about:
            about = {
                "recommendation_id": row.pk,
                "inspection_id": row.inspection_id,
                "organisation_id": row.addressee_id,
            }
        self.make(
            "history.Event",
            operation_id=uuid.uuid4(),
            actor=by,
            at=at,
            day=at.date(),
            verb=verb,
            subject_type=row._meta.model_name,
            subject_id=row.pk,
            changes={name: [before.get(name), new] for name, new in after.items() if not before or before[name] != new},
            after=after,
            why=why,
            **about,
        )

    def change(self, verb: str, item: Any, *, by: Any, at: datetime.datetime, why: Any, **values: Any) -> None:
        before = columns(item)
        for name, value in (values | {"version": item.version + 1}).items():
            setattr(item, name, value)
        item.save()
        self.record(verb, item, at=at, before=before, by=by, why=why)


def columns(row: Any) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in TRACKED[row._meta.model_name]}
    return {name: one.isoformat() if isinstance(one, datetime.date) else one for name, one in found.items()}


def fill(apps: Apps) -> None:
    """West Kent's report, loaded by intake; one planned and reported on, and one whose date was moved later."""
    made = Writer(apps)
    _organisations(made)
    for name, role, path in (
        ("head", "lead", WEST_KENT),
        ("officer", "contributor", WEST_KENT),
        ("director", "reviewer", KSS),
    ):
        made.people[name] = made.make("accounts.User", email=f"{name}@example.test", name=name.title())
        made.make("accounts.Membership", user=made.people[name], role=role, organisation=made.places[path])
    _printed(made)
    _lived(made)
    made.make(
        "reminders.Delivery",
        key="digest-1",
        kind="digest",
        person=made.people["head"],
        address="head@example.test",
        day=LOADED.date(),
        queued_at=LOADED,
        next_try_at=LOADED,
        state="sent",
        subject="1 thing waits for you",
        body_text="Recommendation 5 is overdue.",
    )


def _organisations(made: Writer) -> None:
    above = None
    for name, kind, path in (
        ("HMPPS", "national", "hmpps/"),
        ("Kent, Surrey and Sussex", "region", KSS),
        ("West Kent PDU", "pdu", WEST_KENT),
    ):
        above = made.places[path] = made.make("accounts.Organisation", name=name, kind=kind, path=path, parent=above)
    made.make("accounts.Alias", organisation=made.places[KSS], name="KSS Probation Service")


def _printed(made: Writer) -> None:
    file = json.loads(report())
    printed = file["inspection"]
    inspection = made.make(
        "inspections.Inspection",
        organisation=made.places[WEST_KENT],
        title=printed["title"],
        published_from=datetime.date(2022, 5, 1),
        published_to=datetime.date(2022, 5, 31),
        score=printed["score"],
        max_score=printed["max_score"],
        overall_rating=printed["overall_rating"],
        isbn=printed["isbn"],
        loaded_on=LOADED.date(),
        fingerprint="0" * 64,
        printed_measures=file["measures"],
        problems=file["problems"],
    )
    made.record("inspection.published", inspection, at=LOADED, before={})
    for row in file["ratings"]:
        made.make("inspections.Rating", inspection=inspection, **row)
    rows = [(False, row) for row in file["recommendations"]] + [(True, row) for row in file["previous"]]
    for n, (is_previous, row) in enumerate(rows):
        region = is_previous or "Kent PDU" not in row["addressee"]
        item = made.make(
            "recommendations.Recommendation",
            inspection=inspection,
            number=row["number"] or "",
            position=n + 1,
            is_previous=is_previous,
            addressee=made.places[KSS if region else WEST_KENT],
            addressee_printed=row["addressee"],
            text=row["text"],
            quiet_since=LOADED.date(),
        )
        made.items[row["number"] or f"previous {n}"] = item
        made.record("recommendation.printed", item, at=LOADED, before={})
        if is_previous:
            _found(made, item, row, n)


def _found(made: Writer, item: Any, row: dict[str, Any], position: int) -> None:
    made.make(
        "recommendations.Finding",
        recommendation=item,
        inspection=item.inspection,
        text=row["finding"],
        progress_printed="No progress",
        position=position,
    )
    made.record("recommendation.rated", item, at=LOADED, before=columns(item))


def _lived(made: Writer) -> None:
    head, officer, a_day = made.people["head"], made.people["officer"], datetime.timedelta(days=1)
    four, five = made.items["4"], made.items["5"]
    agreed = made.words("Agreed at the team meeting.", head, LOADED)
    plan = "recommendation.planned"
    made.change(plan, four, by=head, at=LOADED, why=agreed, owner=officer, due_on=DUE, original_due_on=DUE)
    made.change(plan, five, by=head, at=LOADED, why=None, owner=head, due_on=FIRST, original_due_on=FIRST)
    waits = made.words("The training provider moved the course.", head, LOADED + a_day)
    made.change(plan, five, by=head, at=LOADED + a_day, why=waits, due_on=LATER)
    for item, by, progress, text in (
        (four, officer, "no", "Nobody has begun."),
        (four, officer, "some", "Half of the cases are read."),
        (five, head, "some", "The course is booked."),
    ):
        at = NOON - 10 * a_day
        what = made.words(text, by, at)
        made.make(
            "recommendations.Update",
            recommendation=item,
            author=by,
            speaker="owner",
            at=at,
            day=at.date(),
            progress=progress,
            what_changed=what,
        )
        reported = {"progress": progress, "reported_by": by, "reported_on": at.date(), "quiet_since": at.date()}
        made.change("recommendation.reported", item, by=by, at=at, why=what, **reported)
