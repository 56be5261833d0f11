import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tracker.accounts.models import User
from tracker.inspections.forms import instant_in
from tracker.intake.operations import publish
from tracker.intake.reading import Unreadable, read
from tracker.web.today import now


class Command(BaseCommand):
    help = (
        "Loads an inspection from a file (docs/inspection-file.md), all or nothing. The same file again does nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--embargo-until", default="", metavar='"2026-12-01 09:30"', help="day and time in London")
        parser.add_argument(
            "--named",
            action="append",
            default=[],
            metavar="EMAIL",
            help="a person who can see it until then; can be repeated",
        )

    def handle(self, *args: Any, file: Path, embargo_until: str, named: list[str], **options: Any) -> None:
        at = now()
        until = self._until(embargo_until, at)
        if named and until is None:
            raise CommandError("--named needs --embargo-until.")
        people = self._people(named)
        try:
            inspection, is_new = publish(read(file.read_bytes()), by=None, at=at, embargo_until=until, named=people)
        except OSError as error:
            raise CommandError(f"{file} cannot be opened: {error.strerror}.") from error
        except Unreadable as error:
            lines = "\n".join(f"  {where}: {what}" for where, what in error.wrong)
            raise CommandError(f"Nothing was loaded from {file}:\n{lines}") from error
        count = inspection.recommendations.filter(is_previous=False).count()
        self.stdout.write(
            f"{inspection.title}: {count} recommendations and {inspection.findings.count()} previous ones "
            f"{'loaded' if is_new else 'are already loaded; nothing changed'}."
        )

    def _until(self, text: str, at: datetime.datetime) -> datetime.datetime | None:
        if not text:
            return None
        try:
            until = instant_in(text)
        except ValidationError as error:
            raise CommandError(f"--embargo-until {text}: {' '.join(error.messages)}") from error
        if until <= at:
            raise CommandError(f"--embargo-until {text}: this is in the past.")
        return until

    def _people(self, named: list[str]) -> list[User]:
        found = User.objects.active().in_bulk({email.lower() for email in named}, field_name="email")
        if missing := sorted({email.lower() for email in named} - set(found)):
            raise CommandError(f"There is no account with the address {', '.join(missing)}. Nothing was loaded.")
        return list(found.values())
