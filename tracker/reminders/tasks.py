"""Periodic tasks. A tick can come twice, late or not at all, so each task reads its work from the database."""

import logging

from celery import shared_task
from django.conf import settings

from tracker.people.operations import give_roles_that_start
from tracker.reminders.models import Heartbeat
from tracker.reminders.operations import following, queueing, sending
from tracker.web.today import now, today

log = logging.getLogger(__name__)
# From this many emails on, a second worker process is asked to send too.
MANY = 100


@shared_task
def tick() -> None:
    at, on = now(), today()
    sending.beat(Heartbeat.Name.TICK, at=at)
    give_roles_that_start(on=on, at=at)
    queueing.queue_what_is_due(on=on, at=at)
    if sending.how_many_are_due(at=at) > MANY:
        _wake()
    drain()


@shared_task
def drain() -> None:
    """Send what is due. If time runs out, start another run."""
    if sending.send_due(clock=now).goes_on:
        _wake()


@shared_task
def follow_up() -> None:
    """Ask GOV.UK Notify for the status of emails. Does nothing with SMTP."""
    following.follow_up(clock=now)


def _wake() -> None:
    """The message has no content, and it does no harm if it is lost: the next tick finds the same emails."""
    try:
        drain.apply_async(expires=settings.TICK_SECONDS, retry=False)
    except Exception as error:
        log.warning("No further run could be asked for: %s", type(error).__name__)
