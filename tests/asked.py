"""Rows that the table of routes asks for, made when they are first needed."""

import datetime

from tests.base import KSS, NOON, TODAY, Cast
from tracker.accounts.models import Organisation, User
from tracker.history.models import FreeText
from tracker.recommendations.models import Ask, Extension, Recommendation


def extension_of(item: Recommendation, cast: Cast) -> Extension:
    """A later due date that is asked for."""
    held = item.extensions.first()
    return held or Extension.objects.create(
        recommendation=item,
        from_on=TODAY,
        to_on=TODAY + datetime.timedelta(days=30),
        reason=words_of(cast.head),
        asked_by=cast.head,
        asked_at=NOON,
        day=TODAY,
    )


def ask_of(item: Recommendation, cast: Cast) -> Ask:
    """What is asked of the region."""
    held = item.asks.first()
    return held or Ask.objects.create(
        recommendation=item,
        words=words_of(cast.head),
        asked_by=cast.head,
        asked_at=NOON,
        day=TODAY,
        asked_of=Organisation.objects.get(path=KSS),
        wanted_on=TODAY,
    )


def words_of(person: User) -> FreeText:
    return FreeText.objects.create(text="More time is needed.", written_by=person, written_at=NOON)
