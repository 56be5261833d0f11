"""The broker of embedded mode: kombu's folder of files, whose messages are there only once they are written whole.

kombu opens a message under its name before it writes it, and a worker that finds it empty stops: of 2,858 messages put
and taken at the same time 4 were found so.
"""

import os
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils import json

T = TypeVar("T")
TRIES, PAUSE = 40, 0.05
as_text: Callable[[Any], str] = json.dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Written beside, and then given its name, by which it is found."""
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}"
        beside, there = (os.path.join(self.data_folder_out, f"{name}.{end}") for end in ("part", f"{queue}.msg"))
        try:
            with open(beside, "w", encoding="utf-8") as file:
                file.write(as_text(payload))
            os.replace(beside, there)
        except OSError as error:
            raise ChannelError(f"Cannot add {there!r}") from error

    def get_table(self, exchange: str) -> Any:
        look: Callable[[str], Any] = super().get_table
        return _once_written(lambda: look(exchange))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        bind: Callable[..., None] = super()._queue_bind
        _once_written(lambda: bind(exchange, routing_key, pattern, queue))


def _once_written(look: Callable[[], T]) -> T:
    """The table of an exchange is opened before it is written as well, once in the life of a folder."""
    for _try in range(TRIES):
        try:
            return look()
        except ValueError:
            time.sleep(PAUSE)
    return look()


class Transport(filesystem.Transport):
    Channel = Channel
