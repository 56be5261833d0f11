"""python -m tests.bench.sending: the product's own sender, in one process; it sends as many letters as a line asks for.

It answers with a line of JSON: letters, seconds, queries, of the seconds those in the database (in_database), and
seconds of this process's processor (processor). The first answer is about queueing.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import django


class Counter:
    """Every statement that goes to the database, and how long the answers took."""

    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.queries += 1
        start = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            self.seconds += time.perf_counter() - start


def measured(work: Callable[[], int]) -> None:
    from django.db import connection

    counter = Counter()
    with connection.execute_wrapper(counter):
        start, busy = time.perf_counter(), time.process_time()
        letters = work()
        seconds, processor = time.perf_counter() - start, time.process_time() - busy
    found = {"letters": letters, "seconds": seconds, "queries": counter.queries}
    found |= {"in_database": counter.seconds, "processor": processor}
    print(json.dumps(found), flush=True)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
    django.setup()
    from tracker.reminders.operations.queueing import queue_digests
    from tracker.reminders.operations.sending import send_due
    from tracker.web.today import now, today

    def send(most: int) -> int:
        done = 0
        while done < most:
            ended, _goes_on = send_due(clock=now, most=most - done)
            if not ended:
                break
            done += sum(ended.values())
        return done

    measured(lambda: queue_digests(on=today(), at=now()).now)
    for line in sys.stdin:
        most = int(line)
        measured(partial(send, most))


if __name__ == "__main__":
    main()
