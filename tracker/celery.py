"""The clock: the Celery app; the whole beat schedule is CELERY_BEAT_SCHEDULE in settings.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_demo_people(**_signal: Any) -> None:
    from tracker.upkeep.operations import refuse_demo_people

    refuse_demo_people()
