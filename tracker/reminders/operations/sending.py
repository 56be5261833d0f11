"""Sends emails: each once as far as can be known, with a limited number of attempts, and independently of one
another."""

import datetime
import hashlib
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError
from django.db import connection as database
from django.db.models import F
from django.utils.http import http_date

from tracker.accounts.policies import Access
from tracker.reminders import emails
from tracker.reminders.models import LEASE, Delivery, DeliveryQuerySet, Heartbeat
from tracker.reminders.notify import Message
from tracker.reminders.queries import last_told
from tracker.reminders.refusals import code_of, is_about_us, is_final, keeps_connection, words_of

log = logging.getLogger(__name__)

# Seconds after which a run stops and asks for another, before the worker's own limit ends it in the middle of a letter.
LONGEST_RUN = 30
# How many emails are read from the queue at a time.
HANDFUL = 50
MOST_ATTEMPTS = len(settings.BACKOFF_SECONDS) + 1
# How long after sending GOV.UK Notify is first asked for the status.
SOON = datetime.timedelta(minutes=1)
# How many seconds a sender tries to record the result while the database is not available.
PATIENCE = 20
State, Kind, Reason = Delivery.State, Delivery.Kind, Delivery.Reason


class Sent(NamedTuple):
    """How many emails of a run ended in each state, and whether it stopped before all were sent."""

    ended: dict[str, int]
    goes_on: bool


class LeaseLost(Exception):
    """The claim expired during sending, and another sender has the email."""


class MailServerUnavailable(Exception):
    """The mail server refuses every email from this installation, not only this one."""


def beat(name: Heartbeat.Name, *, at: datetime.datetime, error: str = "") -> None:
    """Record that it happened now."""
    rows = Heartbeat.objects.filter(name=name)
    if not rows.update(at=at, error=error):
        Heartbeat.objects.bulk_create([Heartbeat(name=name, at=at, error=error)], ignore_conflicts=True)


def send_due(*, clock: Callable[[], datetime.datetime], most: int | None = None) -> Sent:
    """Send what is due over one connection, until nothing is or 30 seconds are over. One bad letter stops no other.

    Several may do this at the same time. While the mail server lets nobody in, no letter is tried, so that none uses
    up its attempts; the next tick knocks again.
    """
    ended: Counter[str] = Counter()
    connection = get_connection()
    stop_at = time.monotonic() + LONGEST_RUN
    try:
        while hand := _due(clock())[:most]:
            for pk in hand:
                if time.monotonic() > stop_at or (most is not None and ended.total() >= most):
                    return Sent(dict(ended), goes_on=True)
                if not _is_let_in(connection, clock, is_first=not ended):
                    return Sent(dict(ended), goes_on=False)
                state = send(pk, at=clock(), connection=connection)
                if state is not None:
                    ended[state] += 1
    except MailServerUnavailable as refused:
        beat(Heartbeat.Name.MAIL, at=clock(), error=str(refused))
        ended[State.WAITING] += 1
        return Sent(dict(ended), goes_on=False)
    finally:
        connection.close()
    return Sent(dict(ended), goes_on=False)


def how_many_are_due(*, at: datetime.datetime) -> int:
    return Delivery.objects.due(at=at).count()


def _due(at: datetime.datetime) -> list[int]:
    """The next emails to send, in random order within a rank, so that two senders rarely try the same one."""
    found = list(Delivery.objects.due(at=at).in_order().values_list("rank", "pk")[:HANDFUL])
    random.shuffle(found)
    return [pk for _rank, pk in sorted(found, key=lambda row: row[0])]


def _is_let_in(connection: BaseEmailBackend, clock: Callable[[], datetime.datetime], *, is_first: bool) -> bool:
    """Whether the mail server accepts a connection. The first attempt of a run is recorded."""
    try:
        connection.open()
        if is_first:
            beat(Heartbeat.Name.MAIL, at=clock())
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        log.warning("The mail server lets nobody in: %s", words_of(error))
        connection.close()
        beat(Heartbeat.Name.MAIL, at=clock(), error=words_of(error))
        return False
    return True


def send(pk: int, *, at: datetime.datetime, connection: BaseEmailBackend) -> str | None:
    """Claim the letter, talk to the mail server, record how it ended. None when somebody else has it.

    Not one transaction, for nothing is locked while a mail server is spoken to: a sender that dies leaves a claim that
    runs out, and the letter goes again with the same Message-ID and Date. The attempt is counted before the work, so
    that a letter of which every sender dies comes to an end too.
    """
    claim = {"state": State.SENDING, "claimed_until": at + LEASE, "tried_at": at, "attempts": F("attempts") + 1}
    if not Delivery.objects.due(at=at).filter(pk=pk).update(**claim):
        return None
    delivery = Delivery.objects.select_related("person").get(pk=pk)
    if delivery.attempts > MOST_ATTEMPTS:
        said = delivery.last_error or "Whoever tried to send it ended before it was sent."
        return _end(delivery, State.SET_ASIDE, at, last_error=said)
    try:
        reason = _why_not(delivery, at)
        if reason is not None:
            return _end(delivery, State.NOTHING, at, reason=reason)
        remote_id = _talk(delivery, connection)
    except SoftTimeLimitExceeded:
        # The worker is stopping. The claim expires, and a later tick sends the email.
        raise
    except LeaseLost:
        return None
    except Exception as error:
        if not keeps_connection(error):
            connection.close()
        state = _failed(delivery, error, at)
        if is_about_us(error):
            raise MailServerUnavailable(words_of(error)) from error
        return state
    followed = {"remote_id": remote_id, "remote_status": "", "look_at": at + SOON} if remote_id else {}
    return _end(delivery, State.SENT, at, **followed)


