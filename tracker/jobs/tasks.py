"""The periodic task that runs jobs. A tick can come twice, late or not at all: the work is read from the database."""

import logging

from celery import shared_task

from tracker.jobs import operations
from tracker.web.today import now

log = logging.getLogger(__name__)
# Seconds after which a job is asked to stop, and then killed.
LONGEST, END = 900, 930


@shared_task(soft_time_limit=LONGEST, time_limit=END, acks_late=False)
def work() -> None:
    """Run one job. If more are due, start another run, so that each has the full time limit."""
    if operations.run_next(clock=now):
        _wake()


def _wake() -> None:
    """The message has no content, and it does no harm if it is lost: the next tick finds the same jobs."""
    try:
        work.apply_async(expires=60, retry=False)
    except Exception as error:
        log.warning("No further run could be asked for: %s", type(error).__name__)
