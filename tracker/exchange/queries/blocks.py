"""What a printed page and a Word document are both made of, so that they cannot say different things."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from tracker.reviews.queries.bars import Bar
from tracker.web.forms import clean_text

# Characters that no XML may hold and that clean_text lets pass: they are letters to nobody.
NO_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the title of the document. `note` stands beside it as a warning: "Overdue by 12 days"."""

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
    """Terms and what is to be said of each."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Points:
    items: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True)
class Table:
    """`widths` are in per cent of the page, and even."""

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
    """A stacked bar, told in words beside it. The key of its patterns stands before the first on a page."""

    bar: Bar
    is_first: bool = False
    kind: str = "chart"


Block = Heading | Text | Facts | Points | Table | Chart


def readable(blocks: Iterable[Block]) -> Iterator[Block]:
    """Without what would break a document, or let it read otherwise than it is written."""
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
    """Everything that it says, in the order in which it is read."""
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
