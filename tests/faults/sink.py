"""A mail server that does what it is told: refuses, dawdles, cuts the line, or kills whoever speaks to it."""

import asyncio
import contextlib
import datetime
import email.parser
from collections import deque
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller

from tests.faults.counting import Accepted
from tests.rig import MailSink


class ScriptedSink(MailSink):
    """Keeps of every letter it accepts whom it was to, its Message-ID and Date, and when; what it is told to do holds
    from the next letter on."""

    def __init__(self) -> None:
        super().__init__()
        self.port: int = self.controller.port
        self.accepted: list[Accepted] = []
        # What it always answers to RCPT for an address.
        self.answers: dict[str, str] = {}
        # What it answers to everybody for now: to MAIL, to RCPT, after the letter.
        self.to_mail = self.to_rcpt = self.to_data = ""
        self.delay = 0.0
        # One each for letters to come, after they were accepted: what is done instead of saying so.
        self.acts: deque[Callable[[int], object]] = deque()
        # Whose letters are the end of whoever sends them, and how.
        self.deadly: frozenset[str] = frozenset()
        self.end_of: Callable[[int], object] = lambda _port: None
        self.lines: set[Any] = set()

    async def handle_EHLO(self, server: Any, session: Any, _envelope: Any, hostname: str, responses: Any) -> Any:
        session.host_name = hostname
        self.lines.add(server.transport)
        return responses

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.to_mail:
            return self.to_mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:
        if answer := self.answers.get(address) or self.to_rcpt:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.to_data:
            return self.to_data
        [to] = envelope.rcpt_tos
        if to in self.deadly:
            await asyncio.to_thread(self.end_of, session.peer[1])
            server.transport.abort()
            return "451 Nobody hears this"
        headers = email.parser.BytesHeaderParser().parsebytes(envelope.content)
        at = datetime.datetime.now(datetime.UTC)
        self.accepted.append(Accepted(to, str(headers["Message-ID"]), str(headers["Date"]), at))
        with contextlib.suppress(IndexError):
            act = self.acts.popleft()
            await asyncio.to_thread(act, session.peer[1])
            # Accepted, and nobody is told.
            server.transport.abort()
        return "250 Kept"

    def refuse(self) -> None:
        """Nobody listens any more, and who was spoken to hears nothing."""
        for line in list(self.lines):
            self.controller.loop.call_soon_threadsafe(line.abort)
        self.controller.stop()
        self.lines.clear()

    def listen(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            super().__exit__()
