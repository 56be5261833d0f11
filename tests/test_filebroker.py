"""The folder that is the broker of embedded mode: a message is found whole, or not at all."""

import contextlib
import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection

from tracker.celery import app
from tracker.filebroker import Transport

pytestmark = pytest.mark.sqlite

MESSAGES = 3_000


def channel(folder: Path) -> Any:
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder / "control"}
    connection: Any = Connection
    return connection(transport=Transport, transport_options=options).channel()


def test_message_is_never_read_before_it_is_complete(tmp_path: Path) -> None:
    putting, taking = channel(tmp_path), channel(tmp_path)

    def put() -> None:
        for number in range(MESSAGES):
            putting._put("celery", {"number": number, "body": "x" * 200})

    writer = threading.Thread(target=put)
    writer.start()
    found: list[int] = []
    end = time.monotonic() + 60
    while len(found) < MESSAGES and time.monotonic() < end:
        with contextlib.suppress(Empty):
            found.append(taking._get("celery")["number"])
    writer.join()
    assert sorted(found) == list(range(MESSAGES))
    assert not list(tmp_path.glob("*.*"))


def test_queues_are_bound_at_the_same_time(tmp_path: Path) -> None:
    names = [f"queue{number}" for number in range(40)]
    channels = [channel(tmp_path) for _name in names]
    failed: list[Exception] = []

    def bind(one: Any, name: str) -> None:
        try:
            one._queue_bind("celery", "celery", "", name)
            one.get_table("celery")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=bind, args=pair) for pair in zip(channels, names, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_embedded_mode_uses_it() -> None:
    assert isinstance(app.connection_for_read().transport, Transport)
    assert isinstance(app.connection_for_write().transport, Transport)
