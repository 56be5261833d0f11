"""Who is whose child, and who holds a connection, as Linux tells in /proc."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def children(pid: int) -> list[int]:
    """The processes that this one has started and that live."""
    found = []
    for stat in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "7 (a name) S 1 ...": the name may hold anything, also a bracket.
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(stat.parent.name))
    return sorted(found)


def holder_of(port: int, among: list[int]) -> int | None:
    """Which of these processes speaks from that port of this machine."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for pid in among:
        for link in PROC.glob(f"{pid}/fd/*"):
            with contextlib.suppress(OSError):
                if str(link.readlink()) in sockets:
                    return pid
    return None


def _inodes(port: int) -> Iterator[str]:
    for line in (PROC / "net" / "tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if int(columns[1].partition(":")[2], 16) == port:
            yield columns[9]


def kill(pid: int) -> bool:
    """-9; whether there was anybody to be killed."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False
