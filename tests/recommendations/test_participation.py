"""Whoever had a part in a recommendation does not decide about it, whatever role they are given later."""

import datetime
import importlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.recommendations.asking import answered, ask_of
from tests.recommendations.planning import complete, plan, planned, step
from tests.recommendations.promising import asked, fixed
from tests.recommendations.reviewing import owned, reported, submitted
from tracker.accounts.models import User
from tracker.accounts.operations import end_role, give_role
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor, operation, snapshot
from tracker.measures.models import NewReading
from tracker.people.operations import hand_over
from tracker.people.queries import holdings_of
from tracker.recommendations.action.operations import Step, edit_action, mark_done
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.decision.operations import check, reopen, return_
from tracker.recommendations.decision.policies import can_decide, deciders_of, why_barred
from tracker.recommendations.due.operations import decide_extension
from tracker.recommendations.measure.operations import add_measure, link_measure, supply
from tracker.recommendations.models import Extension, Part, Participation, Recommendation, Submission
from tracker.recommendations.participation.parts import PARTS
from tracker.recommendations.plan.policies import can_clear
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.timeline.queries import TITLES, UNLISTED

WEST_KENT = f"{KSS}west-kent-pdu/"
DAY = datetime.timedelta(days=1)
SignedIn = Callable[[str], Client]


def lead_until_now(cast: Cast, person: User, do: Callable[[], Any]) -> None:
    """The person leads West Kent while they do this, and no longer."""
    role = give_role(person, role="lead", organisation=place(WEST_KENT), by=Actor(cast.top_admin), at=NOON)
    do()
    end_role(role, by=Actor(cast.top_admin), at=NOON, seen_version=role.version)


def decides(person: User, number: int = 4) -> bool:
    item = recommendation(number)
    may = can_decide(Access(person, TODAY), item)
    assert may == (person in deciders_of(item, TODAY).people)
    return may


def supplied(cast: Cast, analyst: User, number: int) -> None:
    columns: dict[str, Any] = {
        "name": "Cases read",
        "unit": "%",
        "better": "up",
        "rhythm": "monthly",
        "supplier": analyst,
    }
    measure = add_measure(recommendation(number), by=Actor(cast.head), at=NOON, **columns)
    supply([(measure, NewReading(value=Decimal(12), as_of=TODAY - DAY, source="Audit"))], by=Actor(analyst), at=NOON)


def did_an_action(cast: Cast, person: User) -> None:
    action = step(cast, 4)
    mark_done(action, by=Actor(person), at=NOON)


def instead_of(person: User, cover: User) -> None:
    item = recommendation(4)
    with operation(by=Actor(cover, lambda _subject: person.pk), at=NOON) as op:
        op.record("recommendation.reported", item, before=snapshot(item))


ROADS: dict[str, Callable[[Cast], Any]] = {
    "owned it": lambda cast: (owned(4, cast.director), owned(4, cast.officer)),
    "owned an action for it": lambda cast: did_an_action(cast, cast.director),
    "reported on it": lambda cast: instead_of(cast.director, cast.colleague),
    "recorded a figure for it": lambda cast: supplied(cast, cast.director, 4),
    "requested or endorsed an extension of it": lambda cast: (fixed(4, cast.head), asked(4, cast.director)),
    "worked on its plan": lambda cast: planned(recommendation(4), cast.officer, cast.director),
    "led the organisation that it is addressed to": lambda cast: lead_until_now(cast, cast.director, lambda: None),
}


@pytest.mark.parametrize("part", ROADS)
def test_whoever_had_a_part_does_not_decide_and_is_told_which(cast: Cast, part: str) -> None:
    assert decides(cast.director)
    ROADS[part](cast)
    assert not decides(cast.director)
    assert part in why_barred(Access(cast.director, TODAY), recommendation(4))


def test_the_decision_passes_to_the_next_level_the_same_day(cast: Cast) -> None:
    ROADS["recorded a figure for it"](cast)
    found = deciders_of(recommendation(4), TODAY)
    assert (found.organisation, found.people) == (place("hmpps/"), [cast.national])


