"""What a file is by its content. It is looked at as bytes and never opened, drawn or run.

Raises NotAccepted with a reason in words for what is of no accepted kind, or of more than one.
"""

import io
import re
import unicodedata
import zipfile
import zlib

from django.utils.translation import gettext as _

# A web page or a script, wherever a program that is easily persuaded would look for one.
MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?php)\b", re.IGNORECASE)

# What a text that is something else begins with.
PROLOGUE = re.compile(
    r"<(?:!|\?|%|(?:html|head|body|script|style|meta|link|title|svg|iframe|img|table|div|p|a|h1)\b)|#!|@echo\b|\{\\rtf",
    re.IGNORECASE,
)

OTHER_KINDS = (
    b"GIF8",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"%!PS",
    b"\xca\xfe\xba\xbe",
    b"PK\x05",
    b"PK\x07",
)

LOOKED_AT = 4096

PNG, JPEG, PDF, ZIP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-", b"PK\x03\x04"

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# What a PDF does by itself when it is opened, or carries along.
ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)\b")


# A few kilobytes can say that they are an image that takes gigabytes to draw.
MOST_PIXELS = 100_000_000


class NotAccepted(Exception):
    """Says why, for the person who uploaded the file."""


class UnknownKind(NotAccepted):
    """Neither text nor of another kind that is accepted."""


def kind_of_simple(data: bytes) -> str:
    """pdf, png, jpg or text, of whatever is no archive."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise NotAccepted(_("it is also a ZIP archive. Save it again in the program you made it with"))
    if data.startswith(PDF):
        _check_pdf(data)
        return "pdf"
    if data.startswith(PNG):
        _check_png(data)
        return "png"
    if data.startswith(JPEG):
        _check_jpeg(data)
        return "jpg"
    _check_text(data)
    return "text"


def _refuse_markup(data: bytes) -> None:
    if MARKUP.search(data):
        raise NotAccepted(_("it contains a web page or a script"))


def _check_pdf(data: bytes) -> None:
    _refuse_markup(data[:LOOKED_AT])
    end = data.rstrip(b"\0\r\n\t\f ")
    if not re.match(rb"%PDF-[12]\.\d", data) or not re.search(rb"startxref\s+\d+\s+%%EOF\Z", end[-100:]):
        raise NotAccepted(_("the PDF is damaged, incomplete, or has extra content after its end"))
    # A name in a PDF may have any of its letters written as a number.
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)
    if b"/Encrypt" in plain:
        raise NotAccepted(_("the PDF is protected with a password. Save it without a password"))
    if ACTIVE.search(plain):
        raise NotAccepted(_("the PDF contains a script or another file. Print it to a new PDF and upload that"))


def _check_png(data: bytes) -> None:
    """Every chunk whole and in its place, and nothing after the last."""
    names: list[bytes] = []
    at = len(PNG)
    while at < len(data) and names[-1:] != [b"IEND"]:
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, check = data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if len(check) < 4 or zlib.crc32(name + body) != int.from_bytes(check, "big"):
            break
        if name != b"IDAT":
            _refuse_markup(body)
        if name == b"IHDR":
            _refuse_pixels(int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"))
        names.append(name)
        at += 12 + size
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        raise NotAccepted(_("the image is damaged or incomplete"))
    if at != len(data):
        raise NotAccepted(_("something else is hidden in the image. Save it again as an image"))


def _check_jpeg(data: bytes) -> None:
    """Phones put a second picture behind the first; anything else behind it is refused."""
    rest = data
    while rest.startswith(JPEG):
        rest = rest[_end_of_jpeg(rest) :].lstrip(b"\0\r\n")
    if rest:
        raise NotAccepted(_("something else is hidden in the image. Save it again as an image"))


def _end_of_jpeg(data: bytes) -> int:
    at, has_size, has_lines = 2, False, False
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0xD9 and has_size and has_lines:
            return at + 2
        elif marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            size = int.from_bytes(data[at + 2 : at + 4], "big")
            if size < 2 or at + 2 + size > len(data):
                break
            if marker == 0xFE or 0xE0 <= marker <= 0xEF:
                _refuse_markup(data[at + 4 : at + 2 + size])
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                has_size = True
                _refuse_pixels(
                    int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
                )
            has_lines |= marker == 0xDA
            at += 2 + size
    raise NotAccepted(_("the image is damaged or incomplete"))


def _refuse_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise NotAccepted(
            _("the image is %(width)s x %(height)s pixels. Make it smaller") % {"width": width, "height": height}
        )


def _check_text(data: bytes) -> None:
    if data.startswith(OTHER_KINDS):
        raise UnknownKind
    text = decoded(data)
    if any(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\v" for c in text):
        raise UnknownKind
    if PROLOGUE.match(text.lstrip("\ufeff \t\r\n\f\v")) or MARKUP.search(text[:LOOKED_AT].encode()):
        raise NotAccepted(_("it contains a web page or a script"))


def decoded(data: bytes) -> str:
    """As UTF-8, as UTF-16 where it says so in its first two bytes, or as Windows writes English."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnknownKind
