"""Reads figures as typed or pasted from a spreadsheet."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.measures.models import trimmed
from tracker.web.forms import clean_text

NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,20})?"
# What reports and spreadsheets print for a figure that cannot be calculated.
CANNOT = {"-", "\u2013", "\u2014", "n/a", "na", "cannot", "cannot calculate", "cannot be calculated", "not calculable"}


@dataclass(frozen=True)
class TypedFigure:
    """A value, or `of` cases out of `out_of`. All are None if it cannot be calculated."""

    value: Decimal | None = None
    of: int | None = None
    out_of: int | None = None

    @property
    def cannot(self) -> bool:
        return self.value is None and self.of is None

    def __str__(self) -> str:
        """In a form that can be typed again."""
        if self.cannot:
            return _("cannot be calculated")
        if self.value is not None:
            return trimmed(self.value)
        return _("%(of)s of %(out_of)s") % {"of": self.of, "out_of": self.out_of}


def figure_in(typed: str, unit: str) -> TypedFigure | None:
    """The typed figure of a measure in `unit`; None if nothing was typed. Raises ValidationError.

    "85", "85.5", "85%", "1,071", "3 of 7", "3/7", "14.8 days", "cannot be calculated". Rounded to two places.
    """
    text = clean_text(typed, lines=False).replace("\u2212", "-")
    if not text:
        return None
    if text.lower().rstrip(".") in CANNOT or text.lower() == _("cannot be calculated").lower():
        return TypedFigure()
    if found := re.fullmatch(r"([0-9][0-9,]*) ?(?:of|out of|/) ?([0-9][0-9,]*)", text, re.IGNORECASE):
        return TypedFigure(of=_whole(found[1]), out_of=_whole(found[2]))
    ending = unit if unit and text.endswith(unit) else "%" if unit.startswith("%") else ""
    number = text.removesuffix(ending).strip()
    plain = number.replace(",", "") if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", number) else number
    if not re.fullmatch(f"-?{NUMBER}", plain):
        raise _unreadable(unit)
    # Adding zero turns "-0" into zero.
    return TypedFigure(value=Decimal(plain).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) + 0)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3}", text):
        raise _unreadable("%")
    return int(text.replace(",", ""))


def _unreadable(unit: str) -> ValidationError:
    if unit == "%":
        return ValidationError(_("Enter a number such as 85, or cases such as 3 of 7, or “cannot be calculated”"))
    return ValidationError(_("Enter a number such as 10.5, or “cannot be calculated”"))


def column(pasted: str) -> list[str]:
    """The cells of a pasted column, without empty ones at the end."""
    return clean_text(pasted, lines=True).split("\n") if pasted.strip() else []