def reassigned(owner: User, to: User, by: User) -> None:
    owned(4, owner)
    hand_over(owner, to=to, by=Actor(by), at=NOON, reason="Left.", fingerprint=holdings_of(owner).fingerprint)


def reassigned_figure(cast: Cast, by: User) -> None:
    supplied(cast, cast.supplier, 4)
    print_of = holdings_of(cast.supplier).fingerprint
    hand_over(cast.supplier, to=cast.colleague, by=Actor(by), at=NOON, reason="Left.", fingerprint=print_of)


NO_PART: dict[str, Callable[[Cast, User], Any]] = {
    "checked": lambda cast, who: check(
        recommendation(4), by=Actor(who), at=NOON, seen_event=last_event_id(recommendation(4)),
        progress="some", method="papers", found="Read.",
    ),
    "commented": lambda cast, who: comment(recommendation(4), by=Actor(who), at=NOON, text="Seen.", is_internal=False),
    "answered a request": lambda cast, who: answered(ask_of(4, KSS, cast.head), who, "agreed", TODAY + DAY),
    "reassigned it": lambda cast, who: reassigned(cast.officer, cast.colleague, who),
    "reassigned a figure": lambda cast, who: reassigned_figure(cast, who),
    "decided an extension": lambda cast, who: decide_extension(
        (fixed(4, cast.head), asked(4, cast.head))[1], by=Actor(who), at=NOON,
        seen_event=last_event_id(recommendation(4)), granted=False, words="No.",
    ),
    "returned it": lambda cast, who: return_(
        submitted(4, cast), by=Actor(who), at=NOON, seen_event=last_event_id(recommendation(4)), reason="Not enough."
    ),
}  # fmt: skip


@pytest.mark.parametrize("done", NO_PART)
def test_deciding_and_answering_give_no_part(cast: Cast, done: str) -> None:
    NO_PART[done](cast, cast.director)
    assert decides(cast.director)


def test_reopening_ends_what_barred_and_deletes_nothing(cast: Cast) -> None:
    reported(4, cast.director)
    rows = Participation.objects.count()
    Recommendation.objects.filter(pk=recommendation(4).pk).update(status="not_agreed")
    reopen(
        recommendation(4), by=Actor(cast.national), at=NOON + DAY, seen_event=last_event_id(recommendation(4)),
        reason="It came back.", due_on=TODAY + 90 * DAY,
    )  # fmt: skip
    assert can_decide(Access(cast.director, TODAY + DAY), recommendation(4))
    assert Participation.objects.count() == rows


def test_an_action_takes_its_people_to_what_it_is_linked_to(cast: Cast) -> None:
    action = step(cast, 4, owner=cast.director)
    assert decides(cast.director, 5)
    edited = Step("Train every officer", (recommendation(4).pk, recommendation(5).pk), cast.officer)
    edit_action(action, edited, by=Actor(cast.head), at=NOON, seen_version=action.version)
    assert not decides(cast.director, 5)


def test_a_measure_takes_its_analyst_to_what_it_is_linked_to(cast: Cast) -> None:
    supplied(cast, cast.director, 4)
    assert decides(cast.director, 5)
    measure = recommendation(4).measure_links.latest("pk").measure
    link_measure(recommendation(5), measure, by=Actor(cast.head), at=NOON)
    assert not decides(cast.director, 5)


def test_whoever_worked_on_a_plan_does_not_approve_it(cast: Cast) -> None:
    complete(cast)
    lead_until_now(
        cast, cast.director, lambda: planned(recommendation(5), cast.officer, cast.director, TODAY + 99 * DAY)
    )
    assert not can_clear(Access(cast.director, TODAY), plan())
    assert can_clear(Access(cast.national, TODAY), plan())


