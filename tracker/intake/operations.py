"""Publishing a report that was read: all of it or nothing."""

import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation, User
from tracker.accounts.operations import organisation_called
from tracker.history.operations import Operation, operation
from tracker.inspections.models import Inspection, Rating
from tracker.intake.reading import InspectionFile, Unreadable
from tracker.recommendations.models import Recommendation
from tracker.recommendations.operations import find_about, held_previous, print_in


def publish(file: InspectionFile, *, by: User | None, at: datetime.datetime) -> tuple[Inspection, bool]:
    """The inspection, and whether it is new. The same file again changes nothing.

    Raises Unreadable when it names an organisation that nobody here knows, or when the inspection is held already with
    other words: what is printed does not change.
    """
    places = _places(file)
    with operation(by=by, at=at) as op:
        held = Inspection.objects.filter(
            organisation=places["inspection"], title=file.inspection["title"], published_from=file.published_from
        ).first()
        if held is not None:
            _refuse_other_words(held, file)
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
    recommendation = held_previous(addressee, row["text"])
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


def _refuse_other_words(held: Inspection, file: InspectionFile) -> None:
    printed = Recommendation.objects.filter(inspection=held, is_previous=False).order_by("position")
    texts = list(printed.values_list("number", "addressee_printed", "text", "place"))
    findings = list(held.findings.order_by("position").values_list("recommendation__text", "text", "progress_printed"))
    same = (
        texts == [(r["number"], r["addressee"], r["text"], r["place"] or "") for r in file.recommendations]
        and findings == [(r["text"], r["finding"] or "", r["progress"] or "") for r in file.previous]
        and list(held.ratings.values_list("standard", "name", "rating"))
        == [(r["standard"], r["name"], r["rating"]) for r in file.ratings]
        and _facts(held) == _facts_of(file)
    )
    if not same:
        raise Unreadable([("inspection", _("It is held already, with other words. What is printed is not changed."))])


def _facts(held: Inspection) -> list[Any]:
    return [held.score, held.max_score, held.overall_rating, held.isbn, held.licence, held.source]


def _facts_of(file: InspectionFile) -> list[Any]:
    printed = file.inspection
    texts = [printed[name] or "" for name in ("overall_rating", "isbn", "licence", "source")]
    return [printed["score"], printed["max_score"], *texts]
