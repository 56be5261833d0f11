"""What the tests of due dates, asks and lineage share."""

import datetime
from typing import Any

from django.test import Client

from tests.base import NOON, recommendation
from tests.factories import Answer, Node, read
from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.due.operations import ask_extension, set_due
from tracker.recommendations.models import Extension, Recommendation

HTMX = {"HX-Request": "true"}
FIRST = datetime.date(2026, 12, 1)
LATER = datetime.date(2027, 1, 29)


def address(item: Recommendation, verb: str) -> str:
    return f"/recommendations/{item.pk}/{verb}/"


def form_of(answer: Answer, url: str) -> Node:
    return read(answer).one("form", action=url)


def opened(client: Client, url: str) -> dict[str, Any]:
    """What a browser would post of the form at that address, untouched."""
    answer = client.get(url)
    assert answer.status_code == 200
    return dict(form_of(answer, url).sent())


def error_beside(answer: Answer, name: str) -> str:
    """What stands beside that field, or beside the first of its choices."""
    page = read(answer)
    message = page.one(id=f"id_{name}_error")
    assert [link for link in page.all("a") if link.attrs.get("href", "").startswith(f"#id_{name}")], (
        "not in the summary"
    )
    return message.text.removeprefix("Error: ")


def due(number: int, by: User, due_on: datetime.date = FIRST, due_set_by: str = "lead") -> Recommendation:
    item = recommendation(number)
    set_due(item, by=Actor(by), at=NOON, seen_version=item.version, due_on=due_on, due_set_by=due_set_by)
    return recommendation(number)


def fixed(number: int, by: User, due_on: datetime.date = FIRST, due_set_by: str = "lead") -> Recommendation:
    """As it stands once its date was set and fixed."""
    item = due(number, by, due_on, due_set_by)
    Recommendation.objects.filter(pk=item.pk).update(original_due_on=due_on)
    return recommendation(number)


def asked(number: int, by: User, to_on: datetime.date = LATER) -> Extension:
    return ask_extension(recommendation(number), by=Actor(by), at=NOON, to_on=to_on, reason="The trainer left.")


def last_event(verb: str) -> Event:
    return Event.objects.filter(verb=verb).select_related("why").newest_first()[0]


def said_above(answer: Answer) -> str:
    """The error summary."""
    return read(answer).one(class_="govuk-error-summary").text
