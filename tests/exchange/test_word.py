"""Whatever people have typed, the document can be opened and says it."""

import datetime
import re
import tempfile
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.exchange.reading import document_words, parts
from tests.sampling import examples
from tracker.exchange.operations.picture import HEIGHT, WIDTH, png
from tracker.exchange.operations.word import Frame, write
from tracker.exchange.queries.blocks import Block, Chart, Facts, Heading, Points, Table, Text, readable, words_of
from tracker.exchange.queries.names import file_name
from tracker.reviews.queries.bars import STATES, progress_bar

AT = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
FRAME = Frame("A pack", "The tracker", "A footer & more <of it>", AT)
ANY = st.text(max_size=60)


def made(blocks: list[Block]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.docx"
        write(path, FRAME, list(readable(blocks)), [list(readable(blocks))])
        return path.read_bytes()


def everything(words: str) -> list[Block]:
    return [
        Heading(words or "Nothing", 2, note=words),
        Text(words, "printed"),
        Facts(((words, words),)),
        Points((words, words)),
        Table(words, ("One", words), ((words, words), (words, "two")), (40, 60)),
    ]


@settings(max_examples=examples(15, 40), deadline=None)
@given(words=ANY)
@example(words="\x00\x01\x08\x0b\x0c\x1f\x7f\x85 control")
@example(words="\ud800 half, \ufffe\uffff\ufdd0 none")
@example(words="\u202eturned round\u202c \u2066and\u2069 back")
@example(words='<w:p> & "quotes" ]]> &amp; </w:t>')
@example(words="line\r\none\u2028two\x0bthree\ttab")
@example(words="the text stands here")
@example(words="Ä́ ﬁ 𝒳 👩🏽‍⚖️ \U0001f3f4\U000e0067 ẍ̷̡")
def test_any_words_can_be_written_and_read_again(words: str) -> None:
    content = made(everything(words))
    for name, part in parts(content):
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(part)
    written = " ".join(document_words(content))
    for block in readable(everything(words)):
        for said in words_of(block):
            assert re.sub(r"\s+", " ", said).strip() in written
    assert not any(unicodedata.category(one) in ("Cc", "Cs") for one in written)
    assert "\u202e" not in written


def test_megabyte_word_does_not_break_search() -> None:
    word = "x" * 1_000_000
    written = document_words(made([Text(word), Table("Long", ("A", "B"), ((word, "b"),), (50, 50))]))
    assert written.count(word) == 4


def test_a_bar_is_a_picture_of_its_figures() -> None:
    bar = progress_bar("x", "West Kent", {"not_reported": 1, "no": 20, "some": 300, "sufficient": 40})
    picture = png(bar)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (WIDTH, HEIGHT)
    content = made([Chart(bar)])
    assert bar.desc in " ".join(document_words(content))
    assert made([Chart(progress_bar("x", "Nowhere", {}))])
    assert len({png(progress_bar("x", "y", {name: 1})) for name in STATES}) == len(STATES)


def test_names_of_files_are_taken_by_every_system() -> None:
    for words in ("West Kent PDU", "Ä/ö\\ü:*?", "con", "COM1.txt", "..", "", "a" * 500, "lpt1 x", "\u202e.exe"):
        name = file_name(words, "docx")
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*\.docx", name), words
        assert len(name) <= 100
        assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)[.-]", name)
