"""The folder that stands for a mail server, when its disk is full."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage

from tracker.reminders.mailfolder import EmailBackend, letters


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_is_an_error_and_leaves_no_partial_file(settings: Any, tmp_path: Path) -> None:
    settings.MAIL_DIR = tmp_path
    letter = EmailMessage("Three overdue", "A line of text.\n" * 500, "tracker@example.test", ["head@example.test"])
    with room_for(4096), pytest.raises(OSError, match="File too large"):
        EmailBackend().send_messages([letter])
    assert list(tmp_path.iterdir()) == []
    assert EmailBackend().send_messages([letter]) == 1
    assert [(mail.to, mail.subject) for mail in letters()] == [("head@example.test", "Three overdue")]
