"""Asks GOV.UK Notify for the status of each email it accepted, until the status is final or three days have passed."""

import datetime
import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import F

from tracker.reminders.models import Delivery, Heartbeat
from tracker.reminders.notify import EmailBackend
from tracker.reminders.operations.sending import LONGEST_RUN, MOST_ATTEMPTS, SOON, beat
from tracker.reminders.refusals import NotifyRefused, words_of

log = logging.getLogger(__name__)

# Notify itself gives up before that.
LONGEST = datetime.timedelta(days=3)
NOT_KNOWN = 404
State, Kind = Delivery.State, Delivery.Kind


def follow_up(*, clock: Callable[[], datetime.datetime]) -> dict[str, int]:
    """Ask about the emails that are due for it, the longest waiting first. Returns a count for each status."""
    answers: dict[str, int] = {}
    backend = EmailBackend()
    stop_at = time.monotonic() + LONGEST_RUN
    try:
        for letter in list(Delivery.objects.filter(state=State.SENT, look_at__lte=clock()).order_by("look_at", "pk")):
            if time.monotonic() > stop_at:
                break
            status = _status(backend, letter)
            _take(letter, status, at=clock())
            answers[status] = answers.get(status, 0) + 1
    except NotifyRefused as error:
        log.warning("GOV.UK Notify does not say what became of letters: %s", words_of(error))
        beat(Heartbeat.Name.MAIL, at=clock(), error=words_of(error))
    finally:
        backend.close()
    return answers


def _status(backend: EmailBackend, letter: Delivery) -> str:
    try:
        return backend.status_of(letter.remote_id)
    except NotifyRefused as error:
        if error.code == NOT_KNOWN:
            return "unknown"
        raise


def _take(letter: Delivery, status: str, *, at: datetime.datetime) -> None:
    """Record Notify's answer. An email that it could not deliver fails, is sent again, or is set aside."""
    values: dict[str, Any] = {"remote_status": status, "look_at": None}
    if status == "permanent-failure":
        values |= {"state": State.FAILED, "ended_at": at, "last_error": f"GOV.UK Notify: {status}"}
    elif status in ("temporary-failure", "technical-failure"):
        values |= _again(letter, at) | {"last_error": f"GOV.UK Notify: {status}"}
    elif status not in ("delivered", "unknown"):
        age = at - (letter.ended_at or at)
        values["look_at"] = at + max(age, SOON) if age < LONGEST else None
    Delivery.objects.filter(pk=letter.pk, state=State.SENT, remote_id=letter.remote_id).update(**values)


def _again(letter: Delivery, at: datetime.datetime) -> dict[str, Any]:
    """Under a new reference: by the old one Notify knows a letter that it has given up.

    Of a sign-in letter the words are gone by now, and whoever wanted it can ask for a new one.
    """
    if letter.kind == Kind.ACCOUNT or letter.attempts >= MOST_ATTEMPTS:
        return {"state": State.SET_ASIDE, "ended_at": at}
    wait = datetime.timedelta(seconds=settings.BACKOFF_SECONDS[letter.attempts - 1])
    anew = {"remote_id": "", "round": F("round") + 1}
    return {"state": State.WAITING, "ended_at": None, "next_try_at": at + wait, **anew}
