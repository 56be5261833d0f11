"""Writes emails to a folder where they can be read: the embedded mode has no mail server."""

import email
import email.policy
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as Parsed
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """One file for each email, in `MAIL_DIR`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = uuid.uuid4().hex
            half = folder / f"{name}.part"
            try:
                half.write_bytes(message.message().as_bytes())
                half.rename(folder / f"{name}.eml")
            finally:
                # A partly written file would use up the space left on a full disk.
                half.unlink(missing_ok=True)
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    name: str
    to: str
    subject: str
    date: datetime | None
    text: str
    html: str


def read(path: Path) -> Mail:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    assert isinstance(message, Parsed)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Mail(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=message["Date"].datetime if message["Date"] else None,
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
    )


def letters(most: int = 100) -> list[Mail]:
    """Newest first."""
    paths = sorted(Path(settings.MAIL_DIR).glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [read(path) for path in paths[:most]]


def letter(name: str) -> Mail | None:
    """`name` is untrusted text from a browser."""
    path = Path(settings.MAIL_DIR) / f"{name}.eml"
    return read(path) if re.fullmatch("[0-9a-f]{32}", name) and path.is_file() else None
