"""Events are added and read; nobody changes, deletes or empties them, by whatever road."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import F

from tests.base import TODAY, recommendation
from tracker.history.models import Event

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]
needs_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")


def first() -> Event:
    return Event.objects.earliest("pk")


def rows() -> list[Any]:
    return list(Event.objects.order_by("pk").values())


def raw(statement: str) -> Callable[[], object]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


def saved() -> None:
    event = first()
    event.verb = "recommendation.never_happened"
    event.save()


def deleted_past_the_models() -> None:
    Event.objects.filter(pk=first().pk)._raw_delete("default")


def upserted() -> None:
    event = first()
    event.verb = "recommendation.never_happened"
    Event.objects.bulk_create([event], update_conflicts=True, unique_fields=["id"], update_fields=["verb"])


CHANGES: dict[str, Callable[[], object]] = {
    "saved": saved,
    "updated": lambda: Event.objects.filter(pk=first().pk).update(verb="x"),
    "updated to what it is": lambda: Event.objects.update(verb=F("verb")),
    "updated in bulk": lambda: Event.objects.bulk_update([first()], ["day"]),
    "upserted": upserted,
    "updated in SQL": raw("UPDATE history_event SET changes = '{}'"),
    "moved to another id": raw("UPDATE history_event SET id = -id"),
    "deleted": lambda: first().delete(),
    "all deleted": lambda: Event.objects.all().delete(),
    "deleted past the models": deleted_past_the_models,
    "deleted in SQL": raw("DELETE FROM history_event"),
    "one deleted in SQL": raw("DELETE FROM history_event WHERE id = (SELECT min(id) FROM history_event)"),
}
TRICKS = {
    "emptied": "TRUNCATE history_event",
    "emptied with what points to it": "TRUNCATE history_words CASCADE",
    "trigger off": "ALTER TABLE history_event DISABLE TRIGGER history_event_is_append_only",
    "all triggers off": "ALTER TABLE history_event DISABLE TRIGGER ALL",
    "trigger dropped": "DROP TRIGGER history_event_is_append_only ON history_event",
    "function replaced": (
        "CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NULL; END'"
    ),
    "triggers not fired": "SET LOCAL session_replication_role = replica",
    "table dropped": "DROP TABLE history_event",
    "table renamed": "ALTER TABLE history_event RENAME TO history_old",
    "rule put before it": "CREATE RULE nothing AS ON INSERT TO history_event DO INSTEAD NOTHING",
    "merged": (
        "MERGE INTO history_event USING (SELECT min(id) AS one FROM history_event) f ON id = one "
        "WHEN MATCHED THEN DELETE"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_event_is_never_changed_and_never_deleted(change: Callable[[], object]) -> None:
    before = rows()
    assert len(before) > 20
    with pytest.raises(DatabaseError), transaction.atomic():
        change()
    assert rows() == before


def test_what_refuses_on_sqlite_says_why() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses for want of the right, before any trigger is asked")
    with pytest.raises(DatabaseError, match="history is never changed"), transaction.atomic():
        first().save()
    with pytest.raises(DatabaseError, match="history is never deleted"), transaction.atomic():
        first().delete()


@needs_postgresql
@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_application_role_cannot_bypass_append_only(trick: str) -> None:
    before = rows()
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        raw(trick)()
    assert rows() == before


@needs_postgresql
@pytest.mark.parametrize(
    "statement", ["UPDATE history_event SET verb = 'x'", "DELETE FROM history_event", "TRUNCATE history_event"]
)
def test_the_owner_of_the_table_meets_the_triggers(statement: str) -> None:
    before = rows()
    with pytest.raises(DatabaseError, match="never changed and never deleted"), transaction.atomic():
        raw(f"SET LOCAL ROLE tracker_owner; {statement}")()
    assert rows() == before


@needs_postgresql
def test_the_application_has_two_rights_on_what_is_only_added_to_and_four_on_what_it_changes() -> None:
    # PostgreSQL answers this one with a warning only.
    raw("GRANT UPDATE, DELETE ON history_event TO tracker_app")()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
            "FROM information_schema.role_table_grants WHERE grantee = 'tracker_app' GROUP BY table_name"
        )
        rights = dict(cursor.fetchall())
    added_to = {"history_event", "measures_reading", "recommendations_update", "recommendations_update_readings"}
    added_to |= {f"recommendations_{noun}" for noun in ("check", "comment", "finding", "sentplan")}
    added_to |= {"reviews_sessionnote"}
    # Words about a person on probation can be removed for good.
    assert rights["history_words"] == "DELETE INSERT SELECT UPDATE"
    assert rights["django_migrations"] == "SELECT"
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        assert rights[table] == ("INSERT SELECT" if table in added_to else "DELETE INSERT SELECT UPDATE"), model


def test_an_event_may_be_added_and_read() -> None:
    item = recommendation(1)
    before = Event.objects.about(item).count()
    Event.objects.create(
        operation_id="5f0c2f6e-62b4-4f9b-9d43-000000000000",
        at="2026-11-23T12:00Z",
        day=TODAY,
        verb="recommendation.checked",
        subject_type="recommendation",
        subject_id=item.pk,
        changes={},
        after={},
    )
    assert Event.objects.about(item).count() == before + 1
