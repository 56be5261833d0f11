from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    help = "Brings the database to what this version needs. Run as its owner, before web, worker and clock start."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # A page may not take long; building an index may.
                cursor.execute("SET statement_timeout = 0")
        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("createcachetable", verbosity=verbosity)
