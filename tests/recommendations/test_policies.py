"""Who sees what and who may do what: complete, and written out by hand."""

import datetime
from dataclasses import fields

import pytest

from tests.base import KSS, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import inspection_at, place, printed
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.policies import (
    can_change,
    can_plan,
    can_report,
    visible_inspections,
    visible_recommendations,
)

# For each person: the inspection (s: sees it), then recommendations 4 (to West Kent), 6 (to the region), 11 (to HMPPS)
# and previous 2 (to the region): s sees, p plans, r reports, - does not.
GRID = """
               inspection  4    6    11   previous
head           s           spr  s--  s--  s--
officer        s           s--  s--  s--  s--
colleague      s           s--  s--  s--  s--
supplier       s           s--  s--  s--  s--
neighbour      -           ---  ---  ---  ---
operations     s           s--  spr  s--  spr
director       s           s--  s--  s--  s--
policy         s           s--  s--  spr  s--
national       s           s--  s--  s--  s--
independent    s           s--  s--  s--  s--
reader         s           s--  s--  s--  s--
inspector      s           s--  s--  s--  s--
admin          s           s--  s--  s--  s--
top_admin      s           s--  s--  s--  s--
stranger       -           ---  ---  ---  ---
strange_admin  -           ---  ---  ---  ---
nobody         -           ---  ---  ---  ---
"""

# The same, of each recommendation that the person has been made owner of. The inspection: as owner of 4. Readers and
# whoever has no role own nothing: it gives them nothing.
AS_OWNER = """
               inspection  4    6    11   previous
head           s           spr  s-r  s-r  s-r
officer        s           s-r  s-r  s-r  s-r
colleague      s           s-r  s-r  s-r  s-r
supplier       s           s-r  s-r  s-r  s-r
neighbour      s           s-r  s-r  s-r  s-r
operations     s           s-r  spr  s-r  spr
director       s           s-r  s-r  s-r  s-r
policy         s           s-r  s-r  spr  s-r
national       s           s-r  s-r  s-r  s-r
independent    s           s-r  s-r  s-r  s-r
reader         s           s--  s--  s--  s--
inspector      s           s--  s--  s--  s--
admin          s           s--  s--  s--  s--
top_admin      s           s--  s--  s--  s--
stranger       s           s-r  s-r  s-r  s-r
strange_admin  -           ---  ---  ---  ---
nobody         -           ---  ---  ---  ---
"""


def rows(grid: str) -> dict[str, list[str]]:
    found = {line.split()[0]: line.split()[1:] for line in grid.strip().splitlines()[1:]}
    assert set(found) == {field.name for field in fields(Cast)}
    return found


def items() -> list[Recommendation]:
    return [recommendation(4), recommendation(6), recommendation(11), previous(2)]


def may(person: User, item: Recommendation) -> str:
    access = Access(person, TODAY)
    sees = visible_recommendations(access).filter(pk=item.pk).exists()
    plans, reports = can_plan(access, item), can_report(access, item)
    assert can_change(access, item) == (plans or reports)
    assert sees or not (plans or reports), "may change what they do not see"
    return ("s" if sees else "-") + ("p" if plans else "-") + ("r" if reports else "-")


def sees_the_inspection(person: User) -> str:
    return "s" if visible_inspections(Access(person, TODAY)).filter(pk=west_kent().pk).exists() else "-"


def test_each_person_sees_and_may_do_exactly_this(cast: Cast) -> None:
    said = {
        name: [sees_the_inspection(person), *(may(person, item) for item in items())]
        for name, person in vars(cast).items()
    }
    assert said == rows(GRID)


@pytest.mark.parametrize("name", [field.name for field in fields(Cast)])
def test_owner_may_see_and_report_only(cast: Cast, name: str) -> None:
    person = getattr(cast, name)
    before = {item.pk: may(person, item) for item in items()}
    said = []
    for item in items():
        Recommendation.objects.filter(pk=item.pk).update(owner=person)
        said.append(may(person, Recommendation.objects.get(pk=item.pk)))
        if not said[1:]:
            said.insert(0, sees_the_inspection(person))
        Recommendation.objects.filter(pk=item.pk).update(owner=None)
        assert {other.pk: may(person, other) for other in items()} == before
    assert said == rows(AS_OWNER)[name]