def test_a_role_with_a_last_day_bars_after_it(cast: Cast) -> None:
    give_role(
        cast.director, role="lead", organisation=place(WEST_KENT), ends_on=TODAY + DAY,
        by=Actor(cast.top_admin), at=NOON,
    )  # fmt: skip
    assert not can_decide(Access(cast.director, TODAY + 5 * DAY), recommendation(4))


def test_a_role_that_ends_before_its_last_day_bars_until_it_is_opened_again(cast: Cast) -> None:
    role = give_role(
        cast.director, role="lead", organisation=place(WEST_KENT), ends_on=TODAY + 60 * DAY,
        by=Actor(cast.top_admin), at=NOON,
    )  # fmt: skip
    end_role(role, by=Actor(cast.top_admin), at=NOON, seen_version=role.version)
    assert not can_decide(Access(cast.director, TODAY + DAY), recommendation(4))
    Recommendation.objects.filter(pk=recommendation(4).pk).update(opened_at=NOON + DAY)
    assert can_decide(Access(cast.director, TODAY + DAY), recommendation(4))


def test_a_cover_bars_both_while_and_after_it(cast: Cast) -> None:
    instead_of(cast.director, cast.national)
    for person in (cast.director, cast.national):
        assert not can_decide(Access(person, TODAY), recommendation(4))
        assert can_decide(Access(person, TODAY), recommendation(5))


def test_a_verb_that_says_no_part_cannot_be_recorded(cast: Cast) -> None:
    item = recommendation(4)
    with pytest.raises(ValueError, match=r"polished is not in"), operation(by=Actor(cast.head), at=NOON) as op:
        op.record("recommendation.polished", item)
    assert not Event.objects.filter(verb="recommendation.polished").exists()


def test_every_verb_of_the_history_says_its_part() -> None:
    assert {*TITLES, *UNLISTED} <= PARTS.keys()


def rows() -> set[tuple[Any, ...]]:
    return set(Participation.objects.values_list("recommendation", "person", "part", "day", "at"))


def test_the_upgrade_writes_what_the_verbs_would_have_written(cast: Cast) -> None:
    complete(cast)
    fixed(4, cast.head)
    lead_until_now(cast, cast.director, lambda: asked(4, cast.director))
    for part in ("owned an action for it", "reported on it", "recorded a figure for it"):
        ROADS[part](cast)
    submitted(5, cast)
    found = rows()
    assert {row[2] for row in found} == set(Part)
    Participation.objects.all().delete()
    importlib.import_module("tracker.recommendations.migrations.0013_who_had_a_part").fill(apps, None)
    assert rows() == found


def test_the_database_refuses_a_decision_by_whoever_asked(cast: Cast) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    rows = Extension.objects.filter(pk=extension.pk)
    for state in ("granted", "declined"):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(state=state, decided_by=cast.head, decided_on=TODAY)
    item = submitted(5, cast)
    made = Submission.objects.filter(recommendation=item)
    with pytest.raises(IntegrityError), transaction.atomic():
        made.update(outcome="returned", decided_by=made.get().submitted_by, decided_on=TODAY)


def test_older_decisions_by_whoever_asked_are_kept_and_listed(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    call_command("list_own_decisions")
    assert "No decision" in capsys.readouterr().out
    Extension.objects.filter(pk=extension.pk).update(state="granted", decided_by=cast.head, is_exempt=True)
    call_command("list_own_decisions")
    out = capsys.readouterr().out
    assert "Recommendation 4" in out
    assert cast.head.name in out


def test_the_page_says_which_part_bars(cast: Cast, signed_in: SignedIn) -> None:
    reported(4, cast.director)
    submitted(4, cast)
    page = read(signed_in("director").get(f"/recommendations/{recommendation(4).pk}/"))
    assert "You cannot decide about this, because you or somebody you cover for reported on it." in page.text
    Participation.objects.all().delete()
    page = read(signed_in("director").get(f"/recommendations/{recommendation(4).pk}/"))
    assert "You cannot decide about this" not in page.text
