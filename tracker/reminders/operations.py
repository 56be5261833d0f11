"""Queueing letters and sending them. The row comes before the message; a unique key is what makes it happen once."""

import datetime
import hashlib
import logging
import time
import uuid
from collections.abc import Callable
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils.http import http_date

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.reminders import emails
from tracker.reminders.models import Delivery
from tracker.reminders.queries import digest_candidates, last_told, people_to_invite
from tracker.web.workingdays import is_working_day

log = logging.getLogger(__name__)

LEASE = datetime.timedelta(seconds=settings.LEASE_SECONDS)
# Seconds; the next tick goes on where this one stops, before the worker's own limit ends it in the middle of a letter.
LONGEST_RUN = 30
State = Delivery.State


class Queued(NamedTuple):
    """How many letters were queued now, and how many people have one of that day already."""

    now: int
    before: int


def queue_digests(*, on: datetime.date, at: datetime.datetime, on_any_day: bool = False) -> Queued:
    """A row for everybody to whom something overdue or due is new; none on a day that is no working day."""
    if not on_any_day and not is_working_day(on):
        return Queued(0, 0)
    digests = Delivery.objects.filter(kind=Delivery.Kind.DIGEST, day=on)
    had = set(digests.exclude(state=State.NOTHING).values_list("person", flat=True))
    candidates = [person for person in digest_candidates(on=on) if person.pk not in had]
    last = last_told(candidates, before=on)
    people = [person for person in candidates if emails.has_news(Access(person, on), last.get(person.pk))]
    rows = [_waiting(Delivery.Kind.DIGEST, f"digest:{person.pk}:{on}", person, on=on, at=at) for person in people]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    # What had nothing to say this morning may have something now; the row stays the one letter of that day.
    digests.filter(state=State.NOTHING, person__in=people).update(
        state=State.WAITING, next_try_at=at, ended_at=None, attempts=0, composed_at=None
    )
    return Queued(len(rows), len(had))


