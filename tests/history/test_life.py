"""The whole life of a recommendation: random verbs by random people, and what must hold after each of them."""

import contextlib
import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.base import NOON, Cast, recommendation
from tests.history.test_replay import folded
from tracker.accounts import operations as accounts
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor, operation, snapshot
from tracker.history.queries import latest_event
from tracker.recommendations.change.operations import change
from tracker.recommendations.close import operations as closing
from tracker.recommendations.decision import operations as review
from tracker.recommendations.decision import policies as judges
from tracker.recommendations.due import operations as extension
from tracker.recommendations.due.policies import can_ask_extension
from tracker.recommendations.models import (
    Evidence,
    Extension,
    Plan,
    Recommendation,
    Report,
    Submission,
    status_filters,
)
from tracker.recommendations.recommendation.operations import lock, update_and_record
from tracker.recommendations.recommendation.policies import can_plan, can_report
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.response import operations as response
from tracker.recommendations.response.policies import can_respond
from tracker.recommendations.update import operations as update

Status = Recommendation.Status
PEOPLE = st.sampled_from(["head", "officer", "colleague", "operations", "director", "national", "reader", "admin"])
OWNERS = st.sampled_from(["head", "officer", "director"])
DAYS = st.integers(-40, 200)
# Whoever did one of these to recommendation 4 does not decide about it until it is opened again.
TAKES_PART = {
    *("recommendation.planned", "recommendation.reported", "recommendation.responded", "recommendation.dates_fixed"),
    *("recommendation.submitted", "recommendation.withdrawn", "extension.asked", "evidence.added"),
}


