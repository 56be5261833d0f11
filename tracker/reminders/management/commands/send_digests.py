import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tracker.reminders import operations
from tracker.web.today import now, today
from tracker.web.workingdays import is_working_day


class Command(BaseCommand):
    help = "Queues the digests of a day and sends what is due, as the clock does. Twice sends nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--on", type=datetime.date.fromisoformat, metavar="YYYY-MM-DD", help="the day; today if left out"
        )

    def handle(self, *args: Any, on: datetime.date | None, **options: Any) -> None:
        on = on or today()
        queued = operations.queue_digests(on=on, at=now())
        ended = operations.send_due(clock=now)
        if not is_working_day(on):
            self.stdout.write(f"{on} is not a working day: no digests.")
        self.stdout.write(f"{queued.now} digests queued for {on}; {queued.before} people had theirs before.")
        for state, count in sorted(ended.items()):
            self.stdout.write(f"{count} {state}")
