"""Addresses that pages with rows hand to their rows."""

from urllib.parse import urlencode


def row_query(url: str, *, wide: bool) -> str:
    """What a row's links carry: the page they stand on, and whether its rows name their inspection."""
    return "?" + urlencode({"next": url} | ({"wide": "1"} if wide else {}))
