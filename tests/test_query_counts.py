"""A page costs as many queries for three hundred recommendations as for twelve."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.base import KSS, Cast, recommendation, west_kent
from tests.factories import place, scattered

SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"
pytestmark = pytest.mark.usefixtures("at_noon")


def addresses() -> dict[str, str]:
    return {
        "home": "/",
        "list": "/recommendations/",
        "filtered": "/recommendations/?q=people&mark=slipped",
        "inspections": "/inspections/",
        "inspection": f"/inspections/{west_kent().pk}/",
        "detail": f"/recommendations/{recommendation(4).pk}/",
        "change": f"/recommendations/{recommendation(4).pk}/change/",
        "region": "/review/",
    }


COUNTS = {
    "head": {
        "home": 9,
        "list": 12,
        "filtered": 12,
        "inspections": 8,
        "inspection": 14,
        "detail": 35,
        "change": 9,
    },
    "director": {"home": 10, "list": 11, "region": 11},
    "national": {"home": 9, "list": 10, "region": 10},
}
CASES = [(who, name, count) for who, counts in COUNTS.items() for name, count in counts.items()]


@pytest.mark.parametrize(("who", "name", "count"), CASES)
def test_the_number_of_queries_does_not_grow(
    signed_in: SignedIn,
    cast: Cast,
    django_assert_num_queries: Callable[..., Any],
    who: str,
    name: str,
    count: int,
) -> None:
    client = signed_in(who)
    address = addresses()[name]
    owners = [cast.head, cast.officer, cast.director, cast.national]
    # The first rows are enough for each filter to find some.
    for more in (12, 288):
        scattered(more, west_kent(), [place(WEST_KENT), place(KSS), place("hmpps/")], owners, more)
        with django_assert_num_queries(count):
            assert client.get(address).status_code == 200
