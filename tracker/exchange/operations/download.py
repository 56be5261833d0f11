"""One inspection with its full record as one zip file, which can be verified anywhere.

It has a page for each recommendation, its evidence, an index as a page and as CSV, and the SHA-256 of every file, as
`sha256sum -c sha256sums.txt` reads them. It is written to disk in pieces.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.exchange.policies import sees_all_in
from tracker.exchange.queries.blocks import clean, readable
from tracker.exchange.queries.dossier import chunks, day_in_words, dossiers
from tracker.exchange.queries.full_record import whole_blocks, withheld
from tracker.exchange.queries.names import file_name
from tracker.exchange.queries.record import Dossier, Proof
from tracker.inspections.models import Inspection
from tracker.jobs.models import Job
from tracker.jobs.queries import CannotBeMade, Holds, Kind, Run
from tracker.recommendations.evidence.operations import path_of
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations

PIECE = 1024 * 1024
# First characters that a spreadsheet reads as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|")
# The earliest time that a zip can hold. A fixed time makes equal content give equal bytes.
ANY_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass
class Archive:
    """A zip being written, with the SHA-256 of each of its files."""

    zip: zipfile.ZipFile
    sums: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, pieces: Iterator[bytes]) -> str:
        """Write a file and return its SHA-256."""
        digest, info = hashlib.sha256(), zipfile.ZipInfo(name, ANY_DAY)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        with self.zip.open(info, "w", force_zip64=True) as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
        self.sums.append((digest.hexdigest(), name))
        return digest.hexdigest()

    def add_text(self, name: str, text: str) -> None:
        self.add(name, iter([text.encode()]))


@dataclass(frozen=True)
class Entry:
    """One recommendation in the index."""

    one: Dossier
    page: str
    files: dict[int, str]


def wanted(inspection: Inspection) -> dict[str, Any]:
    """The parameters of the job, its title, and the name of its file."""
    return {
        "title": _("Download: %(title)s") % {"title": inspection.title},
        "filename": file_name(f"inspection-{inspection.title}-{inspection.published}", "zip"),
        "params": {"inspection": inspection.pk},
    }


def _may_be_had(access: Access, job: Job) -> bool:
    return visible_inspections(access).filter(pk=job.params["inspection"]).exists() and sees_all_in(access, job)


def recommendations_of(access: Access, inspection: Inspection) -> list[int]:
    """The visible recommendations that it prints or rates again, in its order."""
    rows = visible_recommendations(access).in_report(inspection).order_by("is_previous", "position", "pk")
    return list(rows.values_list("pk", flat=True))


def _make(run: Run) -> Holds:
    inspection = visible_inspections(run.access).filter(pk=run.job.params["inspection"]).first()
    if inspection is None:
        raise CannotBeMade(_("The inspection no longer exists."))
    pks = recommendations_of(run.access, inspection)
    entries: list[Entry] = []
    run.progress(0, len(pks))
    with zipfile.ZipFile(run.path, "w", zipfile.ZIP_DEFLATED) as whole:
        archive = Archive(whole)
        for chunk in chunks(pks):
            for one in dossiers(run.access, chunk):
                entries.append(_recommendation(archive, one, len(entries) + 1))
                run.progress(len(entries), len(pks))
        _index(archive, inspection, entries, run)
        sums = "".join(f"{digest}  {name}\n" for digest, name in archive.sums)
        archive.add_text("sha256sums.txt", sums)
    return Holds([inspection.pk], pks)


def _recommendation(archive: Archive, one: Dossier, place: int) -> Entry:
    folder = f"recommendations/{place:03}-{file_name(one.title)}"
    files: dict[int, str] = {}
    for n, piece in enumerate((piece for piece in one.evidence if piece.stored), start=1):
        name = _evidence(archive, f"{folder}/evidence/{n:02}-{file_name(piece.name.rpartition('.')[0])}", piece)
        if name:
            files[piece.pk] = name
    blocks = list(readable(whole_blocks(one, {pk: name.removeprefix(f"{folder}/") for pk, name in files.items()})))
    links = [(name.removeprefix(f"{folder}/"), clean(_caption(one, pk))) for pk, name in files.items()]
    context = {"title": one.title, "blocks": blocks, "links": links}
    page = f"{folder}/recommendation.html"
    archive.add_text(page, render_to_string("exchange/download/recommendation.html", context))
    return Entry(one, page, files)


def _caption(one: Dossier, pk: int) -> str:
    return next(piece.caption for piece in one.evidence if piece.pk == pk)


def _evidence(archive: Archive, name: str, piece: Proof) -> str:
    """The path of the file as uploaded; "" if it is missing from the store or has changed."""
    name = f"{name}.{piece.kind or 'bin'}"
    try:
        with path_of(piece.stored).open("rb") as file:
            if _sum(file) != piece.sha256:
                return ""
            file.seek(0)
            archive.add(name, iter(lambda: file.read(PIECE), b""))
    except OSError:
        return ""
    return name


def _sum(file: io.BufferedReader) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


# -- the index -------------------------------------------------------------------------------------------------------
def _index(archive: Archive, inspection: Inspection, entries: Sequence[Entry], run: Run) -> None:
    held_back = sum(entry.one.internal_comments for entry in entries)
    missing = [
        piece for entry in entries for piece in entry.one.evidence if piece.stored and piece.pk not in entry.files
    ]
    context = {
        "inspection": inspection,
        "entries": entries,
        "made": format_date(run.at.astimezone(settings.LONDON), "j F Y, H:i"),
        "for": run.job.by.name,
        "withheld": withheld(held_back),
        "missing": missing,
    }
    archive.add_text("index.html", render_to_string("exchange/download/index.html", context))
    archive.add_text("index.csv", table(INDEX, [_index_row(entry) for entry in entries]))
    archive.add_text("evidence.csv", table(EVIDENCE, [row for entry in entries for row in _evidence_rows(entry)]))
    archive.add_text("history.csv", table(HISTORY, [row for entry in entries for row in _history_rows(entry)]))
    archive.add_text("README.txt", clean(render_to_string("exchange/download/readme.txt", context)) + "\n")


INDEX = (
    *("Recommendation", "Addressed to", "Text as printed", "Place in the report", "Response", "Part agreed", "Reason"),
    *("Status", "Owner", "Original due date", "Current due date", "Lateness", "Reported", "Reported by", "Reported on"),
    *("Checked", "Checked by", "Checked on", "HMIP found", "Verified", "Evidence files", "Internal comments withheld"),
    "Page",
)
EVIDENCE = (
    *("Recommendation", "Evidence", "Relates to", "Added on", "Added by", "File or link", "SHA-256"),
    "Why it is not included",
)
HISTORY = ("Recommendation", "When", "What happened", "Who", "What changed", "Why")


def _index_row(entry: Entry) -> tuple[object, ...]:
    one = entry.one
    owner, reviewer, hmip = one.voices.all
    return (
        *(one.title, one.addressee, one.text, one.place, one.response, one.response_part, one.response_reason),
        *(one.status, one.owner, one.original_due, one.due, one.lateness, owner.word, owner.speaker, owner.day),
        *(reviewer.word, reviewer.speaker, reviewer.day, hmip.word, one.verified, len(entry.files)),
        *(one.internal_comments, entry.page),
    )


def _evidence_rows(entry: Entry) -> Iterator[tuple[object, ...]]:
    for piece in entry.one.evidence:
        where = entry.files.get(piece.pk) or piece.link
        why = " ".join(part for part in (piece.state, piece.why) if part)
        if piece.stored and not where:
            why = _("The file is missing or has been altered.")
        days = (day_in_words(piece.speaks_of), day_in_words(piece.given_on))
        yield entry.one.title, piece.caption, *days, piece.author, where, piece.sha256, why


def _history_rows(entry: Entry) -> Iterator[tuple[object, ...]]:
    for told in entry.one.history:
        lines = "; ".join(f"{line.name}: {line.before} to {line.after}" for line in told.lines)
        yield entry.one.title, told.at.isoformat(timespec="minutes"), told.title, told.by, lines, told.why


def table(head: Sequence[str], rows: Sequence[tuple[object, ...]]) -> str:
    """CSV with a byte order mark and without formulas, so that spreadsheets read every cell as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (head, *rows):
        writer.writerow([harmless(str(cell)) for cell in row])
    return "\ufeff" + out.getvalue()


def harmless(cell: str) -> str:
    text: str = clean(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


DOWNLOAD = Kind(make=_make, may_be_had=_may_be_had)
