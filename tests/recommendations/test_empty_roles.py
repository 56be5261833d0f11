"""Roles that nobody holds, told to the administrators who can give them."""

import pytest

from tests.base import KSS, TODAY, Cast
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation
from tracker.recommendations.task.roles import empty_roles

pytestmark = pytest.mark.django_db
WEST_KENT = f"{KSS}west-kent-pdu/"


def empty(person: User) -> list[tuple[str, str]]:
    return [(one.organisation.path, one.role) for one in empty_roles(Access(person, TODAY))]


def give_up(person: User, role: str) -> None:
    assert Membership.objects.filter(user=person, role=role).update(ends_on=TODAY)


def test_no_role_is_empty_where_all_are_held(cast: Cast) -> None:
    assert empty(cast.admin) == []
    assert empty(cast.top_admin) == []


@pytest.mark.parametrize(
    ("who", "role", "place"),
    [
        ("head", "lead", WEST_KENT),
        ("operations", "lead", KSS),
        ("director", "reviewer", KSS),
        ("policy", "lead", "hmpps/"),
        ("national", "reviewer", "hmpps/"),
        ("independent", "independent", "hmpps/"),
    ],
)
def test_ended_role_is_listed_for_the_administrator_above(cast: Cast, who: str, role: str, place: str) -> None:
    give_up(getattr(cast, who), role)
    assert empty(cast.top_admin) == [(place, role)]
    assert empty(cast.admin) == ([(place, role)] if place.startswith(KSS) else [])
    assert empty(cast.strange_admin) == []
    assert empty(cast.head) == []


def test_another_role_or_place_does_not_fill_it(cast: Cast) -> None:
    for who, role in (("head", "lead"), ("director", "reviewer")):
        give_up(getattr(cast, who), role)
    assert empty(cast.admin) == [(KSS, "reviewer"), (WEST_KENT, "lead")]


def test_no_empty_role_without_unfinished_items(cast: Cast) -> None:
    give_up(cast.head, "lead")
    give_up(cast.neighbour, "lead")
    assert empty(cast.admin) == [(WEST_KENT, "lead")]
    Recommendation.objects.filter(addressee__path=WEST_KENT).update(status="no_longer_applies")
    assert empty(cast.admin) == []


def test_all_are_asked_for_in_one_query(cast: Cast, django_assert_num_queries: object) -> None:
    access = Access(cast.admin, TODAY)
    empty_roles(access)
    with django_assert_num_queries(1):  # type: ignore[operator]
        empty_roles(access)
