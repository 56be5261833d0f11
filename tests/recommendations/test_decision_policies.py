"""Who decides, and what whoever does not is told: one condition at a time."""

import pytest

from tests.accounts.covering import away
from tests.base import KSS, NOON, NORTH, TODAY, Cast, recommendation, west_kent
from tests.factories import inspection_at, place, printed
from tests.recommendations.asking import ask_of
from tests.recommendations.planning import fixed as plan_fixed
from tests.recommendations.planning import plan
from tests.recommendations.reviewing import owned, reported
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.recommendations.ask.policies import asked_organisations
from tracker.recommendations.change.operations import change
from tracker.recommendations.comment.policies import can_comment
from tracker.recommendations.decision import policies
from tracker.recommendations.models import ActionPlan, Ask, Recommendation, Report
from tracker.recommendations.participation.models import Part
from tracker.recommendations.plan.policies import can_clear, clearable, sees_plan
from tracker.recommendations.recommendation.policies import visible_inspections

pytestmark = pytest.mark.usefixtures("at_noon")
WEST_KENT = f"{KSS}west-kent-pdu/"


def is_pending_for(person: User, item: Recommendation) -> bool:
    condition = policies.pending_review_for(Access(person, TODAY))
    return Recommendation.objects.filter(condition, pk=item.pk).exists()


def give(person: User, role: str, path: str) -> Membership:
    return Membership.objects.create(user=person, role=role, organisation=place(path))


# -- with whom it waits ------------------------------------------------------------------------


def test_it_waits_with_hmpps_where_the_only_nearer_reviewer_is_barred(cast: Cast) -> None:
    item = recommendation(4)
    assert (is_pending_for(cast.director, item), is_pending_for(cast.national, item)) == (True, False)
    owned(4, cast.director)
    assert (is_pending_for(cast.director, item), is_pending_for(cast.national, item)) == (False, True)


def test_reviewer_of_another_region_does_not_keep_it_from_hmpps(cast: Cast) -> None:
    give(cast.stranger, "reviewer", NORTH)
    owned(4, cast.director)
    assert is_pending_for(cast.national, recommendation(4))
    assert not is_pending_for(cast.stranger, recommendation(4))


def test_reviewer_who_leads_the_addressee_does_not_keep_it_from_hmpps(cast: Cast) -> None:
    give(cast.director, "lead", WEST_KENT)
    assert is_pending_for(cast.national, recommendation(4))
    # Also on a day on which somebody is away.
    away(cast.supplier, cast.colleague)
    assert is_pending_for(cast.national, recommendation(4))
    # A lead of another place does.
    Membership.objects.filter(user=cast.director, role="lead").update(organisation=place(f"{KSS}east-kent-pdu/"))
    assert not is_pending_for(cast.national, recommendation(4))


def test_cover_of_somebody_else_does_not_keep_it_from_hmpps(cast: Cast) -> None:
    away(cast.supplier, cast.colleague)
    owned(4, cast.director)
    assert is_pending_for(cast.national, recommendation(4))


def test_reviewer_who_covers_for_a_lead_does_not_keep_it_from_hmpps(cast: Cast) -> None:
    cover = away(cast.head, cast.director)
    assert (is_pending_for(cast.director, recommendation(4)), is_pending_for(cast.national, recommendation(4))) == (
        False,
        True,
    )
    # Away themself, and covered by somebody who has no part in it: that one decides.
    away(cast.director, cast.neighbour)
    assert is_pending_for(cast.neighbour, recommendation(4))
    assert not is_pending_for(cast.national, recommendation(4))
    cover.delete()
    owned(4, cast.neighbour)
    # The director has no part, but is away as well as here: both keep it.
    assert not is_pending_for(cast.national, recommendation(4))


# -- why it does not ---------------------------------------------------------------------------


def why(person: User, number: int = 4) -> set[str]:
    return set(policies.why_barred(Access(person, TODAY), recommendation(number)))


def labels(*parts: Part) -> set[str]:
    return {str(part.label) for part in parts}


