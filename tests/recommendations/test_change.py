"""Owner, due date and progress change in the row, and every change is on record."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import TODAY, Cast, recommendation
from tracker.history.models import Event

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def fields(number: int, **typed: str) -> dict[str, str]:
    item = recommendation(number)
    values = {"version": str(item.version), "owner": item.owner.label if item.owner else ""}
    values["due_on"] = item.due_on.isoformat() if item.due_on else ""
    return {f"r{item.pk}-{name}": value for name, value in (values | typed).items()}


def url(number: int) -> str:
    return f"/recommendations/{recommendation(number).pk}/change/"


def test_the_lead_names_an_owner_and_a_date(signed_in: SignedIn, cast: Cast) -> None:
    answer = signed_in("head").post(url(4), fields(4, owner="officer", due_on="11/12/2026"))
    item = recommendation(4)
    assert answer.status_code == 302
    assert (item.owner, item.due_on, item.original_due_on) == (
        cast.officer,
        datetime.date(2026, 12, 11),
        datetime.date(2026, 12, 11),
    )
    event = Event.objects.about(item).newest_first()[0]
    assert (event.verb, event.actor, event.day) == ("recommendation.planned", cast.head, TODAY)
    assert event.changes["owner_id"] == [None, cast.officer.pk]
    assert event.after["due_on"] == "2026-12-11"
    assert event.after["version"] == item.version == 2
