import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tracker.reminders.operations import queueing, sending
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
        queued = queueing.queue_digests(on=on, at=now())
        if not is_working_day(on):
            self.stdout.write(f"{on} is not a working day: no digests.")
        self.stdout.write(f"{queued.now} digests queued for {on}; {queued.before} were queued before.")
        goes_on = True
        while goes_on:
            ended, goes_on = sending.send_due(clock=now)
            for state, count in sorted(ended.items()):
                self.stdout.write(f"{count} {state}")
