from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.intake.operations import publish
from tracker.intake.reading import Unreadable, read
from tracker.web.today import now


class Command(BaseCommand):
    help = (
        "Loads an inspection from a file (docs/inspection-file.md), all or nothing. The same file again does nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            inspection, is_new = publish(read(file.read_bytes()), by=None, at=now())
        except OSError as error:
            raise CommandError(f"{file} cannot be opened: {error.strerror}.") from error
        except Unreadable as error:
            lines = "\n".join(f"  {where}: {what}" for where, what in error.wrong)
            raise CommandError(f"Nothing was loaded from {file}:\n{lines}") from error
        count = inspection.recommendations.filter(is_previous=False).count()
        self.stdout.write(
            f"{inspection.title}: {count} recommendations and {inspection.findings.count()} previous ones "
            f"{'loaded' if is_new else 'are held already; nothing changed'}."
        )
