"""Which inspections are hidden from whom, and who sets that: one condition at a time."""

import datetime

import pytest

from tests.base import KSS, NOON, NORTH, TODAY, Cast
from tests.factories import inspection_at
from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection, Named
from tracker.inspections.policies import (
    administered_inspections,
    can_set_embargo,
    embargoed_inspections,
    hidden_inspections,
    may_be_seen,
)
from tracker.recommendations.models import Recommendation

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)


def under_embargo(title: str, until: datetime.datetime, path: str = KSS) -> Inspection:
    made = inspection_at(path, title)
    Inspection.objects.filter(pk=made.pk).update(embargo_until=until)
    return made


def seen(access: Access) -> set[str]:
    """By title, of what was made here; what is hidden is just the rest."""
    rows = Inspection.objects.filter(title__startswith="Made")
    found = set(rows.filter(may_be_seen(access)).values_list("title", flat=True))
    hidden = set(rows.filter(pk__in=hidden_inspections(access)).values_list("title", flat=True))
    assert (found | hidden, found & hidden) == (set(rows.values_list("title", flat=True)), set())
    return found


def test_embargo_hides_until_its_minute_from_everybody_who_is_not_named(cast: Cast) -> None:
    inspection_at(KSS, "Made, published")
    under_embargo("Made, until now", NOON)
    mine, theirs = under_embargo("Made, named", NOON + MINUTE), under_embargo("Made, other", NOON + MINUTE)
    Named.objects.create(inspection=mine, person=cast.head)
    Named.objects.create(inspection=theirs, person=cast.officer)
    public = {"Made, published", "Made, until now"}
    assert seen(Access(cast.head, TODAY, NOON)) == {*public, "Made, named"}
    assert seen(Access(cast.officer, TODAY, NOON)) == {*public, "Made, other"}
    assert seen(Access(cast.national, TODAY, NOON)) == public
    assert seen(Access(cast.national, TODAY, NOON + MINUTE)) == {*public, "Made, named", "Made, other"}
    assert seen(Access(cast.national, TODAY, NOON - MINUTE)) == {"Made, published"}


@pytest.mark.parametrize(("days", "sees"), [(None, True), (1, True), (0, False), (-1, False)])
def test_whoever_is_named_sees_it_until_that_ends(cast: Cast, days: int | None, sees: bool) -> None:
    hidden = under_embargo("Made", NOON + MINUTE)
    # With another one that nobody is named for, so that something is hidden in any case.
    under_embargo("Made, other", NOON + MINUTE)
    Named.objects.create(inspection=hidden, person=cast.head, until=None if days is None else TODAY + days * DAY)
    assert seen(Access(cast.head, TODAY, NOON)) == ({"Made"} if sees else set())


def test_rows_of_an_inspection_are_asked_about_by_their_path(cast: Cast) -> None:
    under_embargo("Made", NOON + MINUTE)
    access = Access(cast.head, TODAY, NOON)
    assert Recommendation.objects.filter(may_be_seen(access, "inspection__")).count() == Recommendation.objects.count()


def test_administrators_know_the_embargoes_of_their_organisations(cast: Cast) -> None:
    here, there = under_embargo("Made", NOON + MINUTE), under_embargo("Made", NOON + MINUTE, NORTH)
    over = under_embargo("Made, until now", NOON)
    access = Access(cast.admin, TODAY, NOON)
    assert set(embargoed_inspections(access)) == {here}
    assert {here, over} <= set(administered_inspections(access))
    assert there not in administered_inspections(access)
    assert can_set_embargo(access, here)
    assert not can_set_embargo(access, there)
    for person in (cast.head, cast.director, cast.national):
        assert not embargoed_inspections(Access(person, TODAY, NOON)).exists()
        assert not can_set_embargo(Access(person, TODAY, NOON), here)
    Membership.objects.filter(user=cast.admin).update(ends_on=TODAY)
    assert not administered_inspections(Access(cast.admin, TODAY, NOON)).exists()
