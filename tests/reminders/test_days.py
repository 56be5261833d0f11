"""On which instants a digest is queued: clocks that change, days that are none, years that end."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.base import Cast
from tests.reminders.sending import plan
from tracker.recommendations.models import Recommendation
from tracker.reminders.models import Delivery, DigestRun
from tracker.reminders.operations.queueing import queue_what_is_due
from tracker.web.workingdays import is_working_day

LONDON, UTC = ZoneInfo("Europe/London"), datetime.UTC
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)

pytestmark = pytest.mark.usefixtures("few_people")


def at(day: str, time: str, zone: datetime.tzinfo = LONDON) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone)


@pytest.fixture
def late(cast: Cast) -> None:
    """Something has been overdue for years, so that only the instant decides."""
    item = plan(4, cast.officer, -1)
    Recommendation.objects.filter(pk=item.pk).update(due_on=datetime.date(2026, 1, 1))


def tick(instant: datetime.datetime) -> None:
    """As the clock's task does, on the day that London has at that instant."""
    queue_what_is_due(on=instant.astimezone(LONDON).date(), at=instant)


def queued_at(instant: datetime.datetime) -> set[datetime.date]:
    """The days of the officer's digests once three ticks have come at that instant, a minute apart."""
    for minute in range(3):
        tick(instant + minute * datetime.timedelta(seconds=20))
    days = list(Delivery.objects.filter(person__email="officer@example.test").values_list("day", flat=True))
    assert len(days) == len(set(days))
    assert set(DigestRun.objects.values_list("day", flat=True)) == set(days)
    return set(days)


CASES = [
    # An ordinary Monday; 07:30 is the hour.
    ("ordinary, before", at("2026-11-23", "07:29:00"), False),
    ("ordinary, at the hour", at("2026-11-23", "07:30:00"), True),
    ("ordinary, just before midnight", at("2026-11-23", "23:59:00"), True),
    ("ordinary, just after midnight", at("2026-11-24", "00:00:00"), False),
    # The clocks go back on Sunday 25 October 2026, at 02:00 summer time.
    ("autumn, Friday before", at("2026-10-23", "07:29:00"), False),
    ("autumn, Friday", at("2026-10-23", "07:30:00"), True),
    ("autumn, Friday in UTC before", at("2026-10-23", "06:29:00", UTC), False),
    ("autumn, Friday in UTC", at("2026-10-23", "06:30:00", UTC), True),
    ("autumn, Saturday", at("2026-10-24", "07:30:00"), False),
    ("autumn, the Sunday itself", at("2026-10-25", "07:30:00"), False),
    ("autumn, the hour that comes twice", at("2026-10-25", "00:30:00", UTC), False),
    ("autumn, Monday an hour early by the old time", at("2026-10-26", "06:30:00", UTC), False),
    ("autumn, Monday before", at("2026-10-26", "07:29:00"), False),
    ("autumn, Monday", at("2026-10-26", "07:30:00"), True),
    ("autumn, Monday in UTC", at("2026-10-26", "07:30:00", UTC), True),
    # They go forward on Sunday 28 March 2027, in the middle of Easter: Friday and Monday are bank holidays.
    ("spring, Thursday before", at("2027-03-25", "07:29:00"), False),
    ("spring, Thursday", at("2027-03-25", "07:30:00"), True),
    ("spring, Thursday in UTC", at("2027-03-25", "07:30:00", UTC), True),
    ("spring, Good Friday", at("2027-03-26", "07:30:00"), False),
    ("spring, Saturday", at("2027-03-27", "07:30:00"), False),
    ("spring, the Sunday itself", at("2027-03-28", "07:30:00"), False),
    ("spring, the hour that there is not", at("2027-03-28", "01:30:00", UTC), False),
    ("spring, Easter Monday", at("2027-03-29", "07:30:00"), False),
    ("spring, Tuesday before", at("2027-03-30", "07:29:00"), False),
    ("spring, Tuesday", at("2027-03-30", "07:30:00"), True),
    ("spring, Tuesday in UTC before", at("2027-03-30", "06:29:00", UTC), False),
    ("spring, Tuesday in UTC", at("2027-03-30", "06:30:00", UTC), True),
    # Midnight in London is 23:00 in UTC while summer time lasts.
    ("summer, still Thursday in UTC", at("2027-07-01", "23:30:00", UTC), False),
    ("summer, Friday", at("2027-07-02", "06:30:00", UTC), True),
    # 29 February 2028 is a Tuesday.
    ("leap day, before", at("2028-02-29", "07:29:00"), False),
    ("leap day", at("2028-02-29", "07:30:00"), True),
    ("the day after", at("2028-03-01", "07:30:00"), True),
    # The end of a year.
    ("Christmas Eve", at("2026-12-24", "07:30:00"), True),
    ("Christmas Day", at("2026-12-25", "07:30:00"), False),
    ("Boxing Day's Monday", at("2026-12-28", "07:30:00"), False),
    ("Tuesday after it", at("2026-12-29", "07:30:00"), True),
    ("last day of the year", at("2026-12-31", "23:59:00"), True),
    ("first minute of the year", at("2027-01-01", "00:00:00"), False),
    ("New Year's Day", at("2027-01-01", "07:30:00"), False),
    ("New Year that falls on a Saturday, its Monday", at("2028-01-03", "07:30:00"), False),
    ("Tuesday after that", at("2028-01-04", "07:30:00"), True),
]


