"""Actions that are still open when their recommendation is submitted and signed off."""

import datetime
from collections.abc import Callable

import pytest

from tests.base import NOON, TODAY, Cast, recommendation
from tests.factories import read
from tests.recommendations.changing import SignedIn
from tests.recommendations.planning import step
from tests.recommendations.promising import address
from tests.recommendations.reviewing import ready, signed_off, submitted
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.recommendations.action.operations import drop_action, mark_done
from tracker.recommendations.action.queries import actions_waiting
from tracker.recommendations.models import Action

pytestmark = pytest.mark.usefixtures("at_noon")


def test_submit_page_lists_open_actions_and_links_to_each(signed_in: SignedIn, cast: Cast) -> None:
    ready(4, cast.officer, cast.head)
    step(cast, 4, owner=cast.officer, text="Audit twelve cases")
    mark_done(step(cast, 4, owner=cast.officer, text="Train the managers"), by=Actor(cast.officer), at=NOON)
    page = read(signed_in("head").get(address(recommendation(4), "submit")))
    row = page.one(class_="govuk-task-list").all("li", class_="govuk-task-list__item")[3]
    assert row.text.endswith("1 open")
    assert "Train the managers" not in row.text
    link = row.one("a")
    assert link.text == "Audit twelve cases"
    action = Action.objects.get(state="open")
    assert link.attrs["href"] == f"/actions/{action.pk}/?item={recommendation(4).pk}"


@pytest.mark.parametrize("make", [submitted, signed_off])
def test_open_action_is_done_after_submission_and_sign_off(
    signed_in: SignedIn, cast: Cast, make: Callable[..., object]
) -> None:
    action = step(cast, 4, owner=cast.officer, due_on=TODAY - datetime.timedelta(days=2))
    make(4, cast)
    waiting = actions_waiting(Access(cast.officer, TODAY), 7)
    assert [(one.action, one.reason) for one in waiting] == [(action, "overdue")]
    client = signed_in("officer")
    form = read(client.get(f"/recommendations/{recommendation(4).pk}/")).one(id=f"action-{action.pk}").one("form")
    assert client.post(form.attrs["action"], form.sent()).status_code == 302
    assert Action.objects.get().state == "done"


def test_lead_drops_an_open_action_after_sign_off_but_cannot_reword_it(signed_in: SignedIn, cast: Cast) -> None:
    action = step(cast, 4, owner=cast.officer)
    signed_off(4, cast)
    client = signed_in("head")
    page = read(client.get(f"/actions/{action.pk}/")).one("main")
    links = [link.attrs["href"].partition("?")[0] for link in page.all("a")]
    assert f"/actions/{action.pk}/drop/" in links
    assert f"/actions/{action.pk}/edit/" not in links
    drop_action(action, by=Actor(cast.head), at=NOON, reason="No longer needed.")
    assert Action.objects.get().state == "dropped"