@pytest.mark.parametrize("name", ["neighbour", "stranger"])
def test_owner_from_elsewhere_sees_only_their_recommendation_and_its_report(cast: Cast, name: str) -> None:
    person = getattr(cast, name)
    item = recommendation(4)
    Recommendation.objects.filter(pk=item.pk).update(owner=person)
    access = Access(person, TODAY)
    assert list(visible_recommendations(access)) == [item]
    assert list(visible_inspections(access)) == [west_kent()]


def test_person_without_a_role_owns_nothing(cast: Cast) -> None:
    item = recommendation(4)
    Recommendation.objects.filter(pk=item.pk).update(owner=cast.stranger)
    assert may(cast.stranger, recommendation(4)) == "s-r"
    Membership.objects.filter(user=cast.stranger).update(ends_on=TODAY)
    assert (may(cast.stranger, recommendation(4)), sees_the_inspection(cast.stranger)) == ("---", "-")
    Membership.objects.create(user=cast.stranger, role="reader", organisation=place(f"{KSS}east-kent-pdu/"))
    assert (may(cast.stranger, recommendation(4)), sees_the_inspection(cast.stranger)) == ("---", "-")
    Membership.objects.create(user=cast.stranger, role="supplier", organisation=place(f"{KSS}east-kent-pdu/"))
    assert may(cast.stranger, recommendation(4)) == "s-r"


def test_the_owner_of_a_previous_one_sees_every_report_that_rates_it(cast: Cast) -> None:
    Recommendation.objects.filter(pk=previous(2).pk).update(owner=cast.stranger)
    access = Access(cast.stranger, TODAY)
    assert list(visible_recommendations(access)) == [previous(2)]
    assert list(visible_inspections(access)) == [west_kent()]


def test_a_pdu_sees_what_its_report_asks_of_others_and_not_what_other_reports_ask_of_them(cast: Cast) -> None:
    east = inspection_at(f"{KSS}east-kent-pdu/")
    to_east, to_region = (printed(east, place(path), 1)[0] for path in (f"{KSS}east-kent-pdu/", KSS))

    def seen(name: str) -> set[int]:
        found = visible_recommendations(Access(getattr(cast, name), TODAY)).filter(inspection=east)
        return set(found.values_list("pk", flat=True))

    assert seen("neighbour") == {to_east.pk, to_region.pk}
    assert seen("head") == set()
    assert seen("director") == {to_east.pk, to_region.pk}


def test_visible_rows_have_no_duplicates(cast: Cast) -> None:
    for name, person in vars(cast).items():
        found = list(visible_recommendations(Access(person, TODAY)).values_list("pk", flat=True))
        assert len(found) == len(set(found)), name
        reports = list(visible_inspections(Access(person, TODAY)).values_list("pk", flat=True))
        assert len(reports) == len(set(reports)), name


@pytest.mark.parametrize(("ends", "holds"), [(None, True), (1, True), (0, False), (-1, False)])
def test_a_role_holds_to_the_end_of_the_day_before_it_ends(cast: Cast, ends: int | None, holds: bool) -> None:
    ends_on = None if ends is None else TODAY + datetime.timedelta(days=ends)
    Membership.objects.filter(user=cast.head).update(ends_on=ends_on)
    assert may(cast.head, recommendation(4)) == ("spr" if holds else "---")


def test_lead_above_acts_only_without_a_lead_below(cast: Cast) -> None:
    assert may(cast.operations, recommendation(4)) == "s--"
    Membership.objects.filter(user=cast.head).update(ends_on=TODAY)
    assert may(cast.operations, recommendation(4)) == "spr"
    assert may(cast.policy, recommendation(4)) == "s--"
    Membership.objects.filter(user=cast.operations).update(ends_on=TODAY)
    assert may(cast.policy, recommendation(4)) == "spr"
    User.objects.filter(pk=cast.policy.pk).update(is_active=False)
    assert may(cast.policy, recommendation(4)) == "---"
