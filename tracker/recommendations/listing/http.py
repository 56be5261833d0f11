"""Query strings for the links of rows."""

from urllib.parse import urlencode


def row_query(url: str, *, wide: bool) -> str:
    """The query string of a row's links: the page they are on, and whether rows name their inspection."""
    return "?" + urlencode({"next": url} | ({"wide": "1"} if wide else {}))
