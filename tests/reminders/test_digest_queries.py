"""How many queries composing a digest takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import NOON, TODAY, Cast, recommendation
from tests.reminders.everything import action, day, everything, late_ask
from tests.reminders.sending import plan
from tracker.accounts.policies import Access
from tracker.reminders import emails
from tracker.reminders.emails.sections import entries_for

pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def cost(access: Access) -> int:
    with CaptureQueriesContext(connection) as asked_for:
        assert emails.digest(access) is not None
    return len(asked_for)


@pytest.mark.parametrize("name", ["officer", "head", "director"])
def test_a_digest_costs_as_many_queries_with_sixty_things_as_with_three(cast: Cast, name: str) -> None:
    everything(cast)
    few = cost(Access(getattr(cast, name), TODAY, NOON))
    item = recommendation(5)
    for number in range(100, 160):
        item.pk, item.number, item.position, item.owner = None, str(number), number, cast.officer
        item._state.adding, item.due_on, item.original_due_on = True, day(-30), None
        item.save()
        if number % 3 == 0:
            action(cast, -20, cast.officer, f"Step {number}", of=number)
            late_ask(cast, number, 9)
    assert len(entries_for(Access(getattr(cast, name), TODAY, NOON))) > 60
    assert cost(Access(getattr(cast, name), TODAY, NOON)) == few <= 30


def test_an_owner_alone_costs_little(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    assert cost(Access(cast.officer, TODAY, NOON)) <= 12
