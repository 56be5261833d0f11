"""A row can be rebuilt from its events: the latest one holds it whole, and their changes add up to it."""

import contextlib
import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.base import NOON, TODAY, Cast, recommendation
from tests.sampling import examples
from tracker.history.models import Event
from tracker.history.operations import Actor, snapshot
from tracker.history.queries import as_of_version, latest_event
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Plan, Progress, Recommendation, Report, Update

pytestmark = pytest.mark.sqlite


@dataclass(frozen=True)
class Step:
    """What one person sends in one form, so many hours after the step before; people by their name in the cast."""

    hours: int
    plan: tuple[str, datetime.date | None, str] | None
    report: tuple[str, str] | None


OWNERS = ("", "head", "officer", "colleague", "stranger")
DAYS = st.none() | st.dates(TODAY - datetime.timedelta(days=30), TODAY + datetime.timedelta(days=30))
PLANS = st.tuples(st.sampled_from(OWNERS), DAYS, st.sampled_from(["", "The trainer fell ill."]))
REPORTS = st.tuples(st.sampled_from([Progress.NO, Progress.SOME, Progress.SUFFICIENT]), st.text("ab ", max_size=3))
STEPS = st.lists(st.builds(Step, st.integers(0, 60), st.none() | PLANS, st.none() | REPORTS), max_size=8)


def take(item: Recommendation, step: Step, cast: Cast, by: str, at: datetime.datetime) -> Recommendation:
    plan = report = None
    if step.plan is not None:
        owner, due_on, reason = step.plan
        plan = Plan(getattr(cast, owner) if owner else None, due_on, reason)
    if step.report is not None:
        report = Report(*step.report)
    return change(item, by=Actor(getattr(cast, by)), at=at, seen_version=item.version, plan=plan, report=report)


def folded(item: Recommendation, to_version: int | None = None) -> dict[str, Any]:
    """The row as the changes of its events add up to it, from nothing, up to that version."""
    row: dict[str, Any] = dict.fromkeys(Recommendation.TRACKED)
    for event in Event.objects.about(item).order_by("pk"):
        if to_version is not None and event.after["version"] > to_version:
            break
        for name, (old, new) in event.changes.items():
            assert row[name] == old, f"{event}: {name} was {row[name]}, not {old}"
            row[name] = new
        assert row == event.after
    return row


@settings(
    max_examples=examples(15, 40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, by=st.lists(st.sampled_from(["head", "officer"]), min_size=8, max_size=8))
def test_a_recommendation_is_rebuilt_from_its_events(cast: Cast, steps: list[Step], by: list[str]) -> None:
    with transaction.atomic():
        item, at = recommendation(4), NOON
        seen = {item.version: snapshot(item)}
        for step, person in zip(steps, by, strict=False):
            at += datetime.timedelta(hours=step.hours)
            # What cannot be done now must leave no trace; the comparisons below would meet it.
            with contextlib.suppress(ValidationError):
                take(recommendation(4), step, cast, person, at)
            item = recommendation(4)
            seen[item.version] = snapshot(item)
        latest = latest_event(item)
        assert latest is not None
        assert latest.after == snapshot(item) == folded(item)
        for version, row in seen.items():
            assert as_of_version(item, version) == row == folded(item, version)
        for version in range(1, item.version + 1):
            assert as_of_version(item, version) == folded(item, version)
        assert as_of_version(item, item.version + 1) is None
        assert item.updates.count() == Event.objects.about(item).filter(verb="recommendation.reported").count()
        transaction.set_rollback(True)


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("number", range(1, 13))
def test_what_was_loaded_is_rebuilt_from_its_first_event(number: int) -> None:
    item = recommendation(number)
    assert folded(item) == snapshot(item) == as_of_version(item, 1)


@pytest.mark.usefixtures("db")
def test_every_subject_with_a_history_is_its_latest_event() -> None:
    for item in Recommendation.objects.all():
        latest = latest_event(item)
        assert latest is not None
        assert latest.after == snapshot(item) == folded(item)


def test_plan_and_report_in_one_form_are_two_versions_of_one_verb(cast: Cast) -> None:
    step = Step(0, ("officer", TODAY, ""), (Progress.SOME, "Half of the team is trained."))
    item = take(recommendation(4), step, cast, "head", NOON)
    planned, reported = Event.objects.about(item).order_by("-pk")[:2][::-1]
    assert (planned.after["version"], reported.after["version"], item.version) == (2, 3, 3)
    assert planned.operation_id == reported.operation_id
    before = as_of_version(item, 2)
    assert before is not None
    assert (before["owner_id"], before["progress"]) == (cast.officer.pk, "")
    assert as_of_version(item, 3) == snapshot(recommendation(4))


def test_a_form_that_changes_nothing_leaves_no_version_and_no_event(cast: Cast) -> None:
    item = take(recommendation(4), Step(0, ("officer", TODAY, ""), None), cast, "head", NOON)
    events = Event.objects.about(item).count()
    item = take(item, Step(1, ("officer", TODAY, ""), None), cast, "head", NOON)
    assert (item.version, Event.objects.about(item).count()) == (2, events)


def test_a_form_that_is_refused_in_its_second_half_undoes_the_first(cast: Cast) -> None:
    item = recommendation(4)
    before = snapshot(item)
    with pytest.raises(ValidationError):
        take(item, Step(0, ("officer", TODAY, ""), (Progress.SOME, "")), cast, "head", NOON)
    assert snapshot(recommendation(4)) == before == folded(item)
    assert not Update.objects.filter(recommendation=item).exists()


def test_another_recommendation_has_versions_of_its_own(cast: Cast) -> None:
    take(recommendation(4), Step(0, ("officer", TODAY, ""), None), cast, "head", NOON)
    assert as_of_version(recommendation(5), 2) is None
    assert as_of_version(recommendation(4), 0) is None


def test_unrecorded_subject_has_no_event(cast: Cast) -> None:
    unsaved = Recommendation(pk=10**9)
    assert latest_event(unsaved) is None
    assert as_of_version(unsaved, 1) is None
