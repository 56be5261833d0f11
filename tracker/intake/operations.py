"""Publishing a report that was read: all of it or nothing."""

import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation, User
from tracker.accounts.operations import organisation_called
from tracker.history.operations import Operation, operation
from tracker.inspections.models import Inspection, Rating
from tracker.intake.reading import InspectionFile, Unreadable
from tracker.recommendations.operations.recommendation import find_about, held_previous, print_in


def publish(file: InspectionFile, *, by: User | None, at: datetime.datetime) -> tuple[Inspection, bool]:
    """The inspection, and whether it is new. The same file again changes nothing.

    Raises Unreadable when it names an organisation that nobody here knows, or when the inspection is held already with
    other words: what is printed does not change.
    """
    places = _places(file)
    if wrong := _twice(file, places):
        raise Unreadable(wrong)
    with operation(by=by, at=at) as op:
        held = _held(file, places["inspection"])
        if held is not None and held.fingerprint != file.fingerprint:
            raise Unreadable([("inspection", _("It is held already, with other words. What is printed stays."))])
        if held is not None:
            return held, False
        inspection = _inspection(file, places["inspection"], op)
        Rating.objects.bulk_create(Rating(inspection=inspection, **row) for row in file.ratings)
        for n, row in enumerate(file.recommendations):
            _print(inspection, row, places[f"recommendations[{n}]"], n + 1, op)
        for n, row in enumerate(file.previous):
            _print_previous(inspection, row, places[f"previous[{n}]"], n + 1, op)
    return inspection, True


def _places(file: InspectionFile) -> dict[str, Organisation]:
    """The organisation that each part of the file is about."""
    named = {"inspection": ("inspection.organisation", file.inspection["organisation"])}
    for part, rows in (("recommendations", file.recommendations), ("previous", file.previous)):
        named |= {f"{part}[{n}]": (f"{part}[{n}].addressee", row["addressee"]) for n, row in enumerate(rows)}
    known = {name: organisation_called(name) for _where, name in named.values()}
    wrong = [
        (
            where,
            _("No organisation here is called %(name)s. Add it, or add this as another name of one.") % {"name": name},
        )
        for where, name in named.values()
        if known[name] is None
    ]
    if wrong:
        raise Unreadable(wrong)
    return {part: organisation for part, (_where, name) in named.items() if (organisation := known[name]) is not None}


def _held(file: InspectionFile, organisation: Organisation) -> Inspection | None:
    """The same report: the same ISBN, or the same title and publication."""
    same = Q(title=file.inspection["title"], published_from=file.published_from)
    if file.inspection["isbn"]:
        same |= Q(isbn=file.inspection["isbn"])
    return Inspection.objects.filter(same, organisation=organisation).order_by("pk").first()


def _twice(file: InspectionFile, places: dict[str, Organisation]) -> list[tuple[str, str]]:
    """Numbers and previous words that one organisation is given twice, perhaps under two of its names."""
    seen: set[tuple[str, int, str]] = set()
    wrong = []
    for part, key in (("recommendations", "number"), ("previous", "text")):
        for n, row in enumerate(getattr(file, part)):
            mark = (part, places[f"{part}[{n}]"].pk, row[key])
            if mark in seen:
                wrong.append((f"{part}[{n}].{key}", _("It stands there twice for one organisation.")))
            seen.add(mark)
    return wrong


def _inspection(file: InspectionFile, organisation: Organisation, op: Operation) -> Inspection:
    printed = file.inspection
    inspection = Inspection.objects.create(
        organisation=organisation,
        title=printed["title"],
        published_from=file.published_from,
        published_to=file.published_to,
        score=printed["score"],
        max_score=printed["max_score"],
        overall_rating=printed["overall_rating"] or "",
        isbn=printed["isbn"] or "",
        licence=printed["licence"] or "",
        source=printed["source"] or "",
        loaded_on=op.day,
        fingerprint=file.fingerprint,
        printed_measures=file.measures,
        problems=file.problems,
    )
    op.record("inspection.published", inspection)
    return inspection


def _print(inspection: Inspection, row: dict[str, Any], addressee: Organisation, position: int, op: Operation) -> None:
    print_in(
        inspection,
        op=op,
        number=row["number"],
        position=position,
        addressee=addressee,
        addressee_printed=row["addressee"],
        text=row["text"],
        place=row["place"] or "",
    )


def _print_previous(
    inspection: Inspection, row: dict[str, Any], addressee: Organisation, position: int, op: Operation
) -> None:
    """One that is held already gets another finding, never a second copy."""
    recommendation = held_previous(addressee, row["text"], but_of=inspection)
    if recommendation is None:
        recommendation = print_in(
            inspection,
            op=op,
            number=row["number"] or "",
            position=position,
            is_previous=True,
            addressee=addressee,
            addressee_printed=row["addressee"],
            text=row["text"],
            place=row["place"] or "",
        )
    find_about(
        recommendation,
        inspection,
        op=op,
        text=row["finding"] or "",
        progress_printed=row["progress"] or "",
        place=row["place"] or "",
        position=position,
    )
