"""The made-up story goes on: answers, actions, proof, decisions. Each through its verb, on its day."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.inspections.models import Inspection
from tracker.measures.models import Measure, NewReading
from tracker.recommendations.action import operations as action
from tracker.recommendations.ask import operations as ask
from tracker.recommendations.change.operations import change
from tracker.recommendations.comment import operations as comment
from tracker.recommendations.decision import operations as review
from tracker.recommendations.due import operations as extension
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.evidence.operations import add_evidence
from tracker.recommendations.measure import operations as measure
from tracker.recommendations.models import Action, ActionPlan, Plan, Progress, Recommendation, Report, Response
from tracker.recommendations.plan import operations as plan
from tracker.recommendations.plan.queries import last_plan_event
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.response.operations import respond
from tracker.recommendations.update import operations as update
from tracker.reviews.operations.session import close_meeting, note, open_meeting
from tracker.reviews.queries.meeting import Talk

# By number: the answer, the part that is agreed, and the reason.
ANSWERS: dict[str, tuple[str, str, str]] = dict.fromkeys(
    ("1", "2", "5", "6", "7", "8", "9", "11"), (str(Response.AGREED), "", "")
) | {
    "3": (
        str(Response.PARTLY),
        "Priorities are written down and talked through in every team meeting.",
        "A single list for all five offices would not fit the courts they serve.",
    ),
}
# By number: what is done, by whom, due in how many days, and how it stands.
ACTIONS: tuple[tuple[str, str, str, int, str], ...] = (
    (
        "1",
        "An SPO reads ten new assessments every week and talks each through with its author.",
        "spo.gravesend",
        6,
        "",
    ),
    ("1", "Duty desk checks the grade of the practitioner before a case is allocated.", "spo.maidstone", -20, "done"),
    ("5", "Book the two missing days of risk assessment training.", "spo.maidstone", -9, "stuck"),
    ("6", "The monthly vacancy return counts long-term sickness and loans out.", "operations.kss", -40, "done"),
    ("9", "Find cover for the two vacant SPO posts.", "operations.kss", 20, ""),
)


@dataclass(frozen=True)
class Teller:
    """`at` is the present of the story; things happened so many days before it."""

    report: Inspection
    people: Mapping[str, User]
    at: datetime.datetime

    def ago(self, days: int) -> datetime.datetime:
        return self.at - datetime.timedelta(days=days)

    def day(self, days: int) -> datetime.date:
        return self.ago(days).astimezone(settings.LONDON).date()

    def item(self, number: str) -> Recommendation:
        rows = self.report.recommendations.select_related("addressee", "inspection", "owner")
        return rows.get(number=number, is_previous=False)

    def lead(self, item: Recommendation) -> User:
        return self.people[LEADS[item.addressee.kind]]


LEADS = {"pdu": "head.westkent", "region": "operations.kss", "national": "policy.hmpps"}


def begin(report: Inspection, people: Mapping[str, User], at: datetime.datetime) -> Teller | None:
    """What came before anything was planned. None where people have gone on by themselves: it is told once."""
    if report.recommendations.exclude(response="").exists():
        return None
    teller = Teller(report, people, at)
    _answers(teller)
    _signed_off(teller)
    return teller


def go_on(teller: Teller) -> None:
    """What came after, in order."""
    for step in (_met, _figures, _actions, _asked, _done, _checked, _stuck, _dates, _submitted, _later):
        step(teller)


def _answers(teller: Teller) -> None:
    for number, (response, part, reason) in ANSWERS.items():
        item = teller.item(number)
        respond(
            item,
            by=Actor(teller.lead(item)),
            at=teller.ago(116),
            seen_version=item.version,
            response=response,
            part=part,
            reason=reason,
        )


def _actions(teller: Teller) -> None:
    for number, text, owner, due_in, _stands in ACTIONS:
        item = teller.item(number)
        step = action.Step(text, (item.pk,), owner=teller.people[owner], due_on=teller.day(-due_in))
        action.add_action(step, by=Actor(teller.lead(item)), at=teller.ago(19))


def _standing(teller: Teller, how: str) -> list[Action]:
    texts = {text for _number, text, _owner, _due, stands in ACTIONS if stands == how}
    return [one for one in teller.report.actions.select_related("words", "owner") if str(one.words) in texts]


def _done(teller: Teller) -> None:
    for one in _standing(teller, "done"):
        assert one.owner is not None
        action.mark_done(one, by=Actor(one.owner), at=teller.ago(17), note="In place in all offices.")


def _stuck(teller: Teller) -> None:
    for one in _standing(teller, "stuck"):
        assert one.owner is not None
        action.mark_blocked(one, by=Actor(one.owner), at=teller.ago(6), because="No trainer is free before the spring.")


def _dates(teller: Teller) -> None:
    """The dates of West Kent and of the region are fixed; HMPPS's is a draft still."""
    for number, due_in in (("1", 10), ("6", 24)):
        item = teller.item(number)
        current = ActionPlan.objects.filter(inspection=teller.report, addressee=item.addressee).first()
        current = current or ActionPlan(inspection=teller.report, addressee=item.addressee)
        fixed = plan.fix_dates(
            current, by=Actor(teller.lead(item)), at=teller.ago(5), seen_event=last_plan_event(current)
        )
        plan.set_plan_due(
            fixed, by=Actor(teller.lead(item)), at=teller.ago(5), seen_version=fixed.version, due_on=teller.day(-due_in)
        )