def queue_invitations(*, on: datetime.date, at: datetime.datetime) -> None:
    """A row for everybody who was given an account and never had a letter about it."""
    rows = [
        _waiting(Delivery.Kind.INVITATION, f"invitation:{person.pk}", person, on=on, at=at)
        for person in people_to_invite()
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def queue_account_letter(person: User, letter: emails.Letter, *, on: datetime.date, at: datetime.datetime) -> Delivery:
    """A sign-in letter: it carries a link that works once, so it is composed by whoever asked for it."""
    key = f"account:{uuid.uuid4()}"
    delivery = _waiting(Delivery.Kind.ACCOUNT, key, person, on=on, at=at)
    delivery.subject, delivery.body_text, delivery.body_html = letter.subject, letter.text, letter.html
    delivery.message_id, delivery.composed_at = message_id(key), at
    delivery.save()
    return delivery


def _waiting(kind: Delivery.Kind, key: str, person: User, *, on: datetime.date, at: datetime.datetime) -> Delivery:
    return Delivery(kind=kind, key=key, person=person, address=person.email, day=on, queued_at=at, next_try_at=at)


def send_due(*, clock: Callable[[], datetime.datetime], most: int = 500) -> dict[str, int]:
    """Send what is due, oldest first, and say how many ended in which state. One bad letter stops no other."""
    ended: dict[str, int] = {}
    connection = get_connection()
    stop_at = time.monotonic() + LONGEST_RUN
    due = Delivery.objects.due(at=clock()).order_by("next_try_at", "pk").values_list("pk", flat=True)[:most]
    try:
        for pk in list(due):
            if time.monotonic() > stop_at:
                break
            state = send(pk, at=clock(), connection=connection)
            if state is not None:
                ended[state] = ended.get(state, 0) + 1
    finally:
        connection.close()
    return ended


def send(pk: int, *, at: datetime.datetime, connection: BaseEmailBackend) -> str | None:
    """Claim the letter, talk to the mail server, record how it ended. None when somebody else has it.

    Not one transaction, for nothing is locked while a mail server is spoken to: a sender that dies leaves a claim that
    runs out, and the letter goes again with the same Message-ID and Date.
    """
    claimed = (
        Delivery.objects.due(at=at)
        .filter(pk=pk)
        .update(state=State.SENDING, claimed_until=at + LEASE, attempts=F("attempts") + 1)
    )
    if not claimed:
        return None
    delivery = Delivery.objects.select_related("person").get(pk=pk)
    try:
        # Somebody who may no longer sign in gets nothing, also not what was composed before.
        if not delivery.person.is_active or (delivery.composed_at is None and not _composed(delivery, at)):
            return _end(delivery, State.NOTHING, at)
        _talk(delivery, connection)
    except SoftTimeLimitExceeded:
        # The worker is being stopped. The claim runs out, and the letter goes at a later tick.
        raise
    except Exception as error:
        connection.close()
        return _failed(delivery, error, at)
    return _end(delivery, State.SENT, at)


def _composed(delivery: Delivery, at: datetime.datetime) -> bool:
    """Compose and freeze; False when nothing is left to say."""
    letter = (
        emails.invitation(delivery.person)
        if delivery.kind == Delivery.Kind.INVITATION
        else emails.digest(Access(delivery.person, delivery.day))
    )
    if letter is None:
        return False
    delivery.subject, delivery.body_text, delivery.body_html = letter.subject, letter.text, letter.html
    delivery.message_id, delivery.composed_at, delivery.told = message_id(delivery.key), at, letter.told
    delivery.save(update_fields=["subject", "body_text", "body_html", "message_id", "composed_at", "told"])
    return True


def _talk(delivery: Delivery, connection: BaseEmailBackend) -> None:
    assert delivery.composed_at is not None
    headers = {"Message-ID": delivery.message_id, "Date": http_date(delivery.composed_at.timestamp())}
    message = EmailMultiAlternatives(
        delivery.subject, delivery.body_text, None, [delivery.address], connection=connection, headers=headers
    )
    if delivery.body_html:
        message.attach_alternative(delivery.body_html, "text/html")
    connection.open()
    message.send()


def _failed(delivery: Delivery, error: Exception, at: datetime.datetime) -> str:
    """What the mail server says of this letter or address with 5xx is final; all else may pass, also its own faults."""
    code = _code(error)
    delivery.last_code, delivery.last_error = code, f"{type(error).__name__}: {error}"[:500]
    log.warning("Letter %s was not sent (attempt %s): %s", delivery.pk, delivery.attempts, type(error).__name__)
    if code is not None and code >= 500 and isinstance(error, SMTPRecipientsRefused | SMTPDataError):
        return _end(delivery, State.FAILED, at)
    if delivery.attempts > len(settings.BACKOFF_SECONDS):
        return _end(delivery, State.SET_ASIDE, at)
    wait = datetime.timedelta(seconds=settings.BACKOFF_SECONDS[delivery.attempts - 1])
    delivery.state, delivery.next_try_at, delivery.claimed_until = State.WAITING, at + wait, None
    delivery.save(update_fields=["state", "next_try_at", "claimed_until", "last_code", "last_error"])
    return State.WAITING


def _code(error: Exception) -> int | None:
    if isinstance(error, SMTPRecipientsRefused):
        return max((code for code, _text in error.recipients.values()), default=None)
    if isinstance(error, SMTPResponseException):
        return int(error.smtp_code)
    return None


def _end(delivery: Delivery, state: Delivery.State, at: datetime.datetime) -> str:
    delivery.state, delivery.ended_at, delivery.claimed_until = state, at, None
    if delivery.kind == Delivery.Kind.ACCOUNT:
        # It held a link that signs somebody in.
        delivery.body_text = delivery.body_html = ""
    delivery.save(
        update_fields=["state", "ended_at", "claimed_until", "last_code", "last_error", "body_text", "body_html"]
    )
    return state


def message_id(key: str) -> str:
    """The same letter has the same Message-ID, whoever composes it and however often it is sent."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
