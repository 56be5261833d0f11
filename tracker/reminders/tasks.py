"""Clock in, letters out. A tick may come twice, late or not at all: the database says what is to be done."""

from celery import shared_task
from django.conf import settings

from tracker.reminders import operations
from tracker.web.today import now, today


@shared_task
def tick() -> None:
    at, on = now(), today()
    operations.queue_invitations(on=on, at=at)
    if at.time() >= settings.DIGEST_AT:
        operations.queue_digests(on=on, at=at)
    operations.send_due(clock=now)
