"""Scans bytes with clamd over its INSTREAM command. An unreachable scanner is not an error here."""

import logging
import socket
import time
from collections.abc import Iterable
from enum import Enum

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
CONNECT_SECONDS = 2.0
SECONDS = 10.0
LONGEST_ANSWER = 4096


class Verdict(Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    # No scanner is configured, it did not answer in time, or its answer was inconclusive.
    UNKNOWN = "unknown"


def ask(address: str, content: Iterable[bytes], *, seconds: float = SECONDS) -> Verdict:
    """`address` is the path of a socket or host:port."""
    try:
        answer = _asked(address, content, time.monotonic() + seconds)
    except (OSError, ValueError) as error:
        logger.warning("The virus scanner at %s does not answer: %s", address, error)
        return Verdict.UNKNOWN
    if answer == "stream: OK":
        return Verdict.CLEAN
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict.INFECTED
    logger.warning("The virus scanner at %s answers %r.", address, answer[:200])
    return Verdict.UNKNOWN


def _asked(address: str, content: Iterable[bytes], give_up_at: float) -> str:
    with _connected(address) as door:
        _send(door, b"zINSTREAM\0", give_up_at)
        for piece in content:
            for at in range(0, len(piece), CHUNK):
                part = piece[at : at + CHUNK]
                _send(door, len(part).to_bytes(4, "big") + part, give_up_at)
        _send(door, bytes(4), give_up_at)
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            door.settimeout(_left(give_up_at))
            if not (part := door.recv(LONGEST_ANSWER)):
                break
            answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _send(door: socket.socket, data: bytes, give_up_at: float) -> None:
    door.settimeout(_left(give_up_at))
    door.sendall(data)


def _left(give_up_at: float) -> float:
    left = give_up_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("not in time")
    return left


def _connected(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    door = socket.socket(socket.AF_UNIX)
    try:
        door.settimeout(CONNECT_SECONDS)
        door.connect(address)
    except OSError:
        door.close()
        raise
    return door