class Life(RuleBasedStateMachine):
    """One recommendation of West Kent. Whatever a policy forbids or an operation refuses must leave no trace."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.at = NOON
        self.first_original: datetime.date | None = None
        self.first_accepted: datetime.date | None = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(owner=OWNERS, days=DAYS)
    def begin(self, owner: str, days: int) -> None:
        change(
            self.item,
            by=Actor(self.cast.head),
            at=self.at,
            seen_version=1,
            plan=Plan(self.person(owner), self.day(days)),
        )

    @property
    def item(self) -> Recommendation:
        return recommendation(4)

    @property
    def today(self) -> datetime.date:
        return self.at.date()

    def person(self, name: str) -> User:
        found: User = getattr(self.cast, name)
        return found

    def day(self, days: int) -> datetime.date:
        return self.today + datetime.timedelta(days=days)

    def try_it(self, allowed: bool, work: Any, **kwargs: Any) -> None:
        if allowed:
            with contextlib.suppress(ValidationError), transaction.atomic():
                work(at=self.at, **kwargs)

    def seen(self) -> int:
        return last_event_id(self.item)

    @rule(hours=st.integers(1, 900))
    def time_goes_by(self, hours: int) -> None:
        self.at += datetime.timedelta(hours=hours)

    @rule(who=PEOPLE, owner=OWNERS, days=DAYS)
    def plan(self, who: str, owner: str, days: int) -> None:
        plan = Plan(self.person(owner), self.day(days))
        allowed = can_plan(self.access(who), self.item)
        self.try_it(allowed, self._change, by=Actor(self.person(who)), plan=plan)

    def _change(self, *, by: Actor, at: datetime.datetime, plan: Plan) -> None:
        change(self.item, by=by, at=at, seen_version=self.item.version, plan=plan)

    def access(self, who: str) -> Access:
        return Access(self.person(who), self.today)

    @rule()
    def fix_the_date(self) -> None:
        item = self.item
        if item.status == Status.OPEN and item.due_on and not item.original_due_on:
            with operation(by=Actor(self.cast.head), at=self.at) as op:
                update_and_record(lock(item.pk), op, "recommendation.dates_fixed", original_due_on=item.due_on)

    @rule(who=PEOPLE, answer=st.sampled_from(["agreed", "partly", "not_agreed"]))
    def respond(self, who: str, answer: str) -> None:
        words = {"part": "The first half.", "reason": "No money."} if answer != "agreed" else {}
        self.try_it(
            can_respond(self.access(who), self.item),
            lambda *, at, **more: response.respond(self.item, at=at, **more),
            by=Actor(self.person(who)), seen_version=self.item.version, response=answer, **words,
        )  # fmt: skip

    @rule(who=PEOPLE, progress=st.sampled_from(["no", "some", "sufficient", "sufficient", "sufficient"]))
    def report(self, who: str, progress: str) -> None:
        self.try_it(
            can_report(self.access(who), self.item),
            lambda *, at, by: update.report([self.item], Report(progress, "Cases were read."), by=by, at=at),
            by=Actor(self.person(who)),
        )

    @precondition(lambda self: self.item.status == Status.OPEN)
    @rule(days=st.integers(-120, 0))
    def prove(self, days: int) -> None:
        with operation(by=Actor(self.cast.officer), at=self.at) as op:
            item, caption = lock(self.item.pk), op.words("Sample of cases")
            assert caption is not None
            piece = Evidence.objects.create(
                recommendation=item, caption=caption, speaks_of=self.day(days), author=self.cast.officer,
                at=op.at, day=op.day, link="https://example.test/sample",
            )  # fmt: skip
            op.record("evidence.added", piece, why=caption)

    @rule(cover=PEOPLE, who=PEOPLE)
    def report_instead(self, cover: str, who: str) -> None:
        absent = self.person(who).pk
        self.try_it(
            can_report(self.access(who), self.item),
            lambda *, at, by: update.report([self.item], Report("some", "Cases were read."), by=by, at=at),
            by=Actor(self.person(cover), lambda _subject: absent),
        )

    @rule(who=PEOPLE, role=st.sampled_from(["lead", "contributor", "reviewer"]), ends_in=st.sampled_from([0, 30]))
    def give_a_role(self, who: str, role: str, ends_in: int) -> None:
        place = self.item.addressee if role != "reviewer" else self.item.addressee.parent
        given: dict[str, Any] = {"role": role, "organisation": place, "ends_on": self.day(ends_in) if ends_in else None}
        self.try_it(
            True,
            lambda *, at, by: accounts.give_role(self.person(who), by=by, at=at, **given),
            by=Actor(self.cast.top_admin),
        )

    @rule(who=PEOPLE)
    def end_a_role(self, who: str) -> None:
        role = Membership.objects.active(self.today).filter(user=self.person(who)).first()
        if role is not None:
            self.try_it(
                True,
                lambda *, at, by: accounts.end_role(role, by=by, at=at, seen_version=role.version),
                by=Actor(self.cast.top_admin),
            )

    @rule(who=PEOPLE, progress=st.sampled_from(["no", "some", "sufficient"]))
    def check(self, who: str, progress: str) -> None:
        self.judge(judges.can_check, review.check, who, progress=progress, method="papers", found="Read.")

    @rule(who=PEOPLE)
    def submit(self, who: str) -> None:
        self.judge(judges.can_submit, review.submit, who, statement="Done.")

    @rule(who=PEOPLE)
    def withdraw(self, who: str) -> None:
        self.judge(judges.can_withdraw, review.withdraw, who)

    @rule(who=PEOPLE)
    def send_back(self, who: str) -> None:
        self.judge(judges.can_return, review.return_, who, reason="Not enough.")

    @rule(who=PEOPLE)
    def sign_off(self, who: str) -> None:
        before = self.item
        barred = self.took_part_since_opened() | {before.owner_id, before.submitted_by_id} | self.leads()
        self.judge(judges.can_sign_off, review.sign_off, who, method="papers", words="Read all.")
        if before.status == Status.SUBMITTED and self.item.status == Status.SIGNED_OFF:
            assert self.person(who).pk not in barred, "marked their own homework"
            assert Evidence.objects.filter(recommendation=before, withdrawn_on=None).exists()

    @rule(who=PEOPLE, sustained=st.booleans())
    def sustain(self, who: str, sustained: bool) -> None:
        more = {} if sustained else {"due_on": self.day(60)}
        self.judge(judges.can_sustain, review.sustain, who, is_sustained=sustained, words="Seen.", **more)

    @rule(who=PEOPLE)
    def reopen(self, who: str) -> None:
        self.judge(judges.can_reopen, review.reopen, who, reason="It came back.", due_on=self.day(90))

    @rule(who=PEOPLE, outcome=st.sampled_from(["not_agreed", "no_longer_applies"]))
    def close(self, who: str, outcome: str) -> None:
        self.judge(judges.can_close, closing.close, who, outcome=outcome, reason="So decided.")

    def judge(self, policy: Any, verb: Any, who: str, **more: Any) -> None:
        self.try_it(
            policy(self.access(who), self.item),
            lambda *, at, **rest: verb(self.item, at=at, **rest),
            by=Actor(self.person(who)), seen_event=self.seen(), **more,
        )  # fmt: skip

    @rule(who=PEOPLE, days=st.integers(1, 90))
    def ask_for_later(self, who: str, days: int) -> None:
        item = self.item
        if item.due_on is not None and item.status == Status.OPEN and can_ask_extension(self.access(who), item):
            to_on = item.due_on + datetime.timedelta(days=days)
            self.try_it(
                True,
                lambda *, at, **more: extension.ask_extension(self.item, at=at, **more),
                by=Actor(self.person(who)), to_on=to_on, reason="The trainer left.",
            )  # fmt: skip

    @rule(who=PEOPLE, granted=st.booleans())
    def decide_on_later(self, who: str, granted: bool) -> None:
        asked = Extension.objects.filter(recommendation=self.item, state="asked").first()
        if asked is not None:
            self.try_it(
                judges.can_extend(self.access(who), asked.recommendation),
                lambda *, at, **more: extension.decide_extension(asked, at=at, **more),
                by=Actor(self.person(who)), seen_event=self.seen(), granted=granted, words="Considered.",
            )  # fmt: skip

    def leads(self) -> set[int]:
        """Who leads the addressee, or did since it was last opened."""
        opened = self.item.opened_at.date() if self.item.opened_at else datetime.date.min
        rows = Membership.objects.filter(role="lead", organisation=self.item.addressee)
        return {role.user_id for role in rows if role.ends_on is None or role.ends_on > opened}

    def took_part_since_opened(self) -> set[int | None]:
        opened = self.item.opened_at
        found: set[int | None] = set()
        for event in Event.objects.filter(recommendation_id=self.item.pk):
            if opened is None or event.at >= opened:
                found |= {event.actor_id, event.in_place_of_id} if event.verb in TAKES_PART else set()
                found |= set(event.changes.get("owner_id", ())) if event.subject_type == "recommendation" else set()
        return found

    @invariant()
    def the_row_is_its_events(self) -> None:
        item = self.item
        latest = latest_event(item)
        assert latest is not None
        assert latest.after == snapshot(item) == folded(item)

    @invariant()
    def whoever_decides_had_no_part(self) -> None:
        item = self.item
        barred = self.took_part_since_opened() | {item.owner_id, item.submitted_by_id} | self.leads()
        assert not barred & {person.pk for person in judges.deciders_of(item, self.today).people}
        for who in ("head", "officer", "director", "national"):
            assert self.person(who).pk not in barred or not judges.can_decide(self.access(who), item), who

    @invariant()
    def what_is_fixed_stays(self) -> None:
        item = self.item
        self.first_original = self.first_original or item.original_due_on
        self.first_accepted = self.first_accepted or item.accepted_on
        assert item.original_due_on == self.first_original
        assert item.accepted_on == self.first_accepted
        if item.accepted_on and item.original_due_on:
            assert item.has_slipped(self.today) == (item.accepted_on > item.original_due_on)

    @invariant()
    def status_has_what_it_needs(self) -> None:
        item = self.item
        waiting = Submission.objects.filter(recommendation=item, outcome="pending").count()
        assert waiting == (1 if item.status == Status.SUBMITTED else 0)
        assert (item.submitted_on is not None) == (item.status == Status.SUBMITTED)
        if item.status == Status.SIGNED_OFF:
            signed = Submission.objects.filter(recommendation=item).latest("pk")
            assert signed.outcome == "signed_off"
            assert signed.update.progress == "sufficient"
        assert item.status == Status.OPEN or not item.days_overdue(self.today)

    @invariant()
    def the_marks_say_what_the_row_says(self) -> None:
        item = self.item
        marks = {
            name for name, condition in status_filters(self.today).items()
            if Recommendation.objects.filter(condition, pk=item.pk).exists()
        }  # fmt: skip
        assert ("overdue" in marks) == (item.days_overdue(self.today) > 0)
        assert ("slipped" in marks) == item.has_slipped(self.today)
        assert ("review_late" in marks) == (
            item.status == Status.SUBMITTED and item.working_days_in_review(self.today) > 10
        )


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.full)])
def test_random_operations_keep_the_rules(cast: Cast, examples: int) -> None:
    Life.cast = cast
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
