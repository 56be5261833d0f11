"""Working days leave out weekends and the bank holidays of England and Wales (gov.uk/bank-holidays)."""

import datetime
from typing import Any

import pytest

from tracker.web.workingdays import is_working_day

DAY = datetime.timedelta(days=1)
BANK_HOLIDAYS = {
    # 2026: Boxing Day is a Saturday, so the Monday after it is free.
    *("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"),
    # 2027: Christmas Day is a Saturday and Boxing Day a Sunday.
    *("2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28"),
    # 2028: New Year's Day is a Saturday.
    *("2028-01-03", "2028-04-14", "2028-04-17", "2028-05-01", "2028-05-29", "2028-08-28", "2028-12-25", "2028-12-26"),
}


def days(year: int) -> list[datetime.date]:
    first = datetime.date(year, 1, 1)
    return [first + n * DAY for n in range((datetime.date(year + 1, 1, 1) - first).days)]


@pytest.mark.grid
@pytest.mark.parametrize("day", sorted(BANK_HOLIDAYS))
def test_a_bank_holiday_is_no_working_day(day: str) -> None:
    date = datetime.date.fromisoformat(day)
    assert date.weekday() < 5
    assert not is_working_day(date)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_all_other_days_from_monday_to_friday_are_working_days(year: int) -> None:
    found = {day.isoformat() for day in days(year) if day.weekday() < 5 and not is_working_day(day)}
    assert found == {day for day in BANK_HOLIDAYS if day.startswith(str(year))}


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_weekends_are_not_working_days(year: int) -> None:
    weekends = [day for day in days(year) if day.weekday() >= 5]
    assert len(weekends) >= 104
    assert not any(is_working_day(day) for day in weekends)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-01-02", "a holiday in Scotland"),
        ("2026-03-17", "a holiday in Northern Ireland"),
        ("2026-07-13", "a holiday in Northern Ireland"),
        ("2026-08-03", "a holiday in Scotland"),
        ("2026-11-30", "a holiday in Scotland"),
        ("2026-12-24", "the day before Christmas"),
        ("2026-12-29", "after the substitute day"),
    ],
)
def test_what_is_free_elsewhere_is_a_working_day_here(day: str, why: str) -> None:
    assert is_working_day(datetime.date.fromisoformat(day)), why


def test_an_operator_adds_a_bank_holiday(settings: Any) -> None:
    day = datetime.date(2027, 5, 10)
    assert is_working_day(day)
    settings.BANK_HOLIDAYS = frozenset({day})
    assert not is_working_day(day)
