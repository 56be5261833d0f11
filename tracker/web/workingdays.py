"""Working days of England and Wales (the bank holidays of both are the same)."""

import datetime

import holidays

BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG")


def is_working_day(day: datetime.date) -> bool:
    return day.weekday() < 5 and day not in BANK_HOLIDAYS
