import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracker.accounts.models import Organisation
from tracker.accounts.operations import add_organisation, organisation_called
from tracker.web.today import now


class Command(BaseCommand):
    help = "Adds the organisations of a file, in its order, and leaves alone those that are there already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a list of {name, kind, above, other_names}")

    @transaction.atomic
    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            rows = json.loads(file.read_text("utf-8"))
            added = [self._add(row) for row in rows]
        except ValidationError as error:
            raise CommandError(f"{file}: {' '.join(error.messages)}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{file} cannot be read as organisations: {error}") from error
        self.stdout.write(f"{sum(added)} of {len(rows)} organisations added.")

    def _add(self, row: dict[str, Any]) -> bool:
        if organisation_called(row["name"]) is not None:
            return False
        parent = organisation_called(row["above"]) if row["above"] else None
        if row["above"] and parent is None:
            raise CommandError(f"{row['name']}: there is no organisation called {row['above']}.")
        if row["kind"] not in Organisation.Kind.values:
            raise CommandError(f"{row['name']}: kind is one of {', '.join(Organisation.Kind.values)}.")
        add_organisation(
            row["name"], kind=row["kind"], parent=parent, other_names=row["other_names"], by=None, at=now()
        )
        return True