@pytest.mark.grid
@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(("instant", "is_queued"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_digest_is_queued_on_this_instant_exactly_once_or_not(instant: datetime.datetime, is_queued: bool) -> None:
    assert queued_at(instant) == ({instant.astimezone(LONDON).date()} if is_queued else set())


def test_there_are_forty_named_instants() -> None:
    assert len({name for name, _instant, _is_queued in CASES}) == len(CASES) >= 40


# -- a clock that is set ---------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    "first",
    [
        at("2026-11-23", "07:30:00"),
        at("2026-11-23", "12:00:00"),
        at("2026-10-26", "07:45:00"),
        at("2027-03-30", "07:30:00"),
    ],
)
def test_a_clock_set_an_hour_back_or_forward_queues_nothing_twice(first: datetime.datetime) -> None:
    day = first.astimezone(LONDON).date()
    assert queued_at(first) == {day}
    assert queued_at(first - HOUR) == {day}
    assert queued_at(first + HOUR) == {day}
    assert queued_at(first) == {day}


@pytest.mark.usefixtures("late")
def test_clock_moved_over_midnight_and_back_queues_one_digest_a_day() -> None:
    evening = at("2026-11-23", "23:30:00")
    assert queued_at(evening) == {datetime.date(2026, 11, 23)}
    # 00:30 is not the hour of the digests, so the wrong day gets none before its time.
    assert queued_at(evening + HOUR) == {datetime.date(2026, 11, 23)}
    assert queued_at(evening) == {datetime.date(2026, 11, 23)}
    assert queued_at(at("2026-11-24", "07:30:00")) == {datetime.date(2026, 11, 23), datetime.date(2026, 11, 24)}


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("sunday", [datetime.date(2026, 10, 25), datetime.date(2027, 3, 28)])
def test_ticking_through_the_week_of_a_change_queues_one_a_working_day(sunday: datetime.date) -> None:
    start = datetime.datetime.combine(sunday - 3 * DAY, datetime.time(), tzinfo=UTC)
    for quarter in range(7 * 96):
        tick(start + quarter * datetime.timedelta(minutes=15))
    days = list(Delivery.objects.filter(person__email="officer@example.test").order_by("day").values_list("day"))
    wanted = [day for n in range(7) if is_working_day(day := sunday - 3 * DAY + n * DAY)]
    assert days == [(day,) for day in wanted]


# -- bank holidays ---------------------------------------------------------------------------------------------------
# Of England and Wales, reckoned by hand: the days of the Banking and Financial Dealings Act 1971, Good Friday and
# Christmas Day, New Year's Day and the first Monday in May, and where one falls on a weekend the next free weekday.
BANK_HOLIDAYS = """
2026: 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28
2027: 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28
2028: 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26
2029: 01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26
2030: 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26
"""
HOLIDAYS = [
    datetime.date.fromisoformat(f"{line[:4]}-{day}")
    for line in BANK_HOLIDAYS.strip().splitlines()
    for day in line[6:].split()
]


@pytest.mark.grid
@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("day", HOLIDAYS, ids=str)
def test_on_a_bank_holiday_nothing_is_queued_and_on_the_next_working_day_once(day: datetime.date) -> None:
    assert queued_at(datetime.datetime.combine(day, datetime.time(7, 30), tzinfo=LONDON)) == set()
    after = day + DAY
    while after.weekday() > 4 or after in HOLIDAYS:
        after += DAY
    assert queued_at(datetime.datetime.combine(after, datetime.time(7, 30), tzinfo=LONDON)) == {after}


def test_every_other_weekday_of_those_years_is_a_working_day() -> None:
    day, wrong = datetime.date(2026, 1, 1), []
    while day < datetime.date(2031, 1, 1):
        if is_working_day(day) != (day.weekday() < 5 and day not in HOLIDAYS):
            wrong.append(day)
        day += DAY
    assert wrong == []
    assert len(HOLIDAYS) == 40
