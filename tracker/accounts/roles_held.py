"""The roles of one person on one day. Every request runs this query, so its SQL is built once per process."""

import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, DateField, Value

from tracker.accounts.models import Cover, Membership

# Placeholders for the person and the day in the SQL.
PERSON, DAY = -1, datetime.date(1, 1, 1)


class RoleRow(NamedTuple):
    """A role of the person, or of somebody they cover, with that person's id, name and last day away."""

    role: str
    organisation_id: int
    path: str
    kind: str
    for_id: int | None
    name: str
    until_on: datetime.date | None


def roles_of(person_id: int, on: datetime.date) -> list[RoleRow]:
    """Their own roles and those they cover, in one query."""
    sql, params = _sql(connection.vendor)
    wanted = {PERSON: person_id, _adapted(DAY): _adapted(on)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted.get(value, value) for value in params])
        return [RoleRow._make((*row[:6], _day(row[6]))) for row in cursor.fetchall()]


@cache
def _sql(_vendor: str) -> tuple[str, tuple[Any, ...]]:
    columns = ("role", "organisation_id", "organisation__path", "organisation__kind")
    nobody, name, day = Value(None, BigIntegerField()), Value(""), Value(None, DateField())
    own = Membership.objects.active(DAY).filter(user=PERSON).order_by()
    away = Cover.objects.holding(DAY).filter(cover=PERSON)
    theirs = Membership.objects.active(DAY).filter(user__absences__in=away).order_by()
    rows = own.values_list(*columns, nobody, name, day).union(
        theirs.values_list(*columns, "user_id", "user__name", "user__absences__until_on"), all=True
    )
    return rows.query.sql_with_params()


def _adapted(day: datetime.date) -> Any:
    """A day as the database takes it. SQLite uses text."""
    return connection.ops.adapt_datefield_value(day)


def _day(value: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value
