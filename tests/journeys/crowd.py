"""What the made-up story has too little of, for pages that are full: loaded into a site with its own command."""

import datetime

from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.action import operations as action
from tracker.recommendations.change.operations import change
from tracker.recommendations.decision import operations as review
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.models import ActionPlan, Plan, Progress, Recommendation, Report, Response
from tracker.recommendations.plan import operations as plan
from tracker.recommendations.plan.queries import last_plan_event
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.response.operations import respond
from tracker.recommendations.update import operations as update
from tracker.web.today import now

LOAD = ("shell", "--no-imports", "-c", "from tests.journeys.crowd import load; load()")
SUBMIT = ("shell", "--no-imports", "-c", "from tests.journeys.crowd import submit; submit()")
DAY = datetime.timedelta(days=1)


def load() -> None:
    """The demonstration's recommendations have the ids of their numbers."""
    _much_said_and_to_be_done(_item(5))
    _submitted(_item(2))
    _complete_plan([_item(11), _item(12)])


def submit() -> None:
    """Only that West Kent's recommendation 2 waits for its reviewer."""
    _submitted(_item(2))


def _item(pk: int) -> Recommendation:
    return Recommendation.objects.select_related("inspection", "addressee", "owner").get(pk=pk)


def _person(address: str) -> User:
    return User.objects.get(email=f"{address}@example.test")


def _much_said_and_to_be_done(item: Recommendation) -> None:
    """Twelve actions, of which the half is done, and thirty updates."""
    head, at = _person("head.westkent"), now()
    for number in range(1, 13):
        text = f"Step {number}: " + "train the practitioners of one more office in the assessment of risk. " * 2
        step = action.Step(text, (item.pk,), owner=head, due_on=at.date() + number * DAY)
        made = action.add_action(step, by=Actor(head), at=at)
        if number % 2:
            action.mark_done(made, by=Actor(head), at=at, note="In place.")
    for number in range(30):
        said = Report(Progress.SOME, f"Report {number + 1}: one more office has been trained, and its samples read.")
        update.report([_item(item.pk)], said, by=Actor(head), at=at)


def _submitted(item: Recommendation) -> None:
    head, at = _person("head.westkent"), now()
    offered = [Offered("Samples of five offices", at.date() - DAY, link="https://example.test/" + "samples-" * 20)]
    said = Report(Progress.SUFFICIENT, "All offices work by the plan on a page.")
    update.report([item], said, by=Actor(head), at=at, offered=offered)
    seen = last_event_id(item)
    review.submit(
        _item(item.pk), by=Actor(head), at=at, seen_event=seen, statement="Cases are chosen by it in all offices."
    )


def _complete_plan(items: list[Recommendation]) -> None:
    """That of HMPPS."""
    lead, at = _person("policy.hmpps"), now()
    for item in items:
        current = change(
            item, by=Actor(lead), at=at, seen_version=item.version, plan=Plan(lead, item.due_on or at.date() + 60 * DAY)
        )
        respond(current, by=Actor(lead), at=at, seen_version=_item(item.pk).version, response=str(Response.AGREED))
        step = action.Step("A supplement is paid in the whole of Kent.", (item.pk,), owner=lead, due_on=at.date() + DAY)
        action.add_action(step, by=Actor(lead), at=at)
    held = ActionPlan.objects.filter(inspection=items[0].inspection, addressee=items[0].addressee).first()
    held = held or ActionPlan(inspection=items[0].inspection, addressee=items[0].addressee)
    plan.fix_dates(held, by=Actor(lead), at=at, seen_event=last_plan_event(held))
