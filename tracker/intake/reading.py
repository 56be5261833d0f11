"""Reads an inspection file (JSON) to typed values, or a list of faults with their places. Uses no database.

The format is described in docs/inspection-file.md.
"""

import calendar
import datetime
import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from tracker.inspections.models import Rating

TOP = ("inspection", "ratings", "recommendations", "previous", "measures", "problems")
INSPECTION = (
    "title", "organisation", "published", "score", "max_score", "overall_rating", "isbn", "licence", "source",
)  # fmt: skip
ROWS = {
    "ratings": ("standard", "name", "rating"),
    "recommendations": ("number", "addressee", "text", "place"),
    "previous": ("number", "addressee", "text", "finding", "progress", "place"),
    "measures": ("standard", "name", "value", "unit", "place"),
    "problems": ("place", "message"),
}
NEEDED = {
    "inspection": {"title", "organisation", "published"},
    "ratings": {"standard", "name", "rating"},
    "recommendations": {"number", "addressee", "text"},
    "previous": {"addressee", "text"},
    "measures": {"name"},
    "problems": {"message"},
}
LENGTHS = {
    "title": 250, "overall_rating": 40, "isbn": 20, "licence": 300, "source": 500, "standard": 10, "name": 300,
    "number": 10, "addressee": 200, "place": 200, "progress": 60, "rating": 40,
}  # fmt: skip
NUMBERS = {"score", "max_score"}


@dataclass
class InspectionFile:
    inspection: dict[str, Any] = field(default_factory=dict)
    published_from: datetime.date = datetime.date.min
    published_to: datetime.date = datetime.date.min
    ratings: list[dict[str, Any]] = field(default_factory=list)
    recommendations: list[dict[str, Any]] = field(default_factory=list)
    previous: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """A hash that ignores the order of fields and white space."""
        parts = {part: getattr(self, part) for part in TOP}
        # Organisations are looked up by any of their names.
        parts["inspection"] = {name: value for name, value in self.inspection.items() if name != "organisation"}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Unreadable(Exception):
    """`wrong` is a list of (place in the file, what is wrong)."""

    def __init__(self, wrong: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{where}: {what}" for where, what in wrong))
        self.wrong = wrong


def read(content: bytes) -> InspectionFile:
    """Raises Unreadable with all faults."""
    repeated: list[str] = []
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=lambda pairs: _object(pairs, repeated))
    except UnicodeDecodeError:
        raise Unreadable([("file", _("It is not UTF-8 text."))]) from None
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise Unreadable([(_("line %(line)s") % {"line": line}, _("It is not JSON."))]) from None
    if not isinstance(data, dict):
        raise Unreadable([("file", _("It must be an object with inspection, ratings, recommendations and so on."))])
    wrong = [("file", _("%(field)s appears twice in one object.") % {"field": key}) for key in repeated]
    wrong += _strangers("file", data, TOP)
    result = InspectionFile()
    result.inspection = _entry("inspection", data.get("inspection"), INSPECTION, NEEDED["inspection"], wrong)
    for part, keys in ROWS.items():
        setattr(result, part, _rows(part, data.get(part, []), keys, wrong))
    _check_whole(result, wrong)
    if wrong:
        raise Unreadable(wrong)
    return result


