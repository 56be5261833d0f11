"""Queues emails. The row is written before the message is sent to the worker; a unique key keeps an email from being
queued twice."""

import datetime
import uuid
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.people.models import RoleRequest
from tracker.people.policies import can_confirm_role
from tracker.people.queries import people_to_notify
from tracker.reminders import emails
from tracker.reminders.models import Delivery, DigestRun
from tracker.reminders.operations.sending import message_id
from tracker.reminders.queries import digest_candidates, last_told, people_to_invite
from tracker.web.workingdays import is_working_day

State = Delivery.State
# Rows written in one statement. A run that is interrupted between two statements is continued later.
AT_ONCE = 500
# How many digests one person can request within an hour.
MOST_REQUESTS = 3


class Queued(NamedTuple):
    """How many emails were queued now, and how many people already have one for that day."""

    now: int
    before: int


def queue_what_is_due(*, on: datetime.date, at: datetime.datetime) -> None:
    """Queue invitations and notices at any time, and the day's digests from DIGEST_AT on. Called at every tick."""
    queue_invitations(on=on, at=at)
    queue_role_notices(on=on, at=at)
    if at.astimezone(settings.LONDON).time() >= settings.DIGEST_AT:
        queue_digests(on=on, at=at)


def queue_digests(*, on: datetime.date, at: datetime.datetime) -> Queued:
    """The run of a working day: a row for everybody who may have something to be told, once.

    Whether there is anything new to them is asked when the letter is composed. The run is written down, so that later
    ticks ask for nobody again; one that was cut short is taken up again, and the keys keep a second row out. Days that
    were missed need no run of their own: this one compares with what each person was last told, however long ago.
    """
    if not is_working_day(on):
        return Queued(0, 0)
    run, _is_new = DigestRun.objects.get_or_create(day=on, defaults={"started_at": at})
    if run.ended_at is not None:
        return Queued(0, run.queued)
    digests = Delivery.objects.filter(kind=Delivery.Kind.DIGEST, day=on)
    before = digests.count()
    _queue_digests_to(digest_candidates(on=on), on=on, at=at)
    queued = digests.count()
    DigestRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=at, queued=queued)
    return Queued(queued - before, before)


def queue_changed_digests(*, on: datetime.date, at: datetime.datetime) -> Queued:
    """A row for everybody to whom something is new, on any day and as often as asked, but one letter a person and day.

    For the button of the demonstration, which has few people and says how many get a letter.
    """
    digests = Delivery.objects.filter(kind=Delivery.Kind.DIGEST, day=on)
    had = set(digests.exclude(state=State.NOTHING).values_list("person", flat=True))
    people = [
        person
        for person in digest_candidates(on=on)
        if person.pk not in had and emails.digest(Access(person, on, at), last=last_told(person, before=on))
    ]
    _queue_digests_to(people, on=on, at=at)
    # This morning's digest was empty and is not now. The row stays, as there is one email a day.
    digests.filter(state=State.NOTHING, person__in=people).update(
        state=State.WAITING, reason="", next_try_at=at, ended_at=None, attempts=0, composed_at=None
    )
    return Queued(len(people), len(had))


def _queue_digests_to(people: Iterable[User], *, on: datetime.date, at: datetime.datetime) -> None:
    rows = [waiting(Delivery.Kind.DIGEST, f"digest:{person.pk}:{on}", person, on=on, at=at) for person in people]
    Delivery.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def queue_invitations(*, on: datetime.date, at: datetime.datetime) -> None:
    """A row for each person who has an account and was never sent an invitation."""
    rows = [
        waiting(Delivery.Kind.INVITATION, f"invitation:{person.pk}", person, on=on, at=at)
        for person in people_to_invite()
    ]
    Delivery.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def queue_role_notices(*, on: datetime.date, at: datetime.datetime) -> None:
    """An email to everybody with a say in a role, each time its request has reached another state."""
    for pk in list(RoleRequest.objects.exclude(told=F("state")).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            rows = RoleRequest.objects.select_for_update(of=("self",))
            request = rows.select_related("user", "organisation", "asked_by", "confirmer", "decided_by").get(pk=pk)
            if request.told == request.state:
                continue
            letters = [_role_notice(request, person, on=on, at=at) for person in people_to_notify(request, on=on)]
            Delivery.objects.bulk_create(letters, batch_size=AT_ONCE, ignore_conflicts=True)
            RoleRequest.objects.filter(pk=pk).update(told=request.state)


def _role_notice(request: RoleRequest, person: User, *, on: datetime.date, at: datetime.datetime) -> Delivery:
    """Composed now: it says how the request stands at this moment."""
    letter = emails.role_notice(person, request, can_confirm=can_confirm_role(Access(person, on, at), request))
    delivery = waiting(Delivery.Kind.NOTICE, f"role:{request.pk}:{request.state}:{person.pk}", person, on=on, at=at)
    delivery.subject, delivery.body_text, delivery.body_html = letter.subject, letter.text, letter.html
    delivery.message_id, delivery.composed_at = message_id(delivery.key), at
    return delivery


@transaction.atomic
def request_digest(person: User, *, key: uuid.UUID, on: datetime.date, at: datetime.datetime) -> Delivery:
    """One that the person asks for now, with everything in it. It takes no day's digest away, and tells it nothing.

    The same request twice is one letter; more than MOST_REQUESTS within an hour are refused.
    """
    # Simultaneous requests are counted one after the other.
    User.objects.select_for_update().get(pk=person.pk)
    name = f"asked:{person.pk}:{key}"
    kind = Delivery.Kind.DIGEST_ON_REQUEST
    asked = Delivery.objects.filter(person=person, kind=kind)
    if (made := asked.filter(key=name).first()) is not None:
        return made
    if asked.filter(queued_at__gt=at - datetime.timedelta(hours=1)).count() >= MOST_REQUESTS:
        said = _("You have asked for %(n)s in the last hour. Check your inbox or try again later.")
        raise ValidationError(said % {"n": MOST_REQUESTS})
    delivery = waiting(kind, name, person, on=on, at=at)
    delivery.save()
    return delivery


def queue_account_letter(person: User, letter: emails.Letter, *, on: datetime.date, at: datetime.datetime) -> Delivery:
    """An email with a sign-in link. The link works once, so the caller composes the email."""
    key = f"account:{uuid.uuid4()}"
    delivery = waiting(Delivery.Kind.ACCOUNT, key, person, on=on, at=at)
    delivery.subject, delivery.body_text, delivery.body_html = letter.subject, letter.text, letter.html
    delivery.message_id, delivery.composed_at = message_id(key), at
    delivery.save()
    return delivery


def waiting(kind: Delivery.Kind, key: str, person: User, *, on: datetime.date, at: datetime.datetime) -> Delivery:
    """An unsaved email to be sent as soon as possible."""
    return Delivery(
        kind=kind,
        rank=Delivery.RANKS[kind],
        key=key,
        person=person,
        address=person.email,
        day=on,
        queued_at=at,
        next_try_at=at,
    )
