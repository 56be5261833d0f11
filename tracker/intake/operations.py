"""Publishes a report that was read, in one transaction."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation, User
from tracker.accounts.operations import organisation_called, organisation_named
from tracker.history.operations import Actor, Operation, operation, snapshot
from tracker.inspections.models import Inspection, Rating
from tracker.inspections.operations import name
from tracker.intake.reading import InspectionFile, OurReading, Unreadable, published_days
from tracker.measures.models import Measure
from tracker.recommendations.finding.operations import find_about, held_previous, print_in
from tracker.recommendations.models import Lineage, MeasureLink, Recommendation, SaidBy, StandardLink
from tracker.recommendations.recommendation.operations import update_and_record


def publish(
    file: InspectionFile,
    *,
    by: Actor | None,
    at: datetime.datetime,
    embargo_until: datetime.datetime | None = None,
    named: Sequence[User] = (),
) -> tuple[Inspection, bool]:
    """Return the inspection and whether it is new. Loading the same file again changes nothing and starts no embargo.

    Until `embargo_until` only `named` people can see it.

    Raises Unreadable for an unknown organisation, and for an inspection that is already held with different text.
    """
    places = _places(file)
    if wrong := _twice(file, places):
        raise Unreadable(wrong)
    with operation(by=by, at=at) as op:
        held = _held(file, places["inspection"])
        if held is not None and held.fingerprint != file.fingerprint:
            raise Unreadable([("inspection", _("It is already loaded with different text. Nothing was changed."))])
        if held is not None:
            return held, False
        inspection = _inspection(file, places["inspection"], op, embargo_until)
        for person in named:
            name(person, inspection, op)
        Rating.objects.bulk_create(Rating(inspection=inspection, **row) for row in file.ratings)
        for n, row in enumerate(file.recommendations):
            _print(inspection, row, places[f"recommendations[{n}]"], n + 1, op)
        for n, row in enumerate(file.previous):
            _print_previous(inspection, row, places[f"previous[{n}]"], n + 1, op)
    return inspection, True


def _places(file: InspectionFile) -> dict[str, Organisation]:
    """The organisation of each part of the file."""
    named = {"inspection": ("inspection.organisation", file.inspection["organisation"])}
    for part, rows in (("recommendations", file.recommendations), ("previous", file.previous)):
        named |= {f"{part}[{n}]": (f"{part}[{n}].addressee", row["addressee"]) for n, row in enumerate(rows)}
    known = {name: organisation_called(name) for _where, name in named.values()}
    wrong = [
        (
            where,
            _("There is no organisation called %(name)s. Add it, or add this as another name of an organisation.")
            % {"name": name},
        )
        for where, name in named.values()
        if known[name] is None
    ]
    if wrong:
        raise Unreadable(wrong)
    return {part: organisation for part, (_where, name) in named.items() if (organisation := known[name]) is not None}


def _held(file: InspectionFile, organisation: Organisation) -> Inspection | None:
    """The held inspection with the same ISBN, or the same title and publication."""
    same = Q(title=file.inspection["title"], published_from=file.published_from)
    if file.inspection["isbn"]:
        same |= Q(isbn=file.inspection["isbn"])
    return Inspection.objects.filter(same, organisation=organisation).order_by("pk").first()


def _twice(file: InspectionFile, places: dict[str, Organisation]) -> list[tuple[str, str]]:
    """Numbers and previous recommendations given twice to one organisation, perhaps under two of its names."""
    seen: set[tuple[str, int, str]] = set()
    wrong = []
    for part, key in (("recommendations", "number"), ("previous", "text")):
        for n, row in enumerate(getattr(file, part)):
            mark = (part, places[f"{part}[{n}]"].pk, row[key])
            if mark in seen:
                wrong.append((f"{part}[{n}].{key}", _("It appears twice for one organisation.")))
            seen.add(mark)
    return wrong


def _inspection(
    file: InspectionFile, organisation: Organisation, op: Operation, embargo_until: datetime.datetime | None
) -> Inspection:
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
        embargo_until=embargo_until,
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
    """Add a finding to a previous recommendation that is already held, instead of a second copy."""
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


def publish_ours(file: OurReading, *, at: datetime.datetime) -> tuple[Inspection, int]:
    """Publish our interpretation of a report: measures, lineage and standards, each marked as ours.

    Returns the number of new rows. Existing rows are unchanged, so that no decision is undone. Raises Unreadable for
    anything that the report does not hold or print.
    """
    inspection = _read_inspection(file)
    wrong: list[tuple[str, str]] = []
    named = _named(file, inspection, wrong)
    for n, row in enumerate(file.measures):
        _check_printed(f"measures[{n}]", row, inspection, wrong)
    if wrong:
        raise Unreadable(wrong)
    with operation(by=None, at=at) as op:
        new = sum(_our_measure(row, named, inspection, op) for row in file.measures)
        new += sum(_our_lineage(row, named, op) for row in file.lineage)
        new += sum(_asked_before(row, named, op) for row in file.asked_before)
        new += sum(
            StandardLink.objects.get_or_create(
                recommendation=item, standard=standard, defaults={"said_by": SaidBy.OURS}
            )[1]
            for row in file.standards
            for item in named[row["recommendation"]]
            for standard in row["standards"]
        )
        if new:
            op.record("inspection.read", inspection, before=snapshot(inspection))
    return inspection, new


def _read_inspection(file: OurReading) -> Inspection:
    place = organisation_named(file.inspection["organisation"])
    try:
        published_from, _to = published_days(file.inspection["published"])
    except ValueError:
        raise Unreadable([("inspection.published", _("It must be a month (2022-05) or a day (2022-05-12)."))]) from None
    rows = Inspection.objects.filter(organisation=place, title=file.inspection["title"], published_from=published_from)
    held = rows.first() if place else None
    if held is None:
        raise Unreadable([("inspection", _("This inspection is not loaded. Load it first."))])
    return held


def _named(file: OurReading, inspection: Inspection, wrong: list[tuple[str, str]]) -> dict[str, list[Recommendation]]:
    """Recommendations by the names in the file. A number printed to several organisations has one row for each."""
    found: dict[str, list[Recommendation]] = {}
    for item in inspection.recommendations.select_related("addressee", "inspection"):
        name = f"previous {item.position}" if item.is_previous else item.number
        found.setdefault(name, []).append(item)
    uses = [(f"standards[{n}].recommendation", row["recommendation"]) for n, row in enumerate(file.standards)]
    uses += [(f"asked_before[{n}].recommendation", row["recommendation"]) for n, row in enumerate(file.asked_before)]
    uses += [(f"lineage[{n}].{end}", row[end]) for n, row in enumerate(file.lineage) for end in ("earlier", "later")]
    uses += [(f"measures[{n}].for", name) for n, row in enumerate(file.measures) for name in row["for"]]
    wrong += [
        (where, _("The report has no recommendation %(name)s.") % {"name": name})
        for where, name in uses
        if name not in found
    ]
    return found


def _check_printed(where: str, row: dict[str, Any], inspection: Inspection, wrong: list[tuple[str, str]]) -> None:
    """Check that the baseline is a figure printed in the report, or the difference of two."""
    printed = {one["name"]: one["value"] for one in inspection.printed_measures}
    missing = [name for name in row["printed"] if printed.get(name) is None]
    wrong += [
        (f"{where}.printed", _("The report prints no figure called %(name)s.") % {"name": name}) for name in missing
    ]
    if missing:
        return
    values = [Decimal(str(printed[name])) for name in row["printed"]]
    expected = values[0] - sum(values[1:], Decimal(0))
    baseline = row["baseline_of"] if row.get("baseline") is None else row["baseline"]
    if Decimal(str(baseline)) != expected:
        wrong.append((f"{where}.baseline", _("The report prints %(value)s.") % {"value": expected}))


def _our_measure(
    row: dict[str, Any], named: dict[str, list[Recommendation]], inspection: Inspection, op: Operation
) -> bool:
    """The measure of this name, created if it does not exist."""
    if Measure.objects.filter(inspection=inspection, is_ours=True, name=row["name"]).exists():
        return False
    items = [item for name in row["for"] for item in named[name]]
    numbers = {key: Decimal(str(row[key])) if row.get(key) is not None else None for key in ("baseline", "target")}
    measure = Measure.objects.create(
        organisation=items[0].addressee,
        inspection=inspection,
        is_ours=True,
        **{key: row.get(key, "") for key in ("name", "definition", "unit", "better", "caution")},
        baseline_of=row.get("baseline_of"),
        baseline_out_of=row.get("baseline_out_of"),
        baseline_place=row["place"],
        baseline_method=row.get("method", ""),
        **numbers,
    )
    MeasureLink.objects.bulk_create(
        MeasureLink(recommendation=item, measure=measure, said_by=SaidBy.OURS) for item in items
    )
    op.record("measure.added", measure)
    return True


def _asked_before(row: dict[str, Any], named: dict[str, list[Recommendation]], op: Operation) -> int:
    """Store the years in which earlier reports recommended the same."""
    items = [item for item in named[row["recommendation"]] if not item.asked_before]
    for item in items:
        update_and_record(item, op, "recommendation.read", asked_before=", ".join(row["years"]))
    return len(items)


def _our_lineage(row: dict[str, Any], named: dict[str, list[Recommendation]], op: Operation) -> int:
    """Add proposed links, which people confirm or reject."""
    new = 0
    for earlier in named[row["earlier"]]:
        for later in named[row["later"]]:
            link, is_new = Lineage.objects.get_or_create(
                earlier=earlier, later=later, defaults={"said_by": SaidBy.OURS}
            )
            if is_new:
                op.record("lineage.linked", link)
                new += 1
    return new
