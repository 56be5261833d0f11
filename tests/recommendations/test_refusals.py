"""What a verb refuses by itself, whoever calls it: no form and no page has to have asked before."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.base import KSS, NOON, NORTH, TODAY, Cast, previous, recommendation
from tests.factories import inspection_at, printed
from tests.recommendations.asking import ask_of
from tests.recommendations.planning import agreed, cleared, plan, planned, step
from tests.recommendations.planning import fixed as plan_fixed
from tests.recommendations.promising import FIRST, LATER, asked, due, fixed
from tests.recommendations.reviewing import proven, signed_off, submitted
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor, Conflict, operation
from tracker.inspections.models import Inspection
from tracker.recommendations.bulk.operations import Wanted, change_many
from tracker.recommendations.close.operations import close, correct_text
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.decision.operations import reopen, return_, sustain
from tracker.recommendations.due.operations import ask_extension, correct_date, decide_extension, set_due
from tracker.recommendations.evidence.operations import withdraw_evidence
from tracker.recommendations.evidence.policies import can_withdraw_evidence
from tracker.recommendations.lineage.operations import confirm_lineage, propose, unlink_successor
from tracker.recommendations.models import Extension, Lineage, Recommendation, SentPlan
from tracker.recommendations.plan.operations import fix_dates, send_plan, set_plan_due
from tracker.recommendations.plan.queries import last_plan_event
from tracker.recommendations.recommendation.queries import last_event_id

pytestmark = pytest.mark.usefixtures("at_noon")


def refused(words: str) -> Any:
    """With these words beside a field or above the form."""
    return pytest.raises(ValidationError, match=words)


def test_plan_without_approval_is_not_sent(cast: Cast) -> None:
    plan_fixed(cast)
    with refused("A reviewer must approve the plan first"):
        send_plan(plan(), by=Actor(cast.head), at=NOON)
    assert not SentPlan.objects.exists()


def test_plan_that_has_become_incomplete_is_not_sent(cast: Cast) -> None:
    """Its owner has left, which is no change of the plan."""
    cleared(cast)
    Membership.objects.filter(user=cast.officer).update(ends_on=TODAY)
    with refused("has become incomplete since it was approved"):
        send_plan(plan(), by=Actor(cast.head), at=NOON)
    Membership.objects.filter(user=cast.officer).update(ends_on=None)
    send_plan(plan(), by=Actor(cast.head), at=NOON)
    with refused("This version has been sent"):
        set_plan_due(plan(), by=Actor(cast.head), at=NOON, seen_version=plan().version, due_on=FIRST)
    with pytest.raises(Conflict):
        set_plan_due(plan(), by=Actor(cast.head), at=NOON, seen_version=99, due_on=FIRST)


def test_provisional_date_of_an_action_alone_is_confirmed(cast: Cast) -> None:
    made = step(cast, 4, due_on=FIRST)

    def confirm_dates() -> None:
        fix_dates(plan(), by=Actor(cast.head), at=NOON, seen_event=last_plan_event(plan()))

    confirm_dates()
    made.refresh_from_db()
    assert made.original_due_on == FIRST
    with refused("There are no provisional dates to confirm"):
        confirm_dates()


def test_plan_that_somebody_began_meanwhile_is_in_conflict(cast: Cast) -> None:
    seen = plan()
    event = last_plan_event(seen)
    set_plan_due(plan(), by=Actor(cast.head), at=NOON, seen_version=plan().version, due_on=FIRST)
    with pytest.raises(Conflict):
        fix_dates(seen, by=Actor(cast.head), at=NOON, seen_event=event)


# -- repeats -----------------------------------------------------------------------------------


def link() -> Lineage:
    """Recommendation 4, to West Kent, repeats previous 2, to the region."""
    with operation(by=None, at=NOON) as op:
        return propose(previous(2), recommendation(4), said_by="ours", op=op)


def confirm(by: User, **more: Any) -> Lineage:
    made = link()
    return confirm_lineage(made, by=Actor(by), at=NOON, seen_version=made.version, state="confirmed", **more)


def test_whoever_does_not_lead_the_earlier_one_does_not_have_it_carried(cast: Cast) -> None:
    with refused("Its lead decides if it is carried forward"):
        confirm(cast.head, carried=True)
    assert previous(2).carried_by is None
    assert Lineage.objects.get().state == "proposed"
    # Confirming alone is the lead's of the later one.
    assert confirm(cast.head).state == "confirmed"


def test_without_a_reason_nothing_is_tracked_separately_again(cast: Cast) -> None:
    rows = Recommendation.objects.filter(pk=previous(2).pk)
    rows.update(carried_by=recommendation(4))
    with refused("Enter why you are tracking it separately"):
        unlink_successor(previous(2), by=Actor(cast.operations), at=NOON, reason="")
    assert previous(2).carried_by == recommendation(4)
    rows.update(carried_by=None)
    with refused("is not carried forward in another one"):
        unlink_successor(previous(2), by=Actor(cast.operations), at=NOON, reason="It differs.")


# -- due dates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("due_on", [LATER, LATER + datetime.timedelta(days=1)])
def test_extension_to_a_date_that_is_no_later_any_more_is_not_granted(cast: Cast, due_on: datetime.date) -> None:
    fixed(4, cast.head)
    extension = asked(4, cast.head)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_on=due_on)
    decision: dict[str, Any] = {"by": Actor(cast.director), "at": NOON, "granted": True}
    seen = last_event_id(recommendation(4))
    with refused("already the same or later than the date requested"):
        decide_extension(extension, seen_event=seen, **decision)
    assert (recommendation(4).due_on, Extension.objects.get().state) == (due_on, "asked")
    Recommendation.objects.filter(pk=recommendation(4).pk).update(due_on=FIRST)
    assert decide_extension(extension, seen_event=seen, **decision).state == "granted"
    assert recommendation(4).due_on == LATER


def correct(cast: Cast, original: datetime.date, reason: str = "Mistyped.", **more: Any) -> Recommendation:
    seen: dict[str, Any] = {"seen_event": last_event_id(recommendation(4)), "reason": reason, **more}
    return correct_date(recommendation(4), by=Actor(cast.director), at=NOON, original_due_on=original, **seen)


def test_original_date_is_corrected_while_it_is_open_and_to_another_one(cast: Cast) -> None:
    item = due(4, cast.head)
    with refused("is not confirmed yet"):
        correct(cast, LATER)
    rows = Recommendation.objects.filter(pk=item.pk)
    rows.update(original_due_on=FIRST)
    with refused("Enter why you are correcting it"):
        correct(cast, LATER, reason="")
    with refused("already the original due date"):
        correct(cast, FIRST)
    # A date that was moved since is not the original: whether that is a month says nothing of it.
    rows.update(due_on=FIRST - datetime.timedelta(days=1))
    with refused("already the original due date"):
        correct(cast, FIRST, is_month=True)
    rows.update(due_on=FIRST, status="no_longer_applies")
    with refused("no longer open"):
        correct(cast, LATER)
    rows.update(status="open")
    assert correct(cast, FIRST, is_month=True).due_is_month


def test_extension_is_requested_with_a_reason(cast: Cast) -> None:
    fixed(4, cast.head)
    with refused("Enter why you need more time"):
        ask_extension(recommendation(4), by=Actor(cast.head), at=NOON, to_on=LATER, reason="")


def test_evidence_of_what_is_closed_or_carried_is_not_withdrawn(cast: Cast) -> None:
    evidence = proven(4, cast.officer)
    rows = Recommendation.objects.filter(pk=recommendation(4).pk)
    rows.update(status="no_longer_applies")
    with refused("no longer open"):
        withdraw_evidence(evidence, "Old.", by=Actor(cast.head), at=NOON)
    for person in (cast.head, cast.officer):
        assert can_withdraw_evidence(Access(person, TODAY), evidence)
        evidence.recommendation.carried_by = recommendation(5)
        assert not can_withdraw_evidence(Access(person, TODAY), evidence)
        evidence.recommendation.carried_by = None


def test_who_set_a_confirmed_date_is_not_changed(cast: Cast) -> None:
    item = fixed(4, cast.head)
    given: dict[str, Any] = {"by": Actor(cast.head), "at": NOON, "seen_version": item.version, "due_on": FIRST}
    with refused("so you cannot change who set it"):
        set_due(item, due_set_by="hmpps", **given)
    Recommendation.objects.filter(pk=item.pk).update(original_due_on=None)
    assert set_due(item, due_set_by="hmpps", **given).due_set_by == "hmpps"


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("reader", "does not have a role that can own this"),
        ("nobody", "does not have a role that can own this"),
        ("admin", "is an administrator, so they cannot own a recommendation"),
    ],
)
def test_owner_needs_a_role_that_can_own(cast: Cast, who: str, words: str) -> None:
    with refused(words):
        planned(recommendation(4), getattr(cast, who), cast.head)


# -- closing -----------------------------------------------------------------------------------


def close_as(cast: Cast, outcome: str, successor: Recommendation | None = None, reason: str = "It is so.") -> str:
    item = recommendation(4)
    seen: dict[str, Any] = {"seen_event": last_event_id(item), "outcome": outcome, "reason": reason}
    return close(item, by=Actor(cast.director), at=NOON, successor=successor, **seen).status


@pytest.mark.parametrize("response", ["", "agreed"])
def test_only_what_is_not_agreed_is_closed_as_not_agreed(cast: Cast, response: str) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(response=response)
    with refused("The response to this recommendation is not “Not agreed”"):
        close_as(cast, "not_agreed")
    # The response stands in the way of that outcome only.
    assert close_as(cast, "no_longer_applies") == "no_longer_applies"


def test_what_is_not_agreed_is_closed_as_such(cast: Cast) -> None:
    agreed(recommendation(4), cast.head, "not_agreed", reason="It is not ours.")
    assert close_as(cast, "not_agreed") == "not_agreed"


@pytest.mark.parametrize(
    ("outcome", "successor", "words"),
    [
        ("open", None, "Select what to close it as"),
        ("signed_off", None, "Select what to close it as"),
        ("superseded", None, "Select the recommendation that replaces it"),
        ("no_longer_applies", 5, "Select the recommendation that replaces it"),
        ("superseded", 4, "cannot replace itself"),
    ],
)
def test_odd_outcomes_are_refused(cast: Cast, outcome: str, successor: int | None, words: str) -> None:
    with refused(words):
        close_as(cast, outcome, recommendation(successor) if successor else None)
    assert recommendation(4).status == "open"


def test_nothing_is_closed_without_a_reason(cast: Cast) -> None:
    with refused("Enter why you are closing it"):
        close_as(cast, "no_longer_applies", reason="")


def test_what_is_closed_or_carried_replaces_nothing(cast: Cast) -> None:
    rows = Recommendation.objects.filter(pk=recommendation(5).pk)
    rows.update(status="no_longer_applies")
    with refused("is no longer open"):
        close_as(cast, "superseded", recommendation(5))
    rows.update(status="open", carried_by=recommendation(3))
    with refused("is no longer open"):
        close_as(cast, "superseded", recommendation(5))
    rows.update(carried_by=None)
    submitted(5, cast)
    assert close_as(cast, "superseded", recommendation(5)) == "superseded"


# -- words, dates and pages that are needed ------------------------------------------------------


def test_carried_item_is_decided_with_the_later_one(cast: Cast) -> None:
    submitted(4, cast)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(carried_by=recommendation(5))
    seen: dict[str, Any] = {"by": Actor(cast.director), "at": NOON, "seen_event": last_event_id(recommendation(4))}
    with refused("carried forward in"):
        return_(recommendation(4), reason="Not enough.", **seen)
    with refused("carried forward in"):
        close(recommendation(4), outcome="no_longer_applies", reason="It is so.", **seen)


def test_what_is_submitted_is_not_closed(cast: Cast) -> None:
    submitted(4, cast)
    with refused("no longer open"):
        close_as(cast, "no_longer_applies")


def test_nothing_is_replaced_by_what_is_under_embargo(cast: Cast) -> None:
    hidden = printed(inspection_at(f"{KSS}west-kent-pdu/"), recommendation(4).addressee, 1)[0]
    Inspection.objects.filter(pk=hidden.inspection_id).update(embargo_until=NOON.replace(year=2027))
    with refused("is still under embargo"):
        close_as(cast, "superseded", hidden)
    Inspection.objects.filter(pk=hidden.inspection_id).update(embargo_until=NOON)
    assert close_as(cast, "superseded", hidden) == "superseded"


def test_reopening_needs_a_reason_and_a_new_date(cast: Cast) -> None:
    item = signed_off(4, cast)
    seen: dict[str, Any] = {"by": Actor(cast.director), "at": NOON, "seen_event": last_event_id(item)}
    with refused("Enter why you are reopening it"):
        reopen(item, reason="", due_on=LATER, **seen)
    Recommendation.objects.filter(pk=item.pk).update(sustain_ask_on=TODAY)
    with refused("Enter how you know"):
        sustain(item, is_sustained=True, words="", **seen)
    with refused("Enter the new due date"):
        sustain(item, is_sustained=False, words="It is not.", **seen)
    assert recommendation(4).status == "signed_off"


@pytest.mark.parametrize("days", [1, None])
def test_whether_it_is_sustained_is_answered_once_and_from_its_day_on(cast: Cast, days: int | None) -> None:
    item = signed_off(4, cast)
    day = None if days is None else TODAY + datetime.timedelta(days=days)
    Recommendation.objects.filter(pk=item.pk).update(sustain_ask_on=day)
    with refused("already been answered" if days is None else "from 24 November 2026"):
        sustain(
            item, by=Actor(cast.director), at=NOON, seen_event=last_event_id(item), is_sustained=True, words="It is."
        )


def test_printed_text_is_corrected_with_a_reason(cast: Cast) -> None:
    with refused("Enter why you are correcting it"):
        correct_text(
            recommendation(4), by=Actor(cast.admin), at=NOON, seen_version=1, printed={"text": "new"}, reason=""
        )


def test_comment_has_words(cast: Cast) -> None:
    with refused("Enter your comment"):
        comment(recommendation(4), "", is_internal=True, by=Actor(cast.head), at=NOON)


def test_request_goes_to_a_level_above_with_words_and_to_somebody_there(cast: Cast) -> None:
    for path in (f"{KSS}east-kent-pdu/", f"{KSS}west-kent-pdu/", NORTH):
        with refused("cannot be sent a request"):
            ask_of(4, path, cast.head)
    with refused("Enter your answer"):
        ask_of(4, KSS, cast.head, words="")
    with refused("has no role at"):
        ask_of(4, KSS, cast.head, person=cast.officer)
    assert ask_of(4, KSS, cast.head, person=cast.director).person == cast.director


def test_row_that_is_not_there_is_a_conflict_of_many_changes(cast: Cast) -> None:
    with pytest.raises(Conflict):
        change_many({recommendation(4).pk: 1, 99_999: 1}, wanted=Wanted(None, None), by=Actor(cast.head), at=NOON)
    with pytest.raises(Conflict):
        change_many({recommendation(4).pk: 2}, wanted=Wanted(None, None), by=Actor(cast.head), at=NOON)
