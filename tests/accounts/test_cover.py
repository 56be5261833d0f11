"""What a cover may do in the place of who is away: as much as that one may, and nothing that is personal."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.accounts.covering import DAY, away
from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import place
from tracker.accounts.models import Cover, Membership, User
from tracker.accounts.policies import Access, acting_for
from tracker.accounts.queries import covered_by, covering_later, covers_of, overlapping
from tracker.inspections.models import Inspection, Named
from tracker.measures.models import Measure
from tracker.measures.policies import can_supply
from tracker.recommendations.action.policies import can_mark_done
from tracker.recommendations.ask.policies import can_answer
from tracker.recommendations.measure.queries import figures_to_supply
from tracker.recommendations.models import Action, Ask, Recommendation
from tracker.recommendations.recommendation.policies import can_plan, can_report, visible_recommendations

Role = Membership.Role
WEST_KENT = f"{KSS}west-kent-pdu/"

# Whether the colleague, covering for an officer who has this role somewhere else, has it there too (y) or not (-).
ROLES = """
lead           y
contributor    y
supplier       y
reviewer       y
independent    -
reader         -
administrator  -
"""


def access(person: User, on: datetime.date = TODAY) -> Access:
    return Access(person, on, NOON)


@pytest.mark.parametrize("line", ROLES.strip().splitlines())
def test_cover_has_exactly_these_roles_of_the_absent_person(cast: Cast, line: str) -> None:
    role, said = line.split()
    Membership.objects.create(user=cast.officer, role=role, organisation=place("hmpps/"))
    away(cast.officer, cast.colleague)
    assert access(cast.colleague).has(role, place("hmpps/")) == (said == "y")
    assert not access(cast.colleague).own().has(role, place("hmpps/"))


@pytest.mark.parametrize(
    ("since", "until", "ended", "holds"),
    [(0, 0, None, True), (-1, 5, None, False), (5, -1, None, False), (5, 5, 0, False), (5, 5, 1, True)],
)
def test_it_holds_from_its_first_day_to_its_last(
    cast: Cast, since: int, until: int, ended: int | None, holds: bool
) -> None:
    away(cast.head, cast.colleague, since=since, until=until, ended=ended)
    assert can_plan(access(cast.colleague), recommendation(4)) == holds
    assert list(access(cast.colleague).covering) == ([cast.head.pk] if holds else [])


def test_cover_does_the_work_of_the_absent_person(cast: Cast) -> None:
    item = recommendation(4)
    Recommendation.objects.filter(pk=item.pk).update(owner=cast.stranger)
    item.refresh_from_db()
    step = Action(owner=cast.stranger, addressee=item.addressee)
    asked = Ask(person=cast.stranger, asked_of=place(KSS), recommendation=item)
    figure = Measure.objects.create(
        name="Cases", unit="%", better="up", organisation=place(KSS), supplier=cast.stranger
    )

    def allowed() -> list[bool]:
        cover = access(cast.neighbour)
        return [
            can_report(cover, item),
            can_mark_done(cover, step),
            can_answer(cover, asked),
            can_supply(cover, figure),
            figure in figures_to_supply(cover),
            visible_recommendations(cover).filter(pk=item.pk).exists(),
        ]

    assert allowed() == [False] * 6
    away(cast.stranger, cast.neighbour)
    assert allowed() == [True] * 6


@pytest.mark.parametrize("ends", ["account", "role"])
@pytest.mark.parametrize("whose", ["officer", "colleague"])
def test_it_ends_with_the_access_of_either(cast: Cast, whose: str, ends: str) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=cast.officer)
    away(cast.officer, cast.colleague)
    assert can_report(access(cast.colleague), recommendation(4))
    assert list(covers_of(cast.officer, TODAY))
    if ends == "account":
        User.objects.filter(pk=getattr(cast, whose).pk).update(is_active=False)
    else:
        Membership.objects.filter(user=getattr(cast, whose)).update(ends_on=TODAY)
    assert not can_report(access(cast.colleague), recommendation(4))
    assert access(cast.colleague).covering == {}
    assert not can_report(access(cast.colleague), recommendation(4))


def test_a_reader_who_is_named_covers_nobody(cast: Cast) -> None:
    away(cast.head, cast.reader)
    assert not can_plan(access(cast.reader), recommendation(4))


def test_covers_are_not_transitive(cast: Cast) -> None:
    away(cast.head, cast.officer)
    away(cast.officer, cast.colleague)
    assert can_plan(access(cast.officer), recommendation(4))
    assert not can_plan(access(cast.colleague), recommendation(4))


def test_naming_for_an_embargo_is_personal(cast: Cast) -> None:
    inspection = west_kent()
    Inspection.objects.filter(pk=inspection.pk).update(embargo_until=NOON + DAY)
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=cast.head)
    Named.objects.create(inspection=inspection, person=cast.head)
    away(cast.head, cast.colleague)
    assert visible_recommendations(access(cast.head)).filter(inspection=inspection).exists()
    for seen in (access(cast.colleague), access(cast.colleague).in_place_of(cast.head.pk)):
        assert not visible_recommendations(seen).filter(inspection=inspection).exists()
    Named.objects.create(inspection=inspection, person=cast.colleague)
    assert visible_recommendations(access(cast.colleague)).filter(inspection=inspection).exists()


def test_acting_for_names_the_person_whose_right_is_used(cast: Cast) -> None:
    mine, theirs = recommendation(4), recommendation(5)
    Recommendation.objects.filter(pk=mine.pk).update(owner=cast.colleague)
    Recommendation.objects.filter(pk=theirs.pk).update(owner=cast.officer)
    away(cast.officer, cast.colleague)
    cover = access(cast.colleague)
    assert acting_for(cover, lambda one: can_report(one, recommendation(4))) is None
    assert acting_for(cover, lambda one: can_report(one, recommendation(5))) == cast.officer.pk
    assert acting_for(access(cast.officer), lambda one: can_report(one, recommendation(5))) is None
    # Two at once: each thing is done in the place of whose it is.
    away(cast.head, cast.colleague)
    assert acting_for(access(cast.colleague), lambda one: can_plan(one, recommendation(5))) == cast.head.pk


def test_reported_and_verified_add_up(cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(5).pk).update(owner=cast.officer)
    away(cast.neighbour, cast.officer)
    both = access(cast.officer)
    alone, instead = both.own(), both.in_place_of(cast.neighbour.pk)
    assert {held.path for held in alone.held} == {WEST_KENT}
    assert {held.path for held in instead.held} == {f"{KSS}east-kent-pdu/"}
    officer, neighbour = cast.officer.pk, cast.neighbour.pk
    assert [set(one.owners) for one in (both, alone, instead)] == [{officer, neighbour}, {officer}, {neighbour}]
    assert both.persons == alone.persons == instead.persons


def test_covers_cost_no_extra_query(cast: Cast) -> None:
    def cost() -> int:
        one = access(cast.colleague)
        with CaptureQueriesContext(connection) as asked:
            assert one.may_own
            _all = (one.held, one.covering, one.persons, one.owners, one.own().held)
        return len(asked)

    assert cost() == 1
    away(cast.officer, cast.colleague)
    away(cast.head, cast.colleague)
    assert cost() == 1


def test_who_covers_for_whom_and_who_will(cast: Cast) -> None:
    now, later = away(cast.head, cast.officer), away(cast.head, cast.colleague, since=-11, until=20)
    over = away(cast.head, cast.colleague, since=30, until=-4)
    ended = away(cast.head, cast.colleague, since=-30, until=40, ended=-1)
    assert list(covers_of(cast.head, TODAY)) == [now, later]
    assert list(covered_by(cast.officer, TODAY)) == [now]
    assert list(covering_later(cast.colleague, TODAY)) == [later]
    assert set(overlapping(cast.head, TODAY - 60 * DAY, TODAY + 60 * DAY)) == {now, later, over}
    assert ended not in overlapping(cast.head, TODAY + 30 * DAY, TODAY + 35 * DAY)


@pytest.mark.sqlite
def test_the_database_refuses_what_makes_no_sense(cast: Cast) -> None:
    away(cast.head, cast.officer, since=0)
    for wrong in (
        {"person": cast.officer, "cover": cast.officer},
        {"person": cast.officer, "cover": cast.head, "since": -2, "until": 1},
        {"person": cast.head, "cover": cast.colleague, "since": 0},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            away(**wrong)
    assert Cover.objects.count() == 1
