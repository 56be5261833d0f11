"""The two places where faults happen: the product on real servers, and embedded in one folder."""

import contextlib
import datetime
import email.parser
import os
import random
import signal
import socket
import sqlite3
import subprocess
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import seeding
from tests.faults import counting, processes
from tests.faults.counting import Accepted, Expected, Row
from tests.faults.sink import ScriptedSink
from tests.rig import DAY, Postgres, Redis, Site

# Shorter than on a server, where they are minutes. A lease must outlast the slowest answer of the mail server here.
HURRY = {"TRACKER_DIGEST_AT": "00:00", "TRACKER_LEASE_SECONDS": "6", "TRACKER_BACKOFF_SECONDS": "1,2,3,4,5"}
TODAY = datetime.date.fromisoformat(DAY)


class Stage(ABC):
    """A site with its worker and its clock, from outside: what it sent, and what its table says."""

    # How many processes of a worker may hold a letter at the same moment.
    processes: int
    expected: Expected

    def __init__(self, site: Site, dice: random.Random) -> None:
        self.site = site
        self.dice = dice
        self.kills = 0
        # What may end a sender between the mail server's yes and the row, each a reason for one repeat a process.
        self.cuts = 0
        # Letters that were accepted without saying so, each a reason for one repeat.
        self.unsaid = 0
        self.fell_over: Counter[str] = Counter()
        site.env |= HURRY
        clock = site.argvs["clock"]
        site.argvs["second clock"] = [f"{word}-2" if word.endswith("/clock") else word for word in clock]
        assert site.argvs["second clock"] != clock

    @abstractmethod
    def seed(self, count: int) -> None:
        """So many people to whom a letter must go, once the clock runs."""

    @abstractmethod
    def accepted(self) -> list[Accepted]: ...

    @abstractmethod
    def table(self) -> list[Row]: ...

    def reached(self) -> int:
        """How many people have their letter, as long as nobody has two."""
        return len({letter.to for letter in self.accepted()})

    def not_happened(self) -> list[str]:
        """What was to happen to a letter that never came."""
        return []

    def raise_what_fell_over(self) -> None:
        """As systemd and compose do with what ends by itself, which Celery's worker may do when Redis leaves it."""
        for name, process in list(self.site.running.items()):
            if process.poll() is not None:
                self.fell_over[name] += 1
                self.cuts += name == "worker"
                self.site.kill(name)
                self.site.start(name)

    def senders(self) -> list[int]:
        """The processes of the worker that send."""
        worker = self.site.running.get("worker")
        return processes.children(worker.pid) if worker else []

    def kill(self, *names: str) -> None:
        self.site.kill(*names)
        self.kills += len(names)

    @property
    def repeats_allowed(self) -> int:
        return self.cuts * self.processes + self.unsaid