def test_each_part_that_bars_is_named_and_no_other(cast: Cast) -> None:
    assert why(cast.director) == set()
    Recommendation.objects.filter(pk=recommendation(5).pk).update(submitted_by=cast.director)
    reported(5, cast.director)
    assert why(cast.director) == set()
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=cast.director)
    assert why(cast.director) == labels(Part.OWNED)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=None, submitted_by=cast.director)
    assert why(cast.director) == labels(Part.SUBMITTED)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(submitted_by=None)
    give(cast.director, "lead", WEST_KENT)
    assert why(cast.director) == labels(Part.LED)
    Membership.objects.filter(user=cast.director, role="lead").delete()
    reported(4, cast.director)
    assert why(cast.director) == labels(Part.REPORTED)


def test_whoever_does_not_review_here_is_told_nothing(cast: Cast) -> None:
    give(cast.stranger, "reviewer", NORTH)
    give(cast.colleague, "reviewer", WEST_KENT)
    for number, people in ((4, (cast.head, cast.officer, cast.stranger, cast.colleague)), (11, (cast.policy,))):
        for person in people:
            owned(number, person)
            assert why(person, number) == set(), person


def test_independent_reviewer_is_told_about_what_is_addressed_to_hmpps_itself(cast: Cast) -> None:
    owned(11, cast.independent)
    owned(6, cast.independent)
    assert why(cast.independent, 11) == labels(Part.OWNED)
    assert why(cast.independent, 6) == set()


def test_reviewer_above_two_levels_is_told(cast: Cast) -> None:
    owned(4, cast.national)
    assert why(cast.national) == labels(Part.OWNED)


# -- verbs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["head", "officer", "reader", "admin", "nobody"])
def test_who_does_not_decide_may_do_none_of_it_in_any_status(cast: Cast, name: str) -> None:
    item, access = recommendation(4), Access(getattr(cast, name), TODAY)
    item.sustain_ask_on = item.original_due_on = item.due_on = TODAY
    for status in Recommendation.Status:
        item.status = status
        for verb in ("check", "close", "sign_off", "return", "sustain", "reopen", "correct_date", "extend"):
            assert not getattr(policies, f"can_{verb}")(access, item), (status, verb)


def test_lead_submits_what_is_open_and_withdraws_what_is_submitted(cast: Cast) -> None:
    item = recommendation(4)
    for person, leads in ((cast.head, True), (cast.officer, False), (cast.director, False)):
        access = Access(person, TODAY)
        for status in Recommendation.Status:
            item.status, item.carried_by = status, None
            assert policies.can_submit(access, item) == (leads and status == "open")
            assert policies.can_withdraw(access, item) == (leads and status == "submitted")
    item.status, item.carried_by = "open", recommendation(5)
    assert not policies.can_submit(Access(cast.head, TODAY), item)


def test_date_is_corrected_while_it_is_open_and_has_an_original(cast: Cast) -> None:
    item, access = recommendation(4), Access(cast.director, TODAY)
    item.original_due_on = item.due_on = TODAY
    assert policies.can_correct_date(access, item)
    item.status = "submitted"
    assert not policies.can_correct_date(access, item)
    item.status, item.original_due_on = "open", None
    assert not policies.can_correct_date(access, item)


def test_date_of_hmpps_is_extended_by_hmpps(cast: Cast) -> None:
    item = recommendation(4)
    for due_set_by, regional in (("lead", True), ("hmpps", False), ("report", False)):
        item.due_set_by = due_set_by
        assert policies.can_extend(Access(cast.director, TODAY), item) == regional
        assert policies.can_extend(Access(cast.national, TODAY), item)
    # Seeing everything is not deciding for HMPPS.
    give(cast.director, "reader", "hmpps/")
    assert not policies.can_extend(Access(cast.director, TODAY), item)


# -- plans, comments, requests -----------------------------------------------------------------


