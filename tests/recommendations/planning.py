"""What the tests of responses, action plans and actions share."""

import datetime
from typing import Any

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import Answer, read
from tracker.accounts.models import User
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.action.operations import Step, add_action
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Action, ActionPlan, Plan, Recommendation, SentPlan
from tracker.recommendations.plan.operations import clear_plan, fix_dates
from tracker.recommendations.plan.queries import answered_in, find_plan, last_plan_event
from tracker.recommendations.response.operations import respond

HTMX = {"HX-Request": "true"}
DUE = datetime.date(2027, 3, 31)


def plan() -> ActionPlan:
    """West Kent's own, of its report; not saved where nobody has begun it."""
    found = find_plan(west_kent(), recommendation(4).addressee_id)
    assert found is not None
    return found


def plan_url(verb: str = "") -> str:
    item = recommendation(4)
    return f"/inspections/{item.inspection_id}/plan/{item.addressee_id}/" + (f"{verb}/" if verb else "")


def planned(item: Recommendation, owner: User, by: User, due_on: datetime.date = DUE) -> None:
    item = Recommendation.objects.get(pk=item.pk)
    change(item, by=Actor(by), at=NOON, seen_version=item.version, plan=Plan(owner, due_on))


def agreed(item: Recommendation, by: User, response: str = "agreed", **said: Any) -> None:
    item = Recommendation.objects.get(pk=item.pk)
    respond(item, by=Actor(by), at=NOON, seen_version=item.version, response=response, **said)


def step(cast: Cast, *numbers: int, text: str = "Train every officer", **more: Any) -> Action:
    """Added by the lead of West Kent."""
    answers = tuple(recommendation(number).pk for number in numbers)
    return add_action(Step(text, answers, **more), by=Actor(cast.head), at=NOON)


def complete(cast: Cast) -> None:
    """Nothing is lacking in West Kent's plan; the dates are drafts."""
    items = list(answered_in(plan()))
    for item in items:
        agreed(item, cast.head)
        planned(item, cast.officer, cast.head)
    add_action(
        Step("Train every officer", tuple(item.pk for item in items), cast.officer), by=Actor(cast.head), at=NOON
    )


def fixed(cast: Cast) -> None:
    complete(cast)
    fix_dates(plan(), by=Actor(cast.head), at=NOON, seen_event=last_plan_event(plan()))


def cleared(cast: Cast) -> None:
    fixed(cast)
    clear_plan(plan(), by=Actor(cast.director), at=NOON, seen_event=last_plan_event(plan()))


def sent_for_routes(cast: Cast) -> None:
    """An action of West Kent's recommendation 4, and its action plan, sent: what addresses may ask for."""
    step(cast, 4)
    sent, who = plan(), {"cleared_by": cast.director, "cleared_on": TODAY, "sent_by": cast.head}
    for name, value in (who | {"state": "sent", "sent_on": TODAY}).items():
        setattr(sent, name, value)
    sent.save()
    SentPlan.objects.create(plan=sent, number=1, sent_at=NOON, day=TODAY, content=[], **who)


def verbs_of(subject: Any) -> list[str]:
    """The newest first."""
    return [event.verb for event in Event.objects.about(subject).newest_first()]


def error_beside(answer: Answer, name: str) -> str:
    message = read(answer).one(id=f"id_{name}_error")
    return message.text.removeprefix("Error: ")


def summary(answer: Answer) -> str:
    return read(answer).one("div", class_="govuk-error-summary").text