def _prove(teller: Teller, item: Recommendation, by: User, days_ago: int, caption: str, name: str) -> None:
    link = f"https://example.test/{name}"
    add_evidence(item, [Offered(caption, teller.day(days_ago), link=link)], by=Actor(by), at=teller.ago(days_ago))


def _signed_off(teller: Teller) -> None:
    """Recommendation 3 was signed off more than three months ago: is it sustained?"""
    item, head, director = teller.item("3"), teller.people["head.westkent"], teller.people["director.kss"]
    promise = Plan(head, teller.day(92))
    item = change(item, by=Actor(head), at=teller.ago(115), seen_version=item.version, plan=promise)
    words = "Every team meeting opens with the three priorities of the month."
    update.report([item], Report(Progress.SUFFICIENT, words), by=Actor(head), at=teller.ago(103))
    _prove(teller, item, head, 102, "Minutes of five team meetings", "minutes")
    review.submit(
        item,
        by=Actor(head),
        at=teller.ago(101),
        seen_event=last_event_id(item),
        statement="Practitioners name the priorities without a prompt.",
    )
    review.sign_off(
        item,
        by=Actor(director),
        at=teller.ago(98),
        seen_event=last_event_id(item),
        method="visit",
        words="Asked eight practitioners in two offices; seven named all three.",
    )


def _submitted(teller: Teller) -> None:
    """Recommendation 8 waits for a reviewer of HMPPS."""
    eight, operations = teller.item("8"), teller.people["operations.kss"]
    _prove(teller, eight, operations, 4, "Rota of the quality team and its samples since May", "quality-team")
    review.submit(
        eight,
        by=Actor(operations),
        at=teller.ago(3),
        seen_event=last_event_id(eight),
        statement="Seven of seven posts are filled, and each office is sampled monthly.",
    )


def _asked(teller: Teller) -> None:
    """Trainers from the region for 5, wanted by a day that has passed."""
    five, head = teller.item("5"), teller.people["head.westkent"]
    region = five.addressee.parent
    assert region is not None
    words = "Two trainers of the regional team for the spring."
    ask.ask(five, by=Actor(head), at=teller.ago(18), asked_of=region, words=words, wanted_on=teller.day(4))


def _later(teller: Teller) -> None:
    """A later date is asked for 1."""
    extension.ask_extension(
        teller.item("1"),
        by=Actor(teller.people["head.westkent"]),
        at=teller.ago(2),
        to_on=teller.day(-45),
        reason="Two of the four SPOs who read the assessments left in the autumn.",
    )


def _checked(teller: Teller) -> None:
    five, director = teller.item("5"), teller.people["director.kss"]
    review.check(
        five,
        by=Actor(director),
        at=teller.ago(12),
        seen_event=last_event_id(five),
        progress=Progress.NO,
        method="papers",
        found="The training record shows the same two gaps as in the summer.",
    )
    comment.comment(
        five,
        "Raised at the regional meeting.",
        is_internal=True,
        by=Actor(teller.people["operations.kss"]),
        at=teller.ago(11),
    )


def _met(teller: Teller) -> None:
    """The director's last meeting with the head of West Kent: 5 was a week late, nobody had begun with 4 and 12."""
    director, home, at = teller.people["director.kss"], teller.report.organisation, teller.ago(26)
    listed = [Talk(teller.item("5"), ["overdue"], 7), *(Talk(teller.item(n), ["stale"], 0) for n in ("4", "12"))]
    session = open_meeting(home, talks=listed, by=Actor(director), at=at)
    items = list(session.items.select_related("recommendation"))
    said = ("Both missing days of training are booked by the end of the month.", "An owner is named in two weeks.")
    for item, words in zip(items, said, strict=False):
        note(item, words, by=Actor(director), at=at + datetime.timedelta(minutes=15))
    close_meeting(session, by=Actor(director), at=at + datetime.timedelta(minutes=40))


def _figures(teller: Teller) -> None:
    """The share of cases with poor oversight is sampled monthly by West Kent's analyst; last month's is wanted."""
    analyst, head = teller.people["data.westkent"], teller.people["head.westkent"]
    found = Measure.objects.filter(links__recommendation=teller.item("4")).order_by("pk").first()
    if found is None:
        return
    named: dict[str, Any] = {"supplier": analyst, "target": Decimal(20)}
    found = measure.change_measure(found, by=Actor(head), at=teller.ago(100), seen_version=found.version, **named)
    for days_ago, value in ((95, 84), (65, 78), (35, 71)):
        reading = NewReading(
            as_of=teller.day(days_ago),
            value=Decimal(value),
            source="Monthly sample of 30 cases",
            method="Sample read by two SPOs, with HMIP's questions",
        )
        measure.supply([(found, reading)], by=Actor(analyst), at=teller.ago(days_ago - 1))
