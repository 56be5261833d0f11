"""Faults on purpose while emails are sent, and which code their long form was last counted for."""

from pathlib import Path

from dev import ROOT, fingerprint

# Written by dev.py faults when nothing was lost and nothing came twice; committed with the code.
COUNTED_FOR = Path(__file__).parent / "counted_for.txt"
SENDERS = (
    *("tracker/reminders/operations", "tracker/reminders/models.py", "tracker/reminders/tasks.py"),
    *("tracker/jobs/operations.py", "tracker/jobs/models.py", "tracker/jobs/tasks.py"),
    *("tracker/celery.py", "tracker/filebroker.py"),
)


def sender_fingerprint() -> str:
    """Of all code that claims, sends and records emails and jobs."""
    return fingerprint(*(ROOT / path for path in SENDERS)) + "\n"


def were_counted() -> bool:
    """Whether the long form has passed for the code as it is."""
    return COUNTED_FOR.is_file() and COUNTED_FOR.read_text() == sender_fingerprint()
