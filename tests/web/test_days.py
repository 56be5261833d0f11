"""Days and months as people type them."""

import datetime

import pytest

from tracker.web.days import NotADay, day_in, month_in

NEAR = datetime.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("31/10/2026", (2026, 10, 31)),
        ("1/2/2026", (2026, 2, 1)),
        ("31.10.2026", (2026, 10, 31)),
        ("1.3.27", (2027, 3, 1)),
        ("31 October 2026", (2026, 10, 31)),
        ("30 September, 2027", (2027, 9, 30)),
        ("Thursday 30 September 2027", (2027, 9, 30)),
        ("Thu, 30 Sep 2027", (2027, 9, 30)),
        ("3rd June 2026", (2026, 6, 3)),
        ("3 sept 2026", (2026, 9, 3)),
        ("31 10 2026", (2026, 10, 31)),
        ("2026-10-31", (2026, 10, 31)),
        ("29/2/2028", (2028, 2, 29)),
    ],
)
def test_day_is_read_in_common_forms(typed: str, day: tuple[int, int, int]) -> None:
    assert day_in(typed, near=NEAR, is_ahead=True) == datetime.date(*day)


@pytest.mark.parametrize(
    ("typed", "ahead", "behind"),
    [
        ("15 Jan", (2027, 1, 15), (2026, 1, 15)),
        ("24 November", (2026, 11, 24), (2025, 11, 24)),
        ("23 November", (2026, 11, 23), (2026, 11, 23)),
    ],
)
def test_a_day_without_a_year_is_the_nearest(
    typed: str, ahead: tuple[int, int, int], behind: tuple[int, int, int]
) -> None:
    assert day_in(typed, near=NEAR, is_ahead=True) == datetime.date(*ahead)
    assert day_in(typed, near=NEAR, is_ahead=False) == datetime.date(*behind)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31/6/2027", "June has 30 days"),
        ("30/2/2026", "February 2026 has 28 days"),
        ("29/2/2027", "February 2027 has 28 days"),
        ("0/3/2026", "March has 31 days"),
        ("10/31/2026", "Enter the day first and a month from 1 to 12"),
        ("2026-13-01", "Enter the day first and a month from 1 to 12"),
        ("15/1", "Enter the year too"),
        ("Friday 30 September 2027", "30 September 2027 is a Thursday"),
        ("1/1/1999", "between the years 2000 and 2100"),
        ("9999-12-31", "between the years 2000 and 2100"),
        ("soon", "^$"),
        ("3 Ju", "^$"),
        ("Someday 3 June 2026", "^$"),
        ("31/10/202", "^$"),
    ],
)
def test_what_is_wrong_with_a_date_is_said(typed: str, said: str) -> None:
    with pytest.raises(NotADay, match=said):
        day_in(typed, near=NEAR, is_ahead=True)


@pytest.mark.parametrize("typed", ["October 2026", "oct 2026", "October, 2026", "10/2026", "2026-10"])
def test_a_month_is_read_in_common_forms(typed: str) -> None:
    assert month_in(typed) == datetime.date(2026, 10, 1)


@pytest.mark.parametrize("typed", ["13/2026", "October 1999", "31/10/2026", "O 2026", "Octoberfest 2026"])
def test_what_is_no_month_gives_none(typed: str) -> None:
    assert month_in(typed) is None
