import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

APPEND_ONLY = (
    "history_event",
    "measures_reading",
    "recommendations_check",
    "recommendations_comment",
    "recommendations_finding",
    "recommendations_sentplan",
    "recommendations_update",
    "recommendations_update_readings",
    "reviews_sessionnote",
)


class Command(BaseCommand):
    help = (
        "On PostgreSQL: gives the role that web and worker sign in with the rows of every table, but of the history "
        "and of what is added and never edited (updates, findings, figures, checks, comments, action plans as sent, "
        "notes of meetings) only adding and reading. Run as the owner of the tables, after prepare_database. Makes the "
        "role when it is missing; DATABASE_APP_PASSWORD, where it is set, becomes its password. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default="tracker_app")

    @transaction.atomic
    def handle(self, *args: Any, role: str, **options: Any) -> None:
        password = os.environ.get("DATABASE_APP_PASSWORD", "")
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user = %s, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role, role])
            is_owner, exists = cursor.fetchone()
            if is_owner:
                raise CommandError(f"Sign in as the owner of the tables, not as {role}.")
            for statement in self._statements(role, password, exists):
                cursor.execute(statement.as_string(cursor.connection))
        self.stdout.write(f"{role} may add and read history, and use every other table.")

    def _statements(self, role: str, password: str, exists: bool) -> list[sql.Composed]:
        name = sql.Identifier(role)
        found = []
        if not exists:
            found.append(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        if password:
            found.append(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(password)))
        found += [
            sql.SQL(text).format(name)
            for text in (
                "GRANT USAGE ON SCHEMA public TO {}",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            )
        ]
        for table in APPEND_ONLY:
            found.append(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name))
        found.append(sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(name))
        return found
