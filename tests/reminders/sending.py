"""What the tests of queueing letters and sending them share."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.core.mail import EmailMessage
from pytest_django import Settings

from tests.base import NOON, TODAY, recommendation
from tests.rig import MailSink
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation
from tracker.reminders import emails, mailfolder
from tracker.reminders.models import Delivery, DigestRun
from tracker.reminders.operations.queueing import Queued, queue_changed_digests, queue_digests
from tracker.reminders.operations.sending import send_due
from tracker.reminders.queries import last_told

MINUTE = datetime.timedelta(minutes=1)
SECOND = datetime.timedelta(seconds=1)
State = Delivery.State


class ScriptedSink(MailSink):
    """Answers the next letters to an address as told, and keeps what comes after that."""

    def __init__(self) -> None:
        self.at_rcpt: dict[str, list[str]] = {}
        self.at_data: dict[str, list[str]] = {}
        self.at_mail: list[str] = []
        self.connections = 0
        super().__init__()

    async def handle_EHLO(
        self, server: object, session: Any, envelope: object, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: object, session: object, envelope: Any, address: str, options: Any) -> str:
        if self.at_mail:
            return self.at_mail.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: object, session: object, envelope: Any, address: str, options: Any) -> str:
        if self.at_rcpt.get(address):
            return self.at_rcpt[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        for address in envelope.rcpt_tos:
            if self.at_data.get(address):
                return self.at_data[address].pop(0)
        return await super().handle_DATA(server, session, envelope)

    def to(self) -> list[str]:
        return sorted(str(letter["To"]) for letter in self.letters)


class Meanwhile(mailfolder.EmailBackend):
    """A mail folder in which something happens while the first sender talks to it."""

    happens: Callable[[], object] | None = None

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        happens, Meanwhile.happens = Meanwhile.happens, None
        if happens:
            happens()
        return super().send_messages(email_messages)


def use_server(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def plan(
    number: int, owner: User | None, days: int, *, by: User | None = None, on: datetime.date = TODAY
) -> Recommendation:
    """Recommendation `number` belongs to `owner` and is due that many days from `on` (negative: overdue)."""
    item = recommendation(number)
    lead = by or Membership.objects.filter(role="lead", organisation=item.addressee)[0].user
    due_on = on + datetime.timedelta(days=days)
    reason = "Agreed." if item.due_on and due_on > item.due_on else ""
    return change(item, by=Actor(lead), at=NOON, seen_version=item.version, plan=Plan(owner, due_on, reason))


def queued(on: datetime.date = TODAY, *, on_any_day: bool = False) -> Queued:
    """By the clock's run of that day; on any day by the demonstration's button."""
    return (queue_changed_digests if on_any_day else queue_digests)(on=on, at=NOON)


def begin_anew() -> None:
    """As if that day had no run yet."""
    Delivery.objects.all().delete()
    DigestRun.objects.all().delete()


def names(on: datetime.date = TODAY) -> set[str]:
    """Who gets a digest of that day: has had it, or would be told something now."""
    rows = Delivery.objects.filter(kind="digest", day=on).exclude(state=State.NOTHING).select_related("person")
    return {row.person.email.removesuffix("@example.test") for row in rows if row.composed_at or _has_news(row)}


def _has_news(row: Delivery) -> bool:
    return emails.digest(Access(row.person, row.day), last=last_told(row.person, before=row.day)) is not None


def send(at: datetime.datetime = NOON) -> dict[str, int]:
    """How many letters ended in which state, without those to whom nothing was to be told."""
    ended = send_due(clock=lambda: at).ended
    return {str(state): count for state, count in ended.items() if state != State.NOTHING}


def the_letter(to: str = "officer") -> Delivery:
    return Delivery.objects.select_related("person").get(person__email=f"{to}@example.test")


def waiting_row(person: User, key: str, **values: Any) -> Delivery:
    composed = {"subject": "Hello", "body_text": "Hello\n", "message_id": f"<{key}@example.test>", "composed_at": NOON}
    row = {"kind": "account", "address": person.email, "day": TODAY, "queued_at": NOON, "next_try_at": NOON}
    return Delivery(**{"person": person, "key": key} | row | composed | values)
