"""The blocks from which both printed pages and Word documents are made, so that they have the same content."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from tracker.reviews.queries.bars import Bar
from tracker.web.forms import clean_text

# Characters that are invalid in XML and that clean_text lets pass.
NO_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the title of the document. `note` is a warning beside it, such as "Overdue by 12 days"."""

    text: str
    level: int
    note: str = ""
    new_page: bool = False
    kind: str = "heading"


@dataclass(frozen=True)
class Text:
    """`style` is "printed" (as HMIP printed it), "small", or nothing."""

    text: str
    style: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Facts:
    """A list of terms and their descriptions."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Points:
    items: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True)
class Table:
    """`widths` are even numbers, in per cent of the page."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    kind: str = "table"

    @property
    def columns(self) -> list[tuple[str, int]]:
        """The name of each column and its width."""
        return list(zip(self.head, self.widths, strict=True))

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Each cell with the name of its column."""
        return [list(zip(self.head, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Chart:
    """A stacked bar with its content in words. The key of the patterns comes before the first bar of a page."""

    bar: Bar
    is_first: bool = False
    kind: str = "chart"


Block = Heading | Text | Facts | Points | Table | Chart


def readable(blocks: Iterable[Block]) -> Iterator[Block]:
    """Text without characters that would break a document or change how it reads."""
    for block in blocks:
        if isinstance(block, Chart):
            yield block
        else:
            yield replace(block, **{field.name: clean(getattr(block, field.name)) for field in fields(block)})


def clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(NO_CHARACTERS.sub("", value), lines=True)
    return tuple(clean(one) for one in value) if isinstance(value, tuple) else value


def words_of(block: Block) -> list[str]:
    """All text of a block, in reading order."""
    match block:
        case Heading():
            said = [block.text, block.note]
        case Text():
            said = [block.text]
        case Facts():
            said = [word for row in block.rows for word in row]
        case Points():
            said = list(block.items)
        case Table():
            said = [block.caption, *block.head, *(cell for row in block.rows for cell in row)]
        case Chart():
            said = [block.bar.title, block.bar.desc]
    return [word for word in said if word]
