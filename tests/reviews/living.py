"""A year in the life of a report: random verbs of random people, day after day, as far as they are allowed."""

import contextlib
import datetime
import random
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tests.base import KSS, NOON, Cast, recommendation
from tests.factories import place
from tests.inspections.embargoed import file
from tracker.accounts.models import Membership, User
from tracker.accounts.operations import end_role, give_role, rename_organisation
from tracker.accounts.policies import Access
from tracker.history.operations import Actor, operation
from tracker.intake.operations import publish
from tracker.intake.reading import read
from tracker.recommendations.action.operations import Step, add_action
from tracker.recommendations.ask.operations import ask
from tracker.recommendations.change.operations import change
from tracker.recommendations.close import operations as closing
from tracker.recommendations.comment import operations as comment
from tracker.recommendations.decision import operations as review
from tracker.recommendations.decision import policies as judges
from tracker.recommendations.models import Evidence, Plan, Recommendation, Report
from tracker.recommendations.recommendation.operations import lock
from tracker.recommendations.recommendation.policies import can_plan, can_report
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.update import operations as update

BEGIN = NOON - datetime.timedelta(days=15)
PEOPLE = ("head", "officer", "colleague", "operations", "director", "national", "independent")


class Year:
    """`days()` gives the noon of one day after another, each after something has happened on it."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.chance = cast, random.Random(seed)
        self.at = BEGIN
        self.role: Membership | None = None
        self.done: set[str] = set()

    def days(self, count: int) -> Iterator[datetime.datetime]:
        for turn in range(count):
            self.at += datetime.timedelta(days=self.chance.randint(1, 20))
            if turn == count // 2:
                self.another_report()
            for _ in range(self.chance.randint(1, 8)):
                self.something()
            yield self.at

    def something(self) -> None:
        verb = self.chance.choice(
            (
                *(self.plan, self.plan, self.report, self.prove, self.submit, self.submit, self.decide, self.decide),
                *(self.check, self.close, self.role_comes_or_goes, self.say, self.act, self.rename),
            )
        )
        with contextlib.suppress(ValidationError), transaction.atomic():
            verb()
            self.done.add(verb.__name__)

    @property
    def item(self) -> Recommendation:
        return recommendation(self.chance.randint(1, 12))

    @property
    def who(self) -> User:
        person: User = getattr(self.cast, self.chance.choice(PEOPLE))
        return person

    def if_may(self, policy: Callable[..., bool], item: Recommendation) -> User:
        """Somebody who may, if anybody may."""
        people = [getattr(self.cast, name) for name in PEOPLE]
        able = [one for one in people if policy(Access(one, self.at.date(), self.at), item)]
        if not able:
            raise ValidationError("Nobody may.")
        person: User = self.chance.choice(able)
        return person

    def plan(self) -> None:
        item = self.item
        due_on = self.at.date() + datetime.timedelta(days=self.chance.randint(-20, 60))
        by = self.if_may(can_plan, item)
        change(item, by=Actor(by), at=self.at, seen_version=item.version, plan=Plan(self.who, due_on))

    def report(self) -> None:
        item = self.item
        progress = self.chance.choice(["no", "some", "sufficient", "sufficient"])
        update.report([item], Report(progress, "Cases were read."), by=Actor(self.if_may(can_report, item)), at=self.at)

    def prove(self, item: Recommendation | None = None) -> None:
        item = item or self.item
        with operation(by=Actor(self.cast.officer), at=self.at) as op:
            held, caption = lock(item.pk), op.words("Sample of cases")
            assert caption is not None
            piece = Evidence.objects.create(
                recommendation=held, caption=caption, speaks_of=self.at.date(), author=self.cast.officer,
                at=op.at, day=op.day, link="https://example.test/sample",
            )  # fmt: skip
            op.record("evidence.added", piece, why=caption)

    def judge(self, policy: Any, verb: Any, item: Recommendation, **more: Any) -> None:
        verb(item, by=Actor(self.if_may(policy, item)), at=self.at, seen_event=last_event_id(item), **more)

    def submit(self) -> None:
        item = self.item
        update.report(
            [item], Report("sufficient", "All was read."), by=Actor(self.if_may(can_report, item)), at=self.at
        )
        self.prove(item)
        self.judge(judges.can_submit, review.submit, item, statement="Done.")

    def decide(self) -> None:
        item = Recommendation.objects.filter(status="submitted").order_by("?").first()
        if item is None:
            raise ValidationError("Nothing waits.")
        if self.chance.random() < 0.5:
            self.judge(judges.can_return, review.return_, item, reason="Not enough.")
        else:
            self.judge(judges.can_sign_off, review.sign_off, item, method="papers", words="Read all.")

    def check(self) -> None:
        progress = self.chance.choice(["no", "some", "sufficient"])
        self.judge(judges.can_check, review.check, self.item, progress=progress, method="papers", found="Read.")

    def close(self) -> None:
        if self.chance.random() < 0.2:
            self.judge(judges.can_close, closing.close, self.item, outcome="no_longer_applies", reason="So decided.")

    def role_comes_or_goes(self) -> None:
        if self.role is None:
            home = place(f"{KSS}west-kent-pdu/")
            self.role = give_role(
                self.cast.nobody, role="contributor", organisation=home, by=Actor(self.cast.admin), at=self.at
            )
            item = recommendation(2)
            plan = Plan(self.cast.nobody, item.due_on)
            change(item, by=Actor(self.cast.head), at=self.at, seen_version=item.version, plan=plan)
        else:
            end_role(self.role, by=Actor(self.cast.admin), at=self.at, seen_version=self.role.version)
            self.role = None

    def say(self) -> None:
        comment.comment(
            self.item, "Seen.", is_internal=self.chance.random() < 0.5, by=Actor(self.cast.head), at=self.at
        )

    def act(self) -> None:
        item = self.item
        by = self.if_may(can_plan, item)
        due_on = self.at.date() + datetime.timedelta(days=20)
        add_action(Step("Read twenty cases.", (item.pk,), self.who, due_on=due_on), by=Actor(by), at=self.at)
        ask(item, words="More people.", asked_of=place("hmpps/"), wanted_on=due_on, by=Actor(by), at=self.at)

    def rename(self) -> None:
        if self.chance.random() < 0.2:
            home = place(f"{KSS}west-kent-pdu/")
            name = f"West Kent PDU {self.at:%B}"
            rename_organisation(home, name, by=Actor(self.cast.admin), at=self.at, seen_version=home.version)

    def another_report(self) -> None:
        publish(read(file()), by=None, at=self.at)
