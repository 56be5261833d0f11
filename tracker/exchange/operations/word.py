"""Writes blocks as a Word document. python-docx makes the frame; the text is streamed into it.

A pack of thousands of recommendations so needs the memory of one piece only.
"""

import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from lxml import etree

from tracker.exchange.operations.picture import png
from tracker.exchange.queries.blocks import Block, Chart, Facts, Heading, Points, Table, Text

MARK = "the text stands here"
FONT = "Arial"
# The width of A4 between the margins, in twentieths of a point.
PAGE = 9638
# A row with a longer cell may break across pages.
LONG = 1200
STYLES = {"printed": "Printed", "small": "Small"}
LEVELS = {1: "Title", 2: "Heading1", 3: "Heading2"}


@dataclass(frozen=True)
class Frame:
    """Title, language and other properties of a document. `footer` is on every page."""

    title: str
    author: str
    footer: str
    made_at: datetime.datetime


def write(path: Path, frame: Frame, head: Iterable[Block], rest: Iterable[Iterable[Block]]) -> None:
    """Write a document. `rest` is an iterator and is streamed; pictures are allowed in `head` only."""
    document = _document(frame)
    begin = [_xml(block, document) for block in head]
    file = io.BytesIO()
    document.save(file)
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for info in made.infolist():
            if info.filename != "word/document.xml":
                out.writestr(info, made.read(info), zipfile.ZIP_DEFLATED)
        before, after = _halves(made.read("word/document.xml").decode())
        with out.open("word/document.xml", "w", force_zip64=True) as text:
            text.write((before + "".join(begin)).encode())
            for piece in rest:
                text.write("".join(_xml(block, document) for block in piece).encode())
            text.write(after.encode())


def _halves(text: str) -> tuple[str, str]:
    """Split the document at the paragraph that holds the mark."""
    at = text.index(MARK)
    return text[: text.rindex("<w:p>", 0, at)], text[text.index("</w:p>", at) + len("</w:p>") :]


# -- the frame -------------------------------------------------------------------------------------------------------
def _document(frame: Frame) -> Document:
    document = docx.Document()
    about = document.core_properties
    about.title, about.author, about.language = frame.title[:250], frame.author, "en-GB"
    about.created = about.modified = frame.made_at.astimezone(datetime.UTC).replace(tzinfo=None)
    about.comments, about.last_modified_by = "", frame.author
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    _styles(document)
    _footer(document, frame.footer)
    document.add_paragraph(MARK)
    return document


def _styles(document: Document) -> None:
    styles: Any = document.styles
    for name, size, before in (("Normal", 9.5, 0), ("Title", 22, 0), ("Heading 1", 16, 16), ("Heading 2", 13, 14)):
        style = styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), RGBColor(0x0B, 0x0C, 0x0C)
        style.font.bold = name != "Normal"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{attribute}"), None)
        for attribute in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{attribute}"), FONT)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(6)
    if (border := styles["Title"].element.pPr.find(qn("w:pBdr"))) is not None:
        styles["Title"].element.pPr.remove(border)
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    for name, points in (("Printed", 11.0), ("Small", 8.5)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = styles["Normal"], Pt(points)
    bar = f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="36" w:space="8" w:color="B1B4B6"/></w:pBdr>'
    styles["Printed"].element.get_or_add_pPr().insert(0, parse_xml(bar))
    styles["Printed"].paragraph_format.left_indent = Cm(0.5)
    styles["Small"].font.color.rgb = RGBColor(0x48, 0x4B, 0x4C)


def _footer(document: Document, words: str) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.style = document.styles["Small"]
    paragraph.add_run(f"{words}. Page ")
    for field in ("PAGE", "NUMPAGES"):
        if field == "NUMPAGES":
            paragraph.add_run(" of ")
        simple = OxmlElement("w:fldSimple")
        simple.set(qn("w:instr"), field)
        simple.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>1</w:t></w:r>"))
        paragraph._p.append(simple)


# -- the text --------------------------------------------------------------------------------------------------------
def _xml(block: Block, document: Document) -> str:
    match block:
        case Heading():
            words = _run(block.text) + (_run(f" ({block.note})") if block.note else "")
            return _paragraph(words, LEVELS[block.level], "<w:pageBreakBefore/>" if block.new_page else "")
        case Text():
            return _paragraph(_run(block.text), STYLES.get(block.style, "Normal"))
        case Facts():
            rows = (_run(f"{term}: ", bold=True) + _run(said) for term, said in block.rows)
            return "".join(_paragraph(row, "Normal", '<w:spacing w:after="40"/>') for row in rows)
        case Points():
            return "".join(_paragraph(_run(item), "ListBullet") for item in block.items)
        case Table():
            return "".join(_table(block))
        case Chart():
            return _chart(block, document)


def _paragraph(runs: str, style: str, more: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{runs}</w:p>'


def _run(text: str, *, bold: bool = False) -> str:
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r>{'<w:rPr><w:b/></w:rPr>' if bold else ''}{'<w:br/>'.join(lines)}</w:r>"


def _table(table: Table) -> Iterator[str]:
    """A table with a caption, a header row that repeats on each page, and a description for screen readers."""
    widths = [PAGE * share // sum(table.widths) for share in table.widths]
    yield _paragraph(_run(table.caption, bold=True), "Normal", '<w:keepNext/><w:spacing w:before="160" w:after="60"/>')
    name = escape(table.caption, {'"': "&quot;"})[:250].replace("\n", " ")
    yield (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1"'
        f' w:noVBand="1"/><w:tblCaption w:val="{name}"/></w:tblPr><w:tblGrid>'
    )
    yield "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    yield "</w:tblGrid>"
    yield _row(table.head, widths, is_head=True)
    yield from (_row(row, widths) for row in table.rows)
    yield "</w:tbl>" + _paragraph("", "Small")


def _row(cells: tuple[str, ...], widths: list[int], *, is_head: bool = False) -> str:
    marks = "<w:tblHeader/>" if is_head else ""
    if all(len(cell) < LONG for cell in cells):
        marks = f"<w:cantSplit/>{marks}"
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="F4F8FB"/>' if is_head else ""
    spacing = '<w:spacing w:before="40" w:after="40"/>'
    written = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f"{_paragraph(_run(cell, bold=is_head), 'Normal', spacing)}</w:tc>"
        for cell, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr>{marks}</w:trPr>{written}</w:tr>"


def _chart(chart: Chart, document: Document) -> str:
    """A picture with its text as alternative text, and the same text below it."""
    bar = chart.bar
    title = _paragraph(_run(bar.title, bold=True), "Normal", '<w:keepNext/><w:spacing w:before="120" w:after="40"/>')
    words = _paragraph(_run(bar.desc), "Small")
    if not bar.parts:
        return title + words
    inline = document.part.new_pic_inline(io.BytesIO(png(bar)), width=Cm(17))
    inline.docPr.set("descr", bar.desc)
    inline.docPr.set("title", bar.title)
    drawing = etree.tostring(inline, encoding="unicode")
    run = f"<w:r><w:drawing>{drawing}</w:drawing></w:r>"
    return title + _paragraph(run, "Normal", '<w:keepNext/><w:spacing w:after="40"/>') + words