def _why_not(delivery: Delivery, at: datetime.datetime) -> Delivery.Reason | None:
    """Why it is not sent, if so. Composes a digest, unless an earlier attempt has done that."""
    today = at.astimezone(settings.LONDON).date()
    if not delivery.person.is_active:
        return Reason.NO_ACCESS
    if delivery.kind == Kind.DIGEST and delivery.day < today:
        return Reason.PASSED
    if delivery.kind in (Kind.ACCOUNT, Kind.INVITATION, Kind.NOTICE):
        if delivery.composed_at is None:
            _freeze(delivery, emails.invitation(delivery.person), at)
        return None
    on = max(delivery.day, today)
    access = Access(delivery.person, on, at if on == today else None)
    if not access.held:
        return Reason.NO_ACCESS
    if delivery.composed_at is None:
        last = last_told(delivery.person, before=on) if delivery.kind == Kind.DIGEST else None
        letter = emails.digest(access, last=last, on_request=delivery.kind == Kind.DIGEST_ON_REQUEST)
        if letter is None:
            return Reason.NO_NEWS
        _freeze(delivery, letter, at)
    return None


def _freeze(delivery: Delivery, letter: emails.Letter, at: datetime.datetime) -> None:
    """Store the text, Message-ID and Date that every attempt sends."""
    values = {
        "subject": letter.subject,
        "body_text": letter.text,
        "body_html": letter.html,
        "told": letter.told,
        "message_id": message_id(delivery.key),
        "composed_at": at,
    }
    if not _held(delivery).update(**values):
        raise LeaseLost
    for name, value in values.items():
        setattr(delivery, name, value)


# So that absence notices do not answer, and people can sort what comes from here. GOV.UK Notify takes no headers.
AUTOMATIC = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "List-Id": f"Inspection action tracker <tracker.{urlsplit(settings.SITE_URL).hostname}>",
}


def _talk(delivery: Delivery, connection: BaseEmailBackend) -> str:
    """Send it. Returns the id that GOV.UK Notify gave it, or "" for a mail server."""
    assert delivery.composed_at is not None
    headers = AUTOMATIC | {"Message-ID": delivery.message_id, "Date": http_date(delivery.composed_at.timestamp())}
    message = Message(
        delivery.subject, delivery.body_text, None, [delivery.address], connection=connection, headers=headers
    )
    if delivery.body_html:
        message.attach_alternative(delivery.body_html, "text/html")
    message.reference, message.may_be_there = delivery.reference, delivery.attempts > 1
    message.send()
    return message.remote_id


def _failed(delivery: Delivery, error: Exception, at: datetime.datetime) -> str | None:
    """Try it again later, or fail it after the last attempt."""
    log.warning("Letter %s was not sent (attempt %s): %s", delivery.pk, delivery.attempts, type(error).__name__)
    said = {"last_code": code_of(error), "last_error": words_of(error)}
    if is_final(error):
        return _end(delivery, State.FAILED, at, **said)
    if delivery.attempts >= MOST_ATTEMPTS:
        return _end(delivery, State.SET_ASIDE, at, **said)
    wait = datetime.timedelta(seconds=settings.BACKOFF_SECONDS[delivery.attempts - 1])
    return _record(delivery, State.WAITING, next_try_at=at + wait, **said)


def _end(delivery: Delivery, state: Delivery.State, at: datetime.datetime, **values: Any) -> str | None:
    if delivery.kind == Kind.ACCOUNT:
        # It contained a sign-in link.
        values |= {"body_text": "", "body_html": ""}
    return _record(delivery, state, ended_at=at, **values)


def _record(delivery: Delivery, state: Delivery.State, **values: Any) -> str | None:
    """Write it down, unless the claim has run out and somebody else has the letter: then None.

    A letter that went and of which that is not written down goes again; so while the database is away it is asked
    again, for as long as the claim surely holds.
    """
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            written = _held(delivery).update(state=state, claimed_until=None, **values)
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up_at:
                raise
            if not database.in_atomic_block:
                database.close()
            time.sleep(0.5)
        else:
            return state if written else None


def _held(delivery: Delivery) -> DeliveryQuerySet:
    """The row, while this sender's claim holds."""
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, claimed_until=delivery.claimed_until)


def message_id(key: str) -> str:
    """The same email always has the same Message-ID, at every attempt and from every sender."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
