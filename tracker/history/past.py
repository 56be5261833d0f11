"""The past as another source of the same rows: what reads the tables in here reads them as they stood.

For the length of one transaction, which is rolled back, a temporary view stands before each table that has a history.
PostgreSQL and SQLite both look among temporary names first, so that every query written for today answers for then.
"""

import contextlib
import datetime
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeGuard

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from tracker.history.models import Event, FreeText, RequestKey, Tracked

Without = Mapping[type[models.Model], Collection[int]]
# Removed text stays removed.
AS_TODAY = (RequestKey, FreeText)


@contextlib.contextmanager
def as_of(
    day: datetime.date,
    *,
    without: Without | None = None,
    copied: Collection[type[Tracked]] = (),
    apart: Collection[str] = (),
) -> Iterator[None]:
    """The rows as they stood at the end of `day`, for all queries until the end; whatever is written is undone.

    A tracked row is its latest event up to that day, and did not exist before its first one (people and organisations
    did); without any event it is shown as it is today. Rows that are only ever added are left out if they are younger,
    and rows that belong to one that did not exist then go with it. `without` names rows that are not to be shown at
    all. `copied` are read several times by a page: they are put together once. `apart` are apps whose tables are no
    part of the record, and stay as they are.
    """
    found = [model for model in _models() if model._meta.app_label not in apart]
    others = [model for model in found if not _is_tracked(model) and model not in AS_TODAY]
    with transaction.atomic():
        try:
            with _planned_anew(), connection.cursor() as cursor:
                for model in filter(_is_tracked, found):
                    hidden = (without or {}).get(model, ())
                    _make_shadow_table(cursor, model, _tracked(model, day, hidden), is_copy=model in copied)
                for model in others:
                    if select := _added(model, day):
                        _make_shadow_table(cursor, model, select, is_copy=False)
                yield
        finally:
            transaction.set_rollback(True)


def _is_tracked(model: Any) -> TypeGuard[type[Tracked]]:
    return isinstance(model, type) and issubclass(model, Tracked)


def _models() -> list[type[models.Model]]:
    """The models of all apps with tracked models, including many-to-many tables."""
    found = apps.get_models(include_auto_created=True)
    labels = {model._meta.app_label for model in filter(_is_tracked, found)} | {Event._meta.app_label}
    return [model for model in found if model._meta.app_label in labels]


@contextlib.contextmanager
def _planned_anew() -> Iterator[None]:
    """Switch off prepared statements: they would go on reading the real tables."""
    raw: Any = connection.connection
    if connection.vendor != "postgresql" or raw is None:
        yield
        return
    before, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        yield
    finally:
        raw.prepare_threshold = before


def _make_shadow_table(cursor: Any, model: type[models.Model], select: str, *, is_copy: bool) -> None:
    table = _quoted(model._meta.db_table)
    cursor.execute(f"CREATE TEMPORARY {'TABLE' if is_copy else 'VIEW'} {table} AS {select}")
    if is_copy:
        cursor.execute(f"CREATE UNIQUE INDEX {_quoted(f'past_{model._meta.db_table}')} ON {table} (id)")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _real(model: type[models.Model]) -> str:
    schema = "main" if connection.vendor == "sqlite" else "public"
    return f"{schema}.{_quoted(model._meta.db_table)}"


def _tracked(model: type[Tracked], day: datetime.date, hidden: Collection[int]) -> str:
    """SQL for the rows of a tracked model, with the tracked columns of the latest event up to the day."""
    mine = f"subject_type = '{model._meta.model_name}' AND subject_id = r.id"
    latest = f"SELECT max(id) FROM {_real(Event)} WHERE {mine} AND day <= '{day.isoformat()}'"
    of_then = set(model.TRACKED).difference(model.NOT_REWOUND)
    columns = ", ".join(
        f"{_then(field) if field.attname in of_then else _now(field)} AS {_quoted(str(field.column))}"
        for field in model._meta.concrete_fields
    )
    values = ""
    if connection.vendor == "postgresql":
        values = "LEFT JOIN LATERAL jsonb_populate_record(r, coalesce(e.after, '{}')) p ON true"
    existed = f"e.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM {_real(Event)} WHERE {mine})"
    if model.PREDATES_AUDIT:
        existed = "true"
    hiding = f"AND r.id NOT IN ({', '.join(str(int(pk)) for pk in hidden)})" if hidden else ""
    return (
        f"SELECT {columns} FROM {_real(model)} r LEFT JOIN {_real(Event)} e ON e.id = ({latest}) {values} "
        f"WHERE ({existed}) {hiding}"
    )


def _now(field: "models.Field[Any, Any]") -> str:
    return f"r.{_quoted(str(field.column))}"


def _then(field: "models.Field[Any, Any]") -> str:
    """SQL for the column's value in the event, or the column's default if the event is older than the column."""
    default = _literal(field)
    if connection.vendor == "postgresql":
        value = f"p.{_quoted(str(field.column))}"
        has_it = f"jsonb_exists(e.after, '{field.attname}')"
    else:
        value = f"json_extract(e.after, '$.{field.attname}')"
        has_it = f"json_type(e.after, '$.{field.attname}') IS NOT NULL"
        if isinstance(field, models.DateTimeField):
            value = f"strftime('%Y-%m-%d %H:%M:%f', {value})"
        elif isinstance(field, models.DecimalField):
            value = f"CAST({value} AS NUMERIC)"
    return f"CASE WHEN e.id IS NULL THEN {_now(field)} WHEN {has_it} THEN {value} ELSE {default} END"


def _literal(field: "models.Field[Any, Any]") -> str:
    default = field.get_default() if field.has_default() or field.empty_strings_allowed else None
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, int):
        return str(default)
    if isinstance(default, str) and not field.null:
        return f"'{default}'"
    return "NULL"


def _added(model: type[models.Model], day: datetime.date) -> str:
    """Rows that are only ever added: those up to the day, or else those of what existed then. Nothing: all of them."""
    columns = {field.column: field for field in model._meta.concrete_fields}
    if "day" in columns:
        return f"SELECT * FROM {_real(model)} WHERE day <= '{day.isoformat()}'"
    if "at" in columns:
        end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min, tzinfo=settings.LONDON)
        until = connection.ops.adapt_datetimefield_value(end)
        return f"SELECT * FROM {_real(model)} WHERE at < '{until}'"
    conditions = [
        f"{_quoted(str(field.column))} IN (SELECT id FROM {_quoted(field.related_model._meta.db_table)})"
        for field in columns.values()
        if isinstance(field, models.ForeignKey) and not field.null and _is_tracked(field.related_model)
    ]
    return f"SELECT * FROM {_real(model)} WHERE {' AND '.join(conditions)}" if conditions else ""
