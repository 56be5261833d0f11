"""Word and Excel files: archives whose directory is read first. Only what says what they are is unpacked."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from django.utils.translation import gettext as _

from tracker.recommendations.evidence.content import NotAccepted

TYPES = "[Content_Types].xml"

TYPE = "application/vnd.openxmlformats-officedocument."

# The part that each kind must have, and what the list of types must call it; templates and files with macros are
# called otherwise.
MAIN = {
    "docx": ("word/document.xml", f"{TYPE}wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{TYPE}spreadsheetml.sheet.main+xml"),
}

MOST_ENTRIES = 2000

LARGEST_UNPACKED = 200 * 1024 * 1024

# Sheets of the same number over and over shrink a hundredfold; a bomb a thousandfold.
LARGEST_RATIO = 200

SMALL = 1024 * 1024

RUNS = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".jar", ".hta", ".lnk", ".html", ".htm", ".mht")

# What a link out of the file may be; anything else is fetched from elsewhere when the file is opened.
HARMLESS = ("/hyperlink", "/externalLinkPath")


def kind_of_office(data: bytes) -> str:
    """docx or xlsx."""
    damaged = _("the file is damaged, incomplete, or not a Word or Excel file")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(data, archive.infolist())
            names = {entry.filename for entry in archive.infolist()}
            kinds = [kind for kind, (part, _type) in MAIN.items() if part in names]
            if TYPES not in names or len(kinds) != 1:
                raise NotAccepted(_("it is a ZIP archive, not a Word or Excel file"))
            _check_type(archive, kinds[0])
            _check_links(archive)
            return kinds[0]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise NotAccepted(damaged) from error
    except (RuntimeError, expat.ExpatError) as error:
        raise NotAccepted(damaged) from error


def _check_directory(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """By what the archive says about itself, before anything is unpacked."""
    # Nothing stands before the first entry, nor behind the directory.
    if data[-22:-18] != b"PK\x05\x06" or min((entry.header_offset for entry in entries), default=1) != 0:
        raise NotAccepted(_("it contains more than the document itself. Save it again in Word or Excel"))
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise NotAccepted(_("it is protected with a password. Save it without a password"))
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise NotAccepted(_("it would be too large when unpacked"))
    for entry in entries:
        if entry.file_size > SMALL and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
            raise NotAccepted(_("it would be too large when unpacked"))
    names = [entry.orig_filename.lower() for entry in entries]
    if len(set(names)) != len(names) or any(_is_odd(name) for name in names) or not _fits(data, entries):
        raise NotAccepted(_("it is not a standard Word or Excel file. Save it again in Word or Excel"))
    for name in names:
        if "vbaproject" in name or "/macrosheets/" in name or "/activex/" in name:
            raise NotAccepted(_("it contains macros. Save it without macros, as .docx or .xlsx"))
        if name.endswith(RUNS) or ("/embeddings/" in name and name.endswith(".bin")):
            raise NotAccepted(_("another file is embedded in it. Remove that file and upload it separately"))


def _is_odd(name: str) -> bool:
    """A path that would lead out of the archive, or that no program of ours would write."""
    return name.startswith("/") or ".." in name.split("/") or any(c in name for c in "\\:\0") or not name.isprintable()


def _fits(data: bytes, entries: list[zipfile.ZipInfo]) -> bool:
    """Each entry is called the same in both places, is packed in a known way, and none overlaps another."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        at = entry.header_offset
        name_size = int.from_bytes(data[at + 26 : at + 28], "little")
        extra_size = int.from_bytes(data[at + 28 : at + 30], "little")
        name = data[at + 30 : at + 30 + name_size]
        encoding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
        packed = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if at < end or not packed or name != entry.orig_filename.encode(encoding, "replace"):
            return False
        end = at + 30 + name_size + extra_size + entry.compress_size
    return end <= len(data)


def _check_type(archive: zipfile.ZipFile, kind: str) -> None:
    part, wanted = MAIN[kind]
    types = {
        found.get("PartName", "").lstrip("/"): found.get("ContentType", "")
        for tag, found in _elements(archive, TYPES)
        if tag == "Override"
    }
    if any("macroenabled" in one.lower() or "vbaproject" in one.lower() for one in types.values()):
        raise NotAccepted(_("it contains macros. Save it without macros, as .docx or .xlsx"))
    if types.get(part) != wanted:
        raise NotAccepted(_("it is a template or another file type. Save it as .docx or .xlsx"))


def _check_links(archive: zipfile.ZipFile) -> None:
    for name in archive.namelist():
        if name.lower().endswith(".rels"):
            for tag, found in _elements(archive, name):
                is_outside = tag == "Relationship" and found.get("TargetMode", "").lower() == "external"
                if is_outside and not found.get("Type", "").endswith(HARMLESS):
                    raise NotAccepted(
                        _("it loads a template, an image or other content from elsewhere when it is opened")
                    )


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(tag, attributes) of a small part. A part that declares entities is refused, so that none can grow."""
    with archive.open(name) as part:
        text = part.read(SMALL + 1)
    if len(text) > SMALL:
        raise NotAccepted(_("it is not a standard Word or Excel file. Save it again in Word or Excel"))
    found: list[tuple[str, dict[str, str]]] = []

    def refuse(*_declared: object) -> None:
        raise ValueError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(" ")[2], attributes))
    parser.Parse(text, True)
    return iter(found)
