"""GOV.UK Notify, the second road: a letter is handed over by HTTP, and what became of it is asked for afterwards.

Notify knows no Message-ID. What makes a repeat harmless there is the `reference`: before a letter goes again of which
an earlier attempt may have arrived, Notify is asked whether it has one with that reference.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from tracker.reminders.refusals import NOT_UNDERSTOOD, NotifyRefused


class Message(EmailMultiAlternatives):
    """An email being sent. `may_be_there`: an earlier attempt may have arrived; `remote_id`: its id at Notify."""

    reference = ""
    may_be_there = False
    remote_id = ""


class EmailBackend(BaseEmailBackend):
    @cached_property
    def client(self) -> Any:
        # Imported only if Notify is used.
        from notifications_python_client.notifications import NotificationsAPIClient

        key, url, patience = settings.NOTIFY_API_KEY, settings.NOTIFY_URL, settings.EMAIL_TIMEOUT
        return NotificationsAPIClient(key, base_url=url, timeout=patience)

    def close(self) -> None:
        # The client, cached after first use.
        if "client" in self.__dict__:
            self.client.request_session.close()
            del self.client

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            assert isinstance(message, Message)
            there = self.request_cache(message.reference) if message.may_be_there else ""
            message.remote_id = there or self._hand_over(message)
        return len(email_messages)

    def request_cache(self, reference: str) -> str:
        """Notify's id for the email with that reference, or ""."""
        found = asked(lambda: self.client.get_all_notifications(template_type="email", reference=reference))
        return next((str(one["id"]) for one in found["notifications"]), "")

    def status_of(self, remote_id: str) -> str:
        """Such as "sending", "delivered" or "permanent-failure"."""
        return str(asked(lambda: self.client.get_notification_by_id(remote_id))["status"])

    def _hand_over(self, message: Message) -> str:
        answer = asked(
            lambda: self.client.send_email_notification(
                email_address=message.to[0],
                template_id=settings.NOTIFY_TEMPLATE_ID,
                personalisation={"subject": message.subject, "body": message.body},
                reference=message.reference,
            )
        )
        return str(answer["id"])


def asked(question: Callable[[], Any]) -> Any:
    from notifications_python_client.errors import APIError, InvalidResponse

    try:
        return question()
    except InvalidResponse as error:
        raise NotifyRefused(NOT_UNDERSTOOD, "no answer that can be read") from error
    except APIError as error:
        raise NotifyRefused(error.status_code, _words(error.message)) from error


def _words(said: str | list[dict[str, str]]) -> str:
    if isinstance(said, str):
        return said
    return "; ".join(f"{one.get('error', '')}: {one.get('message', '')}" for one in said)
