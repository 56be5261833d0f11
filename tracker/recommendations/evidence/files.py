"""Files that people offer: small enough, of an accepted kind by their content, and called by a harmless name."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.evidence.content import OLD_OFFICE, ZIP, NotAccepted, UnknownKind, kind_of_simple
from tracker.recommendations.evidence.office import kind_of_office

MEGABYTE = 1024 * 1024

LARGEST = 10 * MEGABYTE

MOST_AT_ONCE = 5

LONGEST_NAME = 100

# By how the name ends, what the content must be.
KINDS = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "csv": "text",
    "txt": "text",
    "png": "png",
    "jpg": "jpg",
    "jpeg": "jpg",
}

CLAIMED = {
    "pdf": gettext_lazy("a PDF"),
    "docx": gettext_lazy("a Word document"),
    "xlsx": gettext_lazy("an Excel workbook"),
    "text": gettext_lazy("a text file"),
    "png": gettext_lazy("a PNG image"),
    "jpg": gettext_lazy("a JPG image"),
}

# Control and format characters (those that turn the direction of reading among them), and what is no character.
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")

# Windows takes these for devices, whatever stands behind the dot.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class CheckedFile:
    """A file whose content is what its name says. `scan` is a value of Evidence.Scan."""

    name: str
    kind: str
    size: int
    sha256: str
    content: "File[bytes]"
    scan: str = ""


def checked(offered: "File[bytes]") -> CheckedFile:
    """Raises ValidationError that names the file and says why it is not accepted."""
    name = shown_name(offered.name or "")
    try:
        ending = _ending(name)
        size = offered.size or 0
        if size == 0:
            raise NotAccepted(_("it is empty"))
        if size > LARGEST:
            raise NotAccepted(_("it is larger than %(most)s MB") % {"most": LARGEST // MEGABYTE})
        offered.seek(0)
        data = offered.read()
        if not _is(KINDS[ending], data):
            raise NotAccepted(_("it is not %(claimed)s") % {"claimed": CLAIMED[KINDS[ending]]})
    except NotAccepted as refusal:
        raise ValidationError(
            _("You cannot upload “%(name)s”: %(why)s."), params={"name": name, "why": refusal}, code="file"
        ) from refusal
    kind = "jpg" if ending == "jpeg" else ending
    return CheckedFile(name, kind, size, hashlib.sha256(data).hexdigest(), offered)


def _is(kind: str, data: bytes) -> bool:
    try:
        return kind_of(data) == kind
    except UnknownKind:
        return False


def kind_of(data: bytes) -> str:
    if data.startswith(OLD_OFFICE):
        raise NotAccepted(
            _("it is protected with a password, or is an old file type (.doc, .xls). Save it as .docx or .xlsx")
        )
    return kind_of_office(data) if data.startswith(ZIP) else kind_of_simple(data)


def _ending(name: str) -> str:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in KINDS:
        raise NotAccepted(_("its name must end in .pdf, .docx, .xlsx, .csv, .txt, .png or .jpg"))
    return ending


def shown_name(name: str) -> str:
    """What the person called it, for lists and downloads only: no folders, nothing invisible, and short."""
    name = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in name if unicodedata.category(c) not in INVISIBLE)
    kept = unicodedata.normalize("NFC", re.sub(r'[<>:"|?*;%]', "_", re.sub(r"\s+", " ", kept))).strip(" .")
    if DEVICES.match(kept):
        kept = f"_{kept}"
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip(' .') or '_'}.{ending}"
    return kept[:LONGEST_NAME] or "_"