def test_plan_is_approved_by_a_reviewer_above_without_a_part_in_it(cast: Cast) -> None:
    plan_fixed(cast)

    def may(person: User) -> bool:
        access, found = Access(person, TODAY), plan()
        can = can_clear(access, found)
        assert can == type(found).objects.filter(clearable(access), pk=found.pk).exists()
        return can

    give(cast.stranger, "reviewer", NORTH)
    give(cast.colleague, "reviewer", WEST_KENT)
    allowed = {name for name, person in vars(cast).items() if may(person)}
    assert allowed == {"director", "national"}
    give(cast.director, "lead", WEST_KENT)
    assert not may(cast.director)
    Membership.objects.filter(user=cast.director, role="lead").delete()
    # Neither what the report asks of others nor what other reports ask is in it.
    reported(6, cast.director)
    (other,) = printed(inspection_at(WEST_KENT), place(WEST_KENT), 1)
    change(other, by=Actor(cast.director), at=NOON, seen_version=1, report=Report("some", "Begun."))
    assert may(cast.director)
    reported(4, cast.director)
    assert not may(cast.director)


def test_plan_of_hmpps_is_approved_by_the_independent_reviewer_whom_it_named(cast: Cast) -> None:
    give(cast.stranger, "independent", KSS)
    found: dict[str, set[str]] = {"hmpps/": set(), KSS: set()}
    for path in found:
        made = ActionPlan.objects.create(inspection=plan().inspection, addressee=place(path))
        for name, person in vars(cast).items():
            can = can_clear(Access(person, TODAY), made)
            assert can == ActionPlan.objects.filter(clearable(Access(person, TODAY)), pk=made.pk).exists()
            found[path] |= {name} if can else set()
    assert found == {"hmpps/": {"independent"}, KSS: {"national"}}


def test_approved_plan_is_not_approved_again(cast: Cast) -> None:
    plan_fixed(cast)
    found = plan()
    assert can_clear(Access(cast.director, TODAY), found)
    found.state = "cleared"
    assert not can_clear(Access(cast.director, TODAY), found)


def test_plan_is_seen_by_people_of_the_addressee_the_inspected_and_above(cast: Cast) -> None:
    found = plan()
    found.addressee = place(KSS)
    seen = {name for name, person in vars(cast).items() if sees_plan(Access(person, TODAY), found)}
    assert {"head", "officer", "operations", "director", "national", "reader"} <= seen
    assert not seen & {"neighbour", "stranger", "strange_admin", "nobody"}
    found.inspection = inspection_at(f"{NORTH}county-durham-pdu/")
    assert sees_plan(Access(cast.operations, TODAY), found)
    found.inspection = inspection_at(f"{KSS}east-kent-pdu/")
    assert sees_plan(Access(cast.neighbour, TODAY), found)
    assert not sees_plan(Access(cast.head, TODAY), found)


def test_reader_here_who_acts_elsewhere_does_not_comment_here(cast: Cast) -> None:
    assert can_comment(Access(cast.neighbour, TODAY), recommendation(4))
    give(cast.neighbour, "reader", KSS)
    assert not can_comment(Access(cast.neighbour, TODAY), recommendation(4))
    there = printed(inspection_at(f"{KSS}east-kent-pdu/"), place(f"{KSS}east-kent-pdu/"), 1)[0]
    assert can_comment(Access(cast.neighbour, TODAY), there)
    assert not can_comment(Access(cast.neighbour, TODAY), recommendation(4))


def test_whoever_is_named_in_a_request_sees_its_report(cast: Cast) -> None:
    ask = ask_of(4, KSS, cast.head, person=cast.director)

    def sees() -> bool:
        return west_kent() in visible_inspections(Access(cast.stranger, TODAY))

    assert not sees()
    Ask.objects.filter(pk=ask.pk).update(person=cast.stranger)
    assert sees()
    Membership.objects.filter(user=cast.stranger).update(role="reader")
    assert not sees()


def test_region_asks_the_inspected_and_those_above_and_never_itself(cast: Cast) -> None:
    def asked(item: Recommendation) -> list[str]:
        return [one.path for one in asked_organisations(item, TODAY)]

    assert asked(recommendation(6)) == [WEST_KENT, "hmpps/"]
    own = printed(inspection_at(KSS), place(KSS), 1)[0]
    assert asked(own) == ["hmpps/"]
    assert asked(recommendation(4)) == [KSS, "hmpps/"]
