"""What the tests of changing a recommendation share."""

import datetime
from collections.abc import Callable

from django.test import Client

from tests.base import NOON, recommendation
from tests.factories import Answer, read
from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.history.operations import Actor, operation
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Recommendation
from tracker.recommendations.recommendation.operations import update_and_record

SignedIn = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


def fields(number: int, **typed: str) -> dict[str, str]:
    item = recommendation(number)
    values = {"version": str(item.version), "owner": item.owner.label if item.owner else ""}
    values["due_on"] = item.due_on.isoformat() if item.due_on else ""
    return {f"r{item.pk}-{name}": value for name, value in (values | typed).items()}


def url(number: int) -> str:
    return f"/recommendations/{recommendation(number).pk}/change/"


def planned(number: int, owner: User | None, due_on: datetime.date | None, by: User) -> Recommendation:
    """As it stands after a lead has planned it."""
    item = recommendation(number)
    return change(item, by=Actor(by), at=NOON, seen_version=item.version, plan=Plan(owner, due_on, "Agreed."))


def fixed(number: int, owner: User | None, due_on: datetime.date, by: User) -> Recommendation:
    """The same, once its date is fixed: the original stands for ever beside the current one."""
    item = planned(number, owner, due_on, by)
    with operation(by=Actor(by), at=NOON) as op:
        return update_and_record(item, op, "recommendation.dates_fixed", original_due_on=due_on)


def events(number: int) -> list[Event]:
    """The newest first."""
    return list(Event.objects.about(recommendation(number)).newest_first())


def error_of(answer: Answer, number: int, name: str) -> str:
    """What stands beside that field."""
    item = recommendation(number)
    page = read(answer)
    control = page.one(name=f"r{item.pk}-{name}")
    message = page.one(id=f"id_r{item.pk}-{name}_error")
    assert message.attrs["id"] in control.attrs["aria-describedby"].split()
    assert [link for link in page.all("a") if link.attrs["href"] == f"#{control.attrs['id']}"], "not in the summary"
    return message.text.removeprefix("Error: ")


def kept(answer: Answer, number: int, name: str) -> list[str]:
    """What the form that came back still holds in that field."""
    item = recommendation(number)
    return read(answer).one("form", action=f"/recommendations/{item.pk}/change/").sent()[f"r{item.pk}-{name}"]
