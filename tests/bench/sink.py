"""python -m tests.bench.sink PORT FILE: a mail server in a process of its own, which appends every letter to a file.

Each letter is a line of JSON (who from, who to, how many bytes) and then its bytes.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from aiosmtpd.smtp import SMTP


class Letter(NamedTuple):
    sender: str
    to: str
    content: bytes


class Keeper:
    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        head = {"from": envelope.mail_from, "to": envelope.rcpt_tos[0], "size": len(envelope.content)}
        self.file.write(json.dumps(head).encode() + b"\n" + envelope.content)
        return "250 Kept"


def letters(file: Path) -> Iterator[Letter]:
    with file.open("rb") as kept:
        while line := kept.readline():
            head = json.loads(line)
            yield Letter(head["from"], head["to"], kept.read(head["size"]))


async def main(port: int, path: str) -> None:
    with open(path, "ab", buffering=0) as file:
        keeper = Keeper(file)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(keeper, hostname="sink"), "127.0.0.1", port)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
