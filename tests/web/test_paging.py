"""Next and Previous show every row once and in order, whatever is missing in it."""

import datetime
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter

import pytest
from django.core import signing
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.base import TODAY, recommendation, west_kent
from tests.sampling import examples
from tracker.accounts.models import User
from tracker.recommendations.listing.queries import ORDERS
from tracker.recommendations.models import Progress, Recommendation, RecommendationQuerySet
from tracker.web.paging import By, Page, page_of

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

DUE: Sequence[By] = (By("due_on", nullable=True), By("id"))
ALL_ORDERS: list[Sequence[By]] = [
    *(order for _, order in ORDERS.values()),
    (By("due_on", descending=True, nullable=True), By("reported_on", nullable=True), By("id", descending=True)),
    (By("is_previous", descending=True), By("due_on", nullable=True), By("position")),
    (By("id"),),
]
DAYS = st.none() | st.dates(TODAY, TODAY + datetime.timedelta(days=3))
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def rows() -> RecommendationQuerySet:
    return Recommendation.objects.filter(inspection=west_kent())


def scatter(dates: list[tuple[datetime.date | None, datetime.date | None]]) -> RecommendationQuerySet:
    """As many of the report's rows as there are dates, with these due dates and days of their last report."""
    found = list(rows().order_by("pk")[: len(dates)])
    reporter = User.objects.get(email="officer@example.test")
    for item, (due_on, reported_on) in zip(found, dates, strict=True):
        item.due_on = item.original_due_on = due_on
        item.reported_on = reported_on
        item.progress = Progress.SOME if reported_on else ""
        item.reported_by = reporter if reported_on else None
    names = ["due_on", "original_due_on", "reported_on", "progress", "reported_by"]
    Recommendation.objects.bulk_update(found, names)
    return rows().filter(pk__in=[item.pk for item in found])


def expected(found: RecommendationQuerySet, order: Sequence[By]) -> list[Recommendation]:
    """Sorted by Python, one column after the other from the last; without a value comes last either way."""
    items = list(found)
    for by in reversed(order):
        valued = [item for item in items if getattr(item, by.name) is not None]
        valued.sort(key=attrgetter(by.name), reverse=by.descending)
        items = valued + [item for item in items if getattr(item, by.name) is None]
    return items


def walk(found: RecommendationQuerySet, order: Sequence[By], size: int) -> list[Page[Recommendation]]:
    """All pages from the first by Next; fails where that does not end."""
    pages = [page_of(found, order, cursor="", size=size)]
    while pages[-1].next:
        assert len(pages) <= found.count()
        pages.append(page_of(found, order, cursor=pages[-1].next, size=size))
    return pages


@settings(max_examples=examples(20, 60), deadline=None, suppress_health_check=QUIET)
@given(
    dates=st.lists(st.tuples(DAYS, DAYS), max_size=19),
    size=st.integers(1, 7),
    order=st.sampled_from(ALL_ORDERS),
)
def test_next_shows_every_row_once_in_order_and_previous_the_same_pages_back(
    db: None, dates: list[tuple[datetime.date | None, datetime.date | None]], size: int, order: Sequence[By]
) -> None:
    with transaction.atomic():
        found = scatter(dates)
        pages = walk(found, order, size)
        assert [item for page in pages for item in page.rows] == expected(found, order)
        assert all(len(page.rows) == size for page in pages[:-1])
        assert [bool(page.previous) for page in pages] == [False, *[True] * (len(pages) - 1)]
        for before, page in pairwise(pages):
            back = page_of(found, order, cursor=page.previous, size=size)
            assert back.rows == before.rows
            assert bool(back.previous) == bool(before.previous)
            assert page_of(found, order, cursor=back.next, size=size).rows == page.rows
        transaction.set_rollback(True)


def test_a_list_without_rows_is_one_page_without_links() -> None:
    assert page_of(rows().none(), DUE, cursor="") == Page([], "", "")


@pytest.mark.parametrize("size", [19, 20, 1000])
def test_what_fits_on_a_page_has_no_links(size: int) -> None:
    page = page_of(rows(), DUE, cursor="", size=size)
    assert (len(page.rows), page.previous, page.next) == (19, "", "")


def test_the_last_row_alone_makes_a_page() -> None:
    first = page_of(rows(), DUE, cursor="", size=18)
    last = page_of(rows(), DUE, cursor=first.next, size=18)
    assert (len(first.rows), len(last.rows), last.next) == (18, 1, "")


def test_vanished_row_skips_no_other() -> None:
    order = (By("id"),)
    first = page_of(rows(), order, cursor="", size=5)
    everything = list(rows().order_by("id"))
    without = rows().exclude(pk=first.rows[-1].pk)
    assert page_of(without, order, cursor=first.next, size=5).rows == everything[5:10]


def test_new_due_date_does_not_shift_other_rows() -> None:
    found = scatter([(TODAY, None)] * 19)
    first = page_of(found, DUE, cursor="", size=5)
    Recommendation.objects.filter(pk=first.rows[0].pk).update(due_on=TODAY + datetime.timedelta(days=9))
    second = page_of(found, DUE, cursor=first.next, size=5)
    assert set(first.rows).isdisjoint(second.rows)
    assert len(second.rows) == 5


SPOILT = [
    *("x", ":", "::", "a:b:c", "%00", "\x00", "²", "😀", "../..", "[]", "null", "W10:1", " ", "x" * 100_000),
    signing.dumps(["after", None, 1]),
    signing.dumps(["after", None, 1], salt="another"),
    signing.dumps(["after"], salt="page"),
    signing.dumps(["after", 1], salt="page"),
    signing.dumps(["after", None, 1, 2], salt="page"),
]


@pytest.mark.parametrize("cursor", SPOILT, ids=range(len(SPOILT)))
def test_foreign_cursor_gives_the_first_page(cursor: str) -> None:
    found = page_of(rows(), DUE, cursor=cursor, size=5)
    assert found.rows == page_of(rows(), DUE, cursor="", size=5).rows
    assert (found.previous, bool(found.next)) == ("", True)


@settings(max_examples=examples(20, 50), deadline=None, suppress_health_check=QUIET)
@given(text=st.text(), place=st.integers(0, 200))
def test_changed_cursor_gives_the_first_page(db: None, text: str, place: int) -> None:
    first = page_of(rows(), DUE, cursor="", size=5)
    place %= len(first.next)
    for cursor in (text, first.next[:place], first.next + "x", first.next[:place] + text + first.next[place + 1 :]):
        if cursor != first.next:
            found = page_of(rows(), DUE, cursor=cursor, size=5)
            assert (found.rows, found.previous) == (first.rows, "")


def test_cursor_shows_no_invisible_rows() -> None:
    cursor = page_of(rows(), DUE, cursor="", size=5).next
    assert page_of(rows().none(), DUE, cursor=cursor, size=5).rows == []
    assert recommendation(1) not in page_of(rows().filter(is_previous=True), DUE, cursor=cursor, size=50).rows


def test_without_a_cursor_no_row_is_skipped_over_equal_dates() -> None:
    scatter([(TODAY, None)] * 19)
    pages = walk(rows(), DUE, 4)
    assert [item.pk for page in pages for item in page.rows] == sorted(rows().values_list("pk", flat=True))
