"""Working days of England and Wales (the bank holidays of both are the same)."""

import datetime

import holidays
from dateutil.relativedelta import relativedelta
from django.conf import settings

# The package works out any year by rule. The tests compare it, day by day, with a list that ends here. A holiday
# proclaimed for one year comes with a new release of the package; until then the operator adds it
# (TRACKER_BANK_HOLIDAYS).
CHECKED_UNTIL = datetime.date(2030, 12, 31)
BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG")


def is_working_day(day: datetime.date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS and day not in settings.BANK_HOLIDAYS


def working_days_before(day: datetime.date, count: int) -> datetime.date:
    """The day after which `count` working days have passed, up to and including `day`."""
    while count:
        if is_working_day(day):
            count -= 1
        day -= datetime.timedelta(days=1)
    return day


def working_days_since(day: datetime.date, on: datetime.date) -> int:
    """Working days after `day` up to and including `on`; 0 if there are none."""
    days = (day + datetime.timedelta(days=n) for n in range(1, max((on - day).days, 0) + 1))
    return sum(is_working_day(one) for one in days)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last day if it is shorter. Negative months give an earlier day."""
    later: datetime.date = day + relativedelta(months=months)
    return later
