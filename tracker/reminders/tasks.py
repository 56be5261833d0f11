"""Clock in, letters out. A tick may come twice, late or not at all: the database says what is to be done."""

import logging

from celery import shared_task
from django.conf import settings

from tracker.reminders.models import Heartbeat
from tracker.reminders.operations import following, queueing, sending
from tracker.web.today import now, today

log = logging.getLogger(__name__)
# From so many letters on, another process of the worker is asked to help.
MANY = 100


@shared_task
def tick() -> None:
    at, on = now(), today()
    sending.beat(Heartbeat.Name.TICK, at=at)
    queueing.queue_what_is_due(on=on, at=at)
    if sending.how_many_are_due(at=at) > MANY:
        _wake()
    drain()


@shared_task
def drain() -> None:
    """Send what is due; when time is up before that, a new run goes on."""
    if sending.send_due(clock=now).goes_on:
        _wake()


@shared_task
def follow_up() -> None:
    """What became of letters that GOV.UK Notify has taken; nothing where letters go by SMTP."""
    following.follow_up(clock=now)


def _wake() -> None:
    """The message carries nothing and may get lost: the next tick finds the same letters."""
    try:
        drain.apply_async(expires=settings.TICK_SECONDS, retry=False)
    except Exception as error:
        log.warning("No further run could be asked for: %s", type(error).__name__)
