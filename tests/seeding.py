"""People and recommendations in number, by plain SQL that PostgreSQL and SQLite both read, and not through the product.

Each new row is a copy of one of the demonstration's, with some columns made anew from `n`, which counts from 1. Nobody
but tests may write rows like this: there are no events for them.
"""

import datetime
import sqlite3
from typing import Any

import psycopg

Connection = psycopg.Connection[Any] | sqlite3.Connection
# Far above what the demonstration has, so that ids never meet.
FIRST = 1_000_000
MODEL = "spo.maidstone@example.test"
MODEL_IS = f"(SELECT id FROM accounts_user WHERE email = '{MODEL}')"
# An open recommendation of West Kent's own.
PROMISE = "id = (SELECT min(id) FROM recommendations_recommendation WHERE number = '4' AND NOT is_previous)"


def copies(database: Connection, table: str, where: str, count: int, **anew: str) -> None:
    """`count` copies of one row; each keyword is a column and the SQL of its value."""
    columns = [column[0] for column in database.execute(f"SELECT * FROM {table} LIMIT 0").description or ()]
    assert set(anew) <= set(columns), f"{table} has no {set(anew) - set(columns)}"
    values = [anew.get(column, f"model.{column}") for column in columns]
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    rows = f"SELECT {', '.join(values)} FROM numbers CROSS JOIN (SELECT * FROM {table} WHERE {where}) model"
    made = database.execute(f"INSERT INTO {table} ({', '.join(columns)}) {numbers} {rows}").rowcount
    assert made == count, f"{made} of {count} rows of {table}; is there no row WHERE {where}?"


def literal(database: Connection, day: datetime.date) -> str:
    """A day as SQL. SQLite keeps text, and knows no word DATE that would leave it as it is."""
    return f"'{day}'" if isinstance(database, sqlite3.Connection) else f"DATE '{day}'"


def add_people(database: Connection, count: int, *, place: str = "organisation_id") -> list[str]:
    """person1@example.test and so on, each a contributor in West Kent, or where `place` says. Gives the addresses."""
    copies(
        database,
        "accounts_user",
        f"email = '{MODEL}'",
        count,
        id=f"{FIRST} + n",
        email="'person' || n || '@example.test'",
        name="'Person ' || n",
    )
    copies(
        database,
        "accounts_membership",
        f"id = (SELECT min(id) FROM accounts_membership WHERE user_id = {MODEL_IS})",
        count,
        id=f"{FIRST} + n",
        user_id=f"{FIRST} + n",
        organisation_id=place,
    )
    return [f"person{n}@example.test" for n in range(1, count + 1)]


def add_promises(database: Connection, count: int, *, owner: str, due_on: str, **anew: str) -> None:
    """Open recommendations in West Kent's report, or where `anew` says; `owner` and `due_on` are SQL of n."""
    usual = {
        "id": f"{FIRST} + n",
        "number": "'' || (1000 + n)",
        "position": "1000 + n",
        "text": "'keep promise ' || n || ' of those that were made in number'",
        "status": "'open'",
        "owner_id": owner,
        "due_on": due_on,
        "original_due_on": "NULL",
        "review_on": "NULL",
    }
    copies(database, "recommendations_recommendation", PROMISE, count, **usual | anew)


def overdue_people(database: Connection, count: int, *, on: datetime.date) -> list[str]:
    """So many people who each own one thing that is three days overdue, which only its owner hears of yet."""
    addresses = add_people(database, count, place="model.organisation_id")
    late = literal(database, on - datetime.timedelta(days=3))
    add_promises(database, count, owner=f"{FIRST} + n", due_on=late)
    return addresses
