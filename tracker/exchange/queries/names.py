"""File names that are valid on every system, including Windows."""

import re
import unicodedata

# Device names on Windows, with any extension.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:$|[.-])", re.IGNORECASE)
LONGEST = 80


def file_name(words: str, ending: str = "") -> str:
    """Lower-case ASCII letters, digits and hyphens: "West Kent PDU" becomes west-kent-pdu."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-") or "file"
    if DEVICES.match(name):
        name = f"file-{name}"
    return f"{name}.{ending}" if ending else name
