"""What an installation must not be."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tracker.accounts.models import User


def refuse_demo_people() -> None:
    """A server whose database holds people with a published password does not start."""
    if settings.PRODUCTION and User.objects.filter(is_demo=True).exists():
        raise ImproperlyConfigured(
            "The tracker does not start: the database holds the made-up people of a demonstration, whose password is "
            "published. Give this server a database of its own."
        )
