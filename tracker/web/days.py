"""Reads days and months as people type them."""

import calendar
import datetime
import re

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 2000, 2100
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
DAY = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3,9})[ .,]+)?"
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ ./-]+"
    r"(?P<month>[0-9]{1,2}|[A-Za-z]{3,9})"
    r"(?:[ .,/-]+(?P<year>[0-9]{4}|[0-9]{2}))?[.,]?"
)


class NotADay(ValueError):
    """The text is not a day. Its message says why, or is empty if the text is in none of the forms."""


def day_in(text: str, *, near: datetime.date, is_ahead: bool) -> datetime.date:
    """The day meant by "31/10/2026", "1.3.27", "Thursday 30 September, 2027", "2026-10-31" or "15 Jan".

    A year of two digits is of this century. Without a year it is the nearest such day from `near` on or, unless
    `is_ahead`, up to it. Raises NotADay.
    """
    if found := ISO.fullmatch(text):
        return _date(*map(int, found.groups()))
    found = DAY.fullmatch(text)
    if not found:
        raise NotADay
    day, month = int(found["day"]), _month(found["month"])
    if found["year"] is None:
        if found["month"].isdigit():
            raise NotADay(_("Enter the year too, such as 31/10/2026"))
        return _nearest(day, month, near, is_ahead)
    year = int(found["year"])
    read = _date(year if year > 99 else 2000 + year, month, day)
    _check_weekday(found["weekday"] or "", read)
    return read


def _month(text: str) -> int:
    """Its number, by its name or the first letters of it."""
    if text.isdigit():
        return int(text)
    for number, name in enumerate(MONTHS, start=1):
        if name.startswith(text.lower()):
            return number
    raise NotADay


def _date(year: int, month: int, day: int) -> datetime.date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotADay(_("Enter a date between the years 2000 and 2100"))
    if not 1 <= month <= 12:
        raise NotADay(_("Enter the day first and a month from 1 to 12, such as 31/10/2026"))
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        name = format_date(datetime.date(year, month, 1), "F Y" if month == 2 else "F")
        raise NotADay(_("%(month)s has %(days)s days") % {"month": name, "days": last})
    return datetime.date(year, month, day)


def _nearest(day: int, month: int, near: datetime.date, is_ahead: bool) -> datetime.date:
    found = _date(near.year, month, day)
    if is_ahead and found < near:
        return _date(near.year + 1, month, day)
    if not is_ahead and found > near:
        return _date(near.year - 1, month, day)
    return found


def _check_weekday(text: str, day: datetime.date) -> None:
    if not text:
        return
    if not any(name.startswith(text.lower()) for name in WEEKDAYS):
        raise NotADay
    if not WEEKDAYS[day.weekday()].startswith(text.lower()):
        shown = {"day": format_date(day, "j F Y"), "weekday": format_date(day, "l")}
        raise NotADay(_("%(day)s is a %(weekday)s. Check the date.") % shown)


def month_in(text: str) -> datetime.date | None:
    """The first day of the month meant by "October 2026", "Oct 2026", "10/2026" or "2026-10"; None for all else."""
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})", text):
        year, month = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"([0-9]{1,2}|[A-Za-z]{3,9})[ ,./-]+([0-9]{4})", text):
        names = [n for n, name in enumerate(MONTHS, start=1) if name.startswith(found[1].lower())]
        month = int(found[1]) if found[1].isdigit() else (names or [0])[0]
        year = int(found[2])
    else:
        return None
    return datetime.date(year, month, 1) if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 else None
