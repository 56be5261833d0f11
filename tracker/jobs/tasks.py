"""Clock in, files out. A tick may come twice, late or not at all: the database says what is to be done."""

import logging

from celery import shared_task

from tracker.jobs import operations
from tracker.web.today import now

log = logging.getLogger(__name__)
# Seconds after which a job is stopped, and then ended.
LONGEST, END = 900, 930


@shared_task(soft_time_limit=LONGEST, time_limit=END, acks_late=False)
def work() -> None:
    """One job; where more are due, a new run goes on, so that each has the whole time."""
    if operations.run_next(clock=now):
        _wake()


def _wake() -> None:
    """The message carries nothing and may get lost: the next tick finds the same jobs."""
    try:
        work.apply_async(expires=60, retry=False)
    except Exception as error:
        log.warning("No further run could be asked for: %s", type(error).__name__)
