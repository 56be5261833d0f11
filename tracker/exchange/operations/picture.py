"""A stacked bar as a PNG for documents, drawn pixel by pixel without fonts or a library.

It uses the patterns of the page (reviews/_bar_key.html), so that it can be read in black and white.
"""

import struct
import zlib
from collections.abc import Callable

from tracker.reviews.queries.bars import Bar

WIDTH, HEIGHT = 1200, 60
# The palette, by number.
COLOURS = ((0x0B, 0x0C, 0x0C), (0xFF, 0xFF, 0xFF), (0xCA, 0x35, 0x35), (0xFF, 0xDD, 0x00), (0x85, 0xC7, 0xA6))
BLACK, WHITE, RED, YELLOW, GREEN = range(5)


def _stripes(x: int, y: int) -> int:
    return BLACK if (x + y) % 24 < 5 else YELLOW


def _dots(x: int, y: int) -> int:
    return BLACK if (x % 20 - 10) ** 2 + (y % 20 - 10) ** 2 < 14 else GREEN


PATTERNS: dict[str, Callable[[int, int], int]] = {
    "not_reported": lambda _x, _y: WHITE,
    "no": lambda _x, _y: RED,
    "some": _stripes,
    "sufficient": _dots,
}
# Five pixels wide and seven high. A row is a number whose bits are its pixels.
DIGITS = (
    *((14, 17, 19, 21, 25, 17, 14), (4, 12, 4, 4, 4, 4, 14), (14, 17, 1, 2, 4, 8, 31), (31, 2, 4, 2, 1, 17, 14)),
    *((2, 6, 10, 18, 31, 2, 2), (31, 16, 30, 1, 1, 17, 14), (6, 8, 16, 30, 17, 17, 14), (31, 1, 2, 4, 8, 8, 8)),
    *((14, 17, 17, 14, 17, 17, 14), (14, 17, 17, 15, 1, 2, 12)),
)
POINT = 4


def png(bar: Bar) -> bytes:
    """Each part is as wide as its share, with its figure if there is room. The picture has a fixed size."""
    rows = [bytearray([WHITE]) * WIDTH for _ in range(HEIGHT)]
    for part in bar.parts:
        left, right = round(part.x * WIDTH / 100), min(round((part.x + part.width) * WIDTH / 100), WIDTH)
        _fill(rows, left, right, PATTERNS[part.name])
        if part.has_room:
            _write(rows, str(part.number), (left + right) // 2)
    for x in range(WIDTH):
        for y in (0, 1, HEIGHT - 2, HEIGHT - 1):
            rows[y][x] = BLACK
    data = b"".join(b"\0" + bytes(row) for row in rows)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    chunks = (("IHDR", header), ("PLTE", bytes(sum(COLOURS, ()))), ("IDAT", zlib.compress(data, 9)), ("IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode(), content) for name, content in chunks)


def _fill(rows: list[bytearray], left: int, right: int, pattern: Callable[[int, int], int]) -> None:
    for y, row in enumerate(rows):
        for x in range(left, right):
            row[x] = BLACK if x - left < 2 or right - x <= 2 else pattern(x, y)


def _write(rows: list[bytearray], figure: str, middle: int) -> None:
    """Draw a figure on a white background, so that it can be read on every pattern."""
    wide = (6 * len(figure) - 1) * POINT
    left, top = middle - wide // 2, (HEIGHT - 7 * POINT) // 2
    for y in range(top - POINT, top + 8 * POINT):
        for x in range(left - POINT, left + wide + POINT):
            rows[y][x] = WHITE
    for place, digit in enumerate(figure):
        for line, bits in enumerate(DIGITS[int(digit)]):
            for column in range(5):
                if bits >> (4 - column) & 1:
                    _point(rows, left + (6 * place + column) * POINT, top + line * POINT)


def _point(rows: list[bytearray], left: int, top: int) -> None:
    for y in range(top, top + POINT):
        rows[y][left : left + POINT] = bytes([BLACK]) * POINT


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
