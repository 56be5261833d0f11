"""Reads a row as it was at an earlier version or at the end of a day."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from tracker.history.models import Event, RequestKey, Tracked


def as_of_version(subject: Tracked, version: int) -> dict[str, Any] | None:
    """Every tracked column of the subject at that version, or None if it never had that version."""
    event = Event.objects.about(subject).filter(after__version=version).order_by("pk").first()
    return event.after if event else None


def latest_event(subject: Tracked) -> Event | None:
    return Event.objects.about(subject).select_related("actor", "in_place_of", "why").newest_first().first()


def was_sent(person: AbstractBaseUser, key: uuid.UUID) -> bool:
    """Whether this very form has done its work before; where the verb itself takes away the right to send it again."""
    return RequestKey.objects.filter(person_id=person.pk, key=key).exists()
