"""How days are written on every screen."""

import datetime

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter
def day(value: datetime.date | None, as_month: bool = False) -> str:
    """3 June 2026; June 2026 where only a month is known; nothing for no day."""
    return date_format(value, "F Y" if as_month else "j F Y") if value else ""


@register.filter
def days_late(due_on: datetime.date | None, on: datetime.date) -> int:
    """Days past the due date on the day `on`; 0 when due that day, later or never."""
    return max((on - due_on).days, 0) if due_on else 0