def _object(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    """Refuses duplicate fields, of which JSON would keep the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        repeated += sorted({key for key in keys if keys.count(key) > 1})
    return found


def _strangers(where: str, entry: dict[str, Any], keys: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{where}.{key}", _("There is no such field.")) for key in entry if key not in keys]


def _rows(part: str, value: Any, keys: tuple[str, ...], wrong: list[tuple[str, str]]) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        wrong.append((part, _("It must be a list.")))
        return []
    return [_entry(f"{part}[{n}]", row, keys, NEEDED[part], wrong) for n, row in enumerate(value)]


def _entry(
    where: str, entry: Any, keys: tuple[str, ...], needed: set[str], wrong: list[tuple[str, str]]
) -> dict[str, Any]:
    """All keys, with white space in text normalised. Missing or null values are None."""
    if not isinstance(entry, dict):
        wrong.append((where, _("It must be an object.")))
        return dict.fromkeys(keys)
    wrong += _strangers(where, entry, keys)
    clean = {key: _value(f"{where}.{key}", key, entry.get(key), wrong) for key in keys}
    wrong += [(f"{where}.{key}", _("It must not be empty.")) for key in sorted(needed) if clean[key] in (None, "")]
    return clean


def _value(where: str, key: str, value: Any, wrong: list[tuple[str, str]]) -> Any:
    if value is None:
        return None
    if key in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
            wrong.append((where, _("It must be a whole number from 0 to 1000.")))
        return value
    if key == "value" and isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isfinite(value):
            wrong.append((where, _("It must be a number.")))
        return value
    if key == "number" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        wrong.append((where, _("It must be text.")))
        return None
    if any((ord(char) < 32 and char not in "\t\n\r") or "\ud800" <= char <= "\udfff" for char in value):
        wrong.append((where, _("It holds characters that cannot be printed.")))
    text = " ".join(value.split())
    most = LENGTHS.get(key, 10_000)
    if len(text) > most:
        wrong.append((where, _("It is longer than %(most)s characters.") % {"most": most}))
    return text


def _check_whole(result: InspectionFile, wrong: list[tuple[str, str]]) -> None:
    published = result.inspection.get("published")
    if published:
        try:
            result.published_from, result.published_to = published_days(published)
        except ValueError:
            wrong.append(("inspection.published", _("It must be a month (2022-05) or a day (2022-05-12).")))
    score, most = result.inspection.get("score"), result.inspection.get("max_score")
    if isinstance(score, int) and isinstance(most, int) and score > most:
        wrong.append(("inspection.score", _("It is higher than the highest possible score.")))
    for n, rating in enumerate(result.ratings):
        if rating["rating"] and rating["rating"] not in Rating.Value.values:
            wrong.append(
                (f"ratings[{n}].rating", _("It must be one of: %(words)s.") % {"words": ", ".join(Rating.Value.values)})
            )
    wrong += _twice("ratings", "standard", result.ratings)
    wrong += _twice("recommendations", "number", result.recommendations, also="addressee")


def _twice(part: str, key: str, rows: list[dict[str, Any]], also: str | None = None) -> list[tuple[str, str]]:
    seen: set[Any] = set()
    wrong = []
    for n, row in enumerate(rows):
        mark = (row[key], row[also] if also else None)
        if row[key] and mark in seen:
            wrong.append((f"{part}[{n}].{key}", _("%(value)s appears twice.") % {"value": row[key]}))
        seen.add(mark)
    return wrong


def published_days(text: str) -> tuple[datetime.date, datetime.date]:
    """The first and last day of "2022-05" or "2022-05-12". Raises ValueError."""
    if re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII):
        first = datetime.date.fromisoformat(f"{text}-01")
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        day = datetime.date.fromisoformat(text)
        return day, day
    raise ValueError(text)


# -- our own reading of a report (docs/reading-file.md) ---------------------------------------------------------------
OURS = ("inspection", "standards", "lineage", "asked_before", "measures")
OUR_MEASURE = (
    "for", "name", "definition", "unit", "better", "baseline", "baseline_of", "baseline_out_of", "printed", "place",
    "method", "caution", "target",
)  # fmt: skip
OUR_TEXTS = {"name": 300, "definition": 2000, "unit": 40, "place": 200, "method": 120, "caution": 2000}
OUR_NUMBERS = ("baseline", "baseline_of", "baseline_out_of", "target")


@dataclass
class OurReading:
    """Recommendations are given by number ("4") or by their place in the annexe ("previous 2")."""

    inspection: dict[str, Any] = field(default_factory=dict)
    standards: list[dict[str, Any]] = field(default_factory=list)
    lineage: list[dict[str, Any]] = field(default_factory=list)
    asked_before: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)


def read_ours(content: bytes) -> OurReading:
    """Raises Unreadable with all faults. The text of the report is not checked here."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable([("file", _("It is not JSON."))]) from None
    if not isinstance(data, dict):
        raise Unreadable([("file", _("It must be an object with inspection, standards, lineage and measures."))])
    wrong = _strangers("file", data, OURS)
    keys = ("organisation", "title", "published")
    result = OurReading(inspection=_entry("inspection", data.get("inspection"), keys, set(keys), wrong))
    for part in OURS[1:]:
        rows = data.get(part, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            wrong.append((part, _("It must be a list.")))
            continue
        setattr(result, part, rows)
        for n, row in enumerate(rows):
            _check_ours(part, f"{part}[{n}]", row, wrong)
    if wrong:
        raise Unreadable(wrong)
    return result


def _check_ours(part: str, where: str, row: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    texts = {
        "standards": ("recommendation",),
        "lineage": ("earlier", "later"),
        "asked_before": ("recommendation",),
        "measures": ("name", "unit", "place"),
    }
    lists = {"standards": ("standards",), "lineage": (), "asked_before": ("years",), "measures": ("for", "printed")}
    keys = OUR_MEASURE if part == "measures" else texts[part] + lists[part]
    wrong += _strangers(where, row, keys)
    for key in texts[part]:
        if not isinstance(row.get(key), str) or not row[key].strip():
            wrong.append((f"{where}.{key}", _("It must not be empty.")))
    for key in lists[part]:
        value = row.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            wrong.append((f"{where}.{key}", _("It must be a list of texts.")))
    if part == "asked_before" and not all(re.fullmatch("[12][0-9]{3}", str(year)) for year in row.get("years") or ()):
        wrong.append((f"{where}.years", _("Each must be a year, such as 2019.")))
    if part == "measures":
        _check_our_measure(where, row, wrong)


def _check_our_measure(where: str, row: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    if row.get("better") not in ("up", "down"):
        wrong.append((f"{where}.better", _("It must be up or down.")))
    for key, most in OUR_TEXTS.items():
        value = row.get(key, "")
        if not isinstance(value, str):
            wrong.append((f"{where}.{key}", _("It must be text.")))
        elif len(value) > most:
            wrong.append((f"{where}.{key}", _("It is longer than %(most)s characters.") % {"most": most}))
    for key in OUR_NUMBERS:
        value = row.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
            wrong.append((f"{where}.{key}", _("It must be a number.")))
    cases = row.get("baseline_of") is not None and row.get("baseline_out_of") is not None
    if cases == (row.get("baseline") is not None):
        wrong.append((f"{where}.baseline", _("Give a value, or baseline_of and baseline_out_of.")))
