"""Checks of an installation, and deletion of old rows and files."""

import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from tracker.accounts.models import User
from tracker.history.models import RequestKey
from tracker.jobs.operations import forget_made
from tracker.recommendations.evidence.operations import forget_files, scan_unscanned
from tracker.recommendations.unsent.operations import forget_unsent
from tracker.reminders.operations.letters import forget_letters

KEYS_KEPT = datetime.timedelta(days=30)


def sweep(*, at: datetime.datetime) -> None:
    """Forget what nobody needs any more: keys of forms, unsent texts, old letters, files that were made, sessions,
    stray files.
    """
    forget_unsent(at=at)
    forget_letters(at=at)
    forget_made(at=at)
    RequestKey.objects.filter(at__lt=at - KEYS_KEPT).delete()
    call_command("clearsessions")
    forget_files(at=at)
    scan_unscanned(at=at)


def refuse_demo_people() -> None:
    """A server whose database holds people with a published password does not start."""
    if settings.PRODUCTION and User.objects.filter(is_demo=True).exists():
        raise ImproperlyConfigured(
            "The tracker does not start: the database holds the made-up people of a demonstration, whose password is "
            "published. Give this server a database of its own."
        )
