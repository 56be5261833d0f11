"""A report of West Kent that is under embargo, with everything in it that could give it away."""

import datetime
import json
from typing import Any

from tests.base import NOON, TODAY, Cast, recommendation, report
from tests.factories import place
from tracker.history.operations import Actor, operation
from tracker.inspections.models import Inspection
from tracker.intake.operations import publish
from tracker.intake.reading import read
from tracker.measures.models import Measure
from tracker.recommendations.action.operations import Step, add_action
from tracker.recommendations.ask.operations import ask
from tracker.recommendations.change.operations import change
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.evidence.operations import keep
from tracker.recommendations.models import Lineage, MeasureLink, Plan, Progress, Recommendation, Report
from tracker.recommendations.plan.operations import set_plan_due
from tracker.recommendations.plan.queries import find_plan
from tracker.recommendations.recommendation.operations import lock_all

TITLE = "A report that nobody may know of"
SECRET = "secret"
ENDS = datetime.datetime(2026, 12, 1, 9, 30, tzinfo=NOON.tzinfo)
PRINTED: dict[str, Any] = json.loads(report())


def file() -> bytes:
    """It rates West Kent's previous recommendations anew, and addresses some to each level."""
    rows = [
        {"number": str(n), "addressee": addressee, "text": f"keep the {SECRET} {n}"}
        for n, addressee in enumerate(["West Kent PDU", "West Kent PDU", "KSS probation region", "HMPPS"], start=1)
    ]
    before = [
        {"addressee": row["addressee"], "text": row["text"], "finding": f"{SECRET}.", "progress": "No progress"}
        for row in PRINTED["previous"]
    ]
    inspection = {"title": TITLE, "organisation": "West Kent PDU", "published": "2026-11-20"}
    return json.dumps({"inspection": inspection, "recommendations": rows, "previous": before}).encode()


def embargoed(cast: Cast, *named: str, until: datetime.datetime = ENDS) -> Inspection:
    people = [getattr(cast, name) for name in named]
    inspection, _is_new = publish(read(file()), by=None, at=NOON, embargo_until=until, named=people)
    return inspection


def busy(cast: Cast, inspection: Inspection) -> list[Recommendation]:
    """Owned, late, reported on, asked about, shared: by people of West Kent, some of whom may be on nobody's list."""
    by = Actor(cast.colleague)
    items = list(inspection.recommendations.filter(is_previous=False).order_by("position"))
    for item, owner in zip(items, (cast.officer, cast.head, cast.operations, cast.policy), strict=True):
        change(item, by=by, at=NOON, seen_version=1, plan=Plan(owner, TODAY - datetime.timedelta(days=40)))
        change(item, by=by, at=NOON, seen_version=2, report=Report(Progress.NO, f"The {SECRET} is out."))
    first = items[0]
    add_action(
        Step(text=f"A {SECRET} action", answers=(first.pk,), owner=cast.supplier, due_on=TODAY),
        by=by,
        at=NOON,
    )
    wanted = TODAY + datetime.timedelta(days=1)
    ask(
        first,
        by=by,
        at=NOON,
        asked_of=place("hmpps/kent-surrey-and-sussex/"),
        words=SECRET,
        wanted_on=wanted,
    )
    comment(first, f"A {SECRET} comment", is_internal=False, by=by, at=NOON)
    with operation(by=by, at=NOON) as op:
        offered = Offered(f"A {SECRET} page", TODAY, link="https://example.test/secret")
        keep([offered], lock_all([first.pk]), op=op, by=by)
    plan = find_plan(inspection, first.addressee_id)
    assert plan is not None
    set_plan_due(plan, by=by, at=NOON, seen_version=plan.version, due_on=TODAY)
    Lineage.objects.create(earlier=recommendation(4), later=first)
    measure = Measure.objects.create(
        organisation=first.addressee, inspection=inspection, name=f"A {SECRET} figure", unit="%", supplier=cast.supplier
    )
    MeasureLink.objects.create(measure=measure, recommendation=first, said_by="ours")
    return items
