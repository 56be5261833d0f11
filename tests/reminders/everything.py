"""One of everything that may wait, made by the verbs; all of it in reports on West Kent."""

import datetime
from typing import Any

from tests.base import NOON, TODAY, Cast, previous, recommendation
from tests.recommendations.asking import REGION, ask_of
from tests.recommendations.planning import plan as action_plan
from tests.recommendations.planning import step
from tests.recommendations.promising import asked, fixed
from tests.recommendations.reviewing import returned, signed_off, submitted
from tracker.accounts.models import Membership, User
from tracker.history.operations import Actor
from tracker.measures.models import Measure
from tracker.recommendations.measure.operations import add_measure
from tracker.recommendations.models import Action, Ask, Lineage, Recommendation, Report
from tracker.recommendations.update.operations import report


def day(days: int) -> datetime.date:
    """So many days from TODAY; negative: before it."""
    return TODAY + datetime.timedelta(days=days)


def due(number: int, days: int | None, owner: User | None) -> Recommendation:
    """As it stands when it is due so many days from today, by a date that was fixed."""
    due_on = None if days is None else day(days)
    Recommendation.objects.filter(pk=recommendation(number).pk).update(
        owner=owner, due_on=due_on, original_due_on=due_on
    )
    return recommendation(number)


def action(cast: Cast, days: int, owner: User | None, text: str = "Train every officer", *, of: int = 4) -> Action:
    made = step(cast, of, text=text, owner=owner)
    Action.objects.filter(pk=made.pk).update(due_on=day(days))
    return made


def at_risk(number: int, by: User) -> None:
    item = due(number, 60, by)
    said = Report("some", "It goes slowly.", outlook="at_risk", outlook_reason="Two trainers left.")
    report([item], said, by=Actor(by), at=NOON)


def figure(cast: Cast, number: int = 4) -> Measure:
    more: dict[str, Any] = {"name": "Cases supervised", "unit": "%", "better": "up", "supplier": cast.supplier}
    return add_measure(recommendation(number), by=Actor(cast.head), at=NOON, **more)


def late_ask(cast: Cast, number: int, days: int) -> Ask:
    ask = ask_of(number, REGION, cast.head)
    Ask.objects.filter(pk=ask.pk).update(wanted_on=day(-days))
    return ask


def lineage(number: int = 4) -> Lineage:
    return Lineage.objects.get_or_create(earlier=previous(2), later=recommendation(number))[0]


def sustained(cast: Cast, number: int) -> Recommendation:
    item = signed_off(number, cast)
    Recommendation.objects.filter(pk=item.pk).update(sustain_ask_on=TODAY)
    return recommendation(number)


def plan_due(days: int) -> None:
    found = action_plan()
    found.due_on = day(days)
    found.save()


def everything(cast: Cast) -> None:
    """For the head, the officer, the director, the region's lead, the supplier and the administrators."""
    due(1, -20, cast.officer)
    due(2, 3, cast.officer)
    action(cast, -15, cast.officer)
    action(cast, 5, cast.officer, "Print the guide")
    returned(3, cast)
    submitted(4, cast)
    fixed(5, cast.head)
    asked(5, cast.head)
    late_ask(cast, 5, 3)
    plan_due(5)
    due(6, -40, cast.operations)
    at_risk_here(cast)
    figure(cast, 5)
    lineage(5)
    Membership.objects.filter(user=cast.independent).delete()


def at_risk_here(cast: Cast) -> None:
    """Of what the annexe carries over: one at risk, and one that is nobody's."""
    here = recommendation(4).addressee
    at_risk, nobodys = previous(1), previous(3)
    rows = Recommendation.objects.all()
    rows.filter(pk=at_risk.pk).update(owner=cast.officer, due_on=day(60), outlook="at_risk", addressee=here)
    rows.filter(pk=nobodys.pk).update(owner=None, addressee=here)
