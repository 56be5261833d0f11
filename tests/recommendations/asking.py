"""What the tests of asks share."""

import datetime
from typing import Any

from tests.base import KSS, NOON, TODAY, recommendation
from tests.factories import place
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.ask import operations
from tracker.recommendations.models import Ask

WEST_KENT, REGION, TOP = f"{KSS}west-kent-pdu/", KSS, "hmpps/"
WORDS = "Two trainers for the refresher course."


def later(days: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=days)


def ask_of(number: int, path: str, by: User, **given: Any) -> Ask:
    """Asked ten days ago, of the organisation at that path, and wanted in a week."""
    values: dict[str, Any] = {"words": WORDS, "wanted_on": later(7)} | given
    at = NOON - datetime.timedelta(days=10)
    return operations.ask(recommendation(number), by=Actor(by), at=at, asked_of=place(path), **values)


def answered(ask: Ask, by: User, state: str, promised_on: datetime.date | None = None) -> Ask:
    return operations.answer(
        ask, by=Actor(by), at=NOON, seen_version=ask.version, state=state, promised_on=promised_on, words="We will see."
    )
