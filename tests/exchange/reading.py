"""What stands in a pack: on the page and in the document, in the order in which it is read."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from tests.factories import Node


def squeezed(words: Any) -> list[str]:
    """Without what only holds them apart."""
    return [one for word in words if (one := re.sub(r"\s+", " ", word).strip())]


def shown(page: Node) -> str:
    return " ".join(squeezed([page.text]))


def document_words(content: bytes) -> list[str]:
    """Of each paragraph of the document, those of tables among them."""
    body = docx.Document(io.BytesIO(content)).element.body
    return squeezed(
        "".join(piece.text or "\n" for piece in paragraph.iter(qn("w:t"), qn("w:br")))
        for paragraph in body.iter(qn("w:p"))
    )


def document(path: Path) -> Any:
    return docx.Document(str(path))


def parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        assert whole.testzip() is None
        for name in whole.namelist():
            yield name, whole.read(name)
