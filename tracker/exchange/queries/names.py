"""Names of files that every system takes, Windows among them."""

import re
import unicodedata

# Windows takes these for devices, whatever stands behind the dot.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:$|[.-])", re.IGNORECASE)
LONGEST = 80


def file_name(words: str, ending: str = "") -> str:
    """Small letters of English, figures and dashes: "West Kent PDU" is west-kent-pdu."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-") or "file"
    if DEVICES.match(name):
        name = f"file-{name}"
    return f"{name}.{ending}" if ending else name
