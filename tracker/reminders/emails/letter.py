"""An email: subject, text and HTML."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from tracker.accounts.models import User
from tracker.recommendations.task.line import short


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str
    # Of a digest: what it tells, as marks such as "overdue:7" and "overdue:7:14 days".
    told: list[str] = field(default_factory=list)


def compose(kind: str, subject: str, person: User, context: dict[str, Any]) -> Letter:
    context = context | {"subject": subject, "person_name": short(person.name, 100)}
    text = render_to_string(f"reminders/email/{kind}/body.txt", context)
    # Omitted parts leave empty lines.
    plain = re.sub(r"\n{3,}", "\n\n", re.sub(r" +\n", "\n", str(text)))
    return Letter(subject, plain.strip() + "\n", render_to_string(f"reminders/email/{kind}/body.html", context).strip())


def absolute(path: str) -> str:
    """An absolute link. The host comes from a setting, never from a request."""
    return settings.SITE_URL + path