class Servers(Stage):
    """PostgreSQL, Redis, a worker of two processes, and a mail server that does what it is told."""

    processes = 2

    def __init__(self, folder: Path, postgres: Postgres, redis: Redis, sink: ScriptedSink, dice: random.Random) -> None:
        self.postgres, self.redis, self.sink = postgres, redis, sink
        self.database = postgres.fresh_database()
        urls = {"DATABASE_URL": postgres.url(self.database), "REDIS_URL": redis.url, "EMAIL_URL": sink.url}
        super().__init__(Site(folder, today=DAY, **urls), dice)

    def seed(self, count: int) -> None:
        with psycopg.connect(self.postgres.url(self.database, "postgres")) as connection:
            people = seeding.overdue_people(connection, count, on=TODAY)
            connection.execute("ANALYZE")
        odd = self.dice.sample(people, 6)
        self.expected = Expected(frozenset(people), frozenset(odd[:3]), frozenset(odd[3:5]), frozenset(odd[5:]))
        self.sink.answers |= dict.fromkeys(odd[:3], "550 5.1.1 There is nobody of that name here")
        self.sink.answers |= dict.fromkeys(odd[3:5], "451 4.7.1 Greylisted, come again later")
        self.sink.deadly, self.sink.end_of = self.expected.deadly, self.kill_before_it_is_taken

    def accepted(self) -> list[Accepted]:
        return list(self.sink.accepted)

    def not_happened(self) -> list[str]:
        return [act.__name__ for act in self.sink.acts]

    def table(self) -> list[Row]:
        return counting.rows(self.postgres.execute(counting.QUERY, database=self.database))

    def flush(self) -> None:
        with socket.create_connection(("127.0.0.1", self.redis.port), timeout=5) as line:
            line.sendall(b"FLUSHALL\r\n")
            assert line.recv(100).startswith(b"+OK")

    def freeze_redis(self) -> None:
        assert self.redis.process
        os.killpg(self.redis.process.pid, signal.SIGSTOP)

    def thaw_redis(self) -> None:
        assert self.redis.process
        os.killpg(self.redis.process.pid, signal.SIGCONT)

    def cut_off_database(self) -> None:
        with contextlib.suppress(psycopg.OperationalError):
            self.postgres.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{self.database}' AND pid <> pg_backend_pid()"
            )

    def kill_before_it_is_taken(self, port: int) -> None:
        """Called by the mail server in the middle of a letter."""
        speaker = processes.holder_of(port, self.senders())
        if speaker and processes.kill(speaker):
            self.kills += 1

    def kill_whoever_speaks_from(self, port: int) -> None:
        """The same, when the letter was taken."""
        self.kill_before_it_is_taken(port)
        self.unsaid += 1

    def say_nothing(self, _port: int) -> None:
        self.unsaid += 1


class Embedded(Stage):
    """One folder, as dev.py runs it: SQLite, a folder as broker, a folder that letters go into, one process."""

    processes = 1

    def __init__(self, folder: Path, dice: random.Random) -> None:
        super().__init__(Site(folder, today=DAY), dice)
        self.folder = folder
        self.mail = folder / "mail"
        self.mail.mkdir(exist_ok=True)
        self.own_disk = False

    def seed(self, count: int) -> None:
        with contextlib.closing(sqlite3.connect(self.folder / "tracker.sqlite3")) as database, database:
            self.expected = Expected(frozenset(seeding.overdue_people(database, count, on=TODAY)))

    @contextmanager
    def disk_for_mail(self) -> Iterator[None]:
        """A small disk of its own under the mail folder, where this machine allows it."""
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(self.mail)]
        with contextlib.suppress(OSError):
            self.own_disk = subprocess.run(mount, capture_output=True).returncode == 0
        try:
            yield
        finally:
            if self.own_disk:
                subprocess.run(["umount", "--lazy", str(self.mail)], check=True)

    def fill_disk(self) -> None:
        with contextlib.suppress(OSError), (self.mail / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 512)

    def empty_disk(self) -> None:
        (self.mail / "filler").unlink(missing_ok=True)

    def letters(self) -> list[Path]:
        return sorted(self.mail.glob("*.eml"))

    def reached(self) -> int:
        # No person has two unless something went wrong, which is counted at the end.
        return len(self.letters())

    def accepted(self) -> list[Accepted]:
        found = []
        for path in self.letters():
            headers = email.parser.BytesHeaderParser().parsebytes(path.read_bytes())
            at = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
            found.append(Accepted(str(headers["To"]), str(headers["Message-ID"]), str(headers["Date"]), at))
        return found

    def table(self) -> list[Row]:
        with contextlib.closing(sqlite3.connect(self.folder / "tracker.sqlite3", timeout=20)) as database:
            return counting.rows(database.execute(counting.QUERY))

    def hold_database(self, seconds: float) -> None:
        """Somebody else writes for a while."""
        with contextlib.closing(sqlite3.connect(self.folder / "tracker.sqlite3", timeout=20)) as database:
            database.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            database.rollback()

    def empty_broker(self) -> None:
        for message in (self.folder / "broker" / "queue").iterdir():
            message.unlink(missing_ok=True)
