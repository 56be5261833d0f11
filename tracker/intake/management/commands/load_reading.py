from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.intake.operations import publish_ours
from tracker.intake.reading import Unreadable, read_ours
from tracker.web.today import now


class Command(BaseCommand):
    help = (
        "Loads our own reading of a report that is held (docs/reading-file.md): measures, lineage, standards. All or "
        "nothing. The same file again does nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            inspection, new = publish_ours(read_ours(file.read_bytes()), at=now())
        except OSError as error:
            raise CommandError(f"{file} cannot be opened: {error.strerror}.") from error
        except Unreadable as error:
            lines = "\n".join(f"  {where}: {what}" for where, what in error.wrong)
            raise CommandError(f"Nothing was loaded from {file}:\n{lines}") from error
        said = f"{new} measures, links and standards loaded." if new else "already loaded; nothing changed."
        self.stdout.write(f"{inspection.title}, our interpretation: {said}")
