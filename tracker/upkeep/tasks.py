"""The periodic cleanup."""

from celery import shared_task

from tracker.upkeep import operations
from tracker.web.today import now


@shared_task
def sweep() -> None:
    operations.sweep(at=now())
