"""Real servers for tests, on spare ports of this machine, stopped in any case.

python -m tests.rig COMMAND ... runs a command with the DATABASE_URL of a fresh PostgreSQL.
"""

import atexit
import contextlib
import email
import email.policy
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import psycopg
from aiosmtpd.controller import Controller
from psycopg import sql

import dev
from tests.tiers import find

# The day on which the product's processes believe they run, and on which the made-up story is told.
DAY = "2026-11-23"
OWNER, APP, TEMPLATE = "tracker_owner", "tracker_app", "tracker_template"
PATIENCE = 30.0


def spare_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def wait_until(true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    give_up_at = time.monotonic() + patience
    while not true():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"Not within {patience:.0f} seconds: {what}")
        time.sleep(0.05)


def listening(port: int) -> bool:
    with socket.socket() as door:
        door.settimeout(1)
        return door.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A program with a folder, a port and a process group of its own. As a context it is started and stopped."""

    first_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.port = spare_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"tracker-{type(self).__name__.lower()}-"))
        self.process: subprocess.Popen[str] | None = None

    def argv(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> Self:
        atexit.register(self.stop)
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                self.argv(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
                user=ordinary_user(),
            )
        wait_until(self.ready, f"{type(self).__name__} answers, see {self.folder / 'log'}")
        return self

    def ready(self) -> bool:
        return listening(self.port)

    def halt(self) -> None:
        """Ends the program and keeps its folder: start() goes on from there, on the same port."""
        if self.process:
            dev.end(self.process, first=self.first_signal, patience=10)
        self.process = None

    def kill(self) -> None:
        """As if the power were cut: -9 for the whole process group."""
        if self.process:
            dev.end(self.process, first=signal.SIGKILL, patience=10)
        self.process = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def ordinary_user() -> int | None:
    """Who runs the servers when the tests are run by root, whom PostgreSQL refuses."""
    if os.geteuid():
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_uid
    return pwd.getpwnam("nobody").pw_uid


class Postgres(Server):
    """PostgreSQL with the owner's role, which makes tables, and the application's, which only uses them."""

    first_signal = signal.SIGINT  # "fast": open sessions are ended, not waited for

    def __init__(self) -> None:
        super().__init__()
        self.programs = Path(find("postgres")).parent
        self.databases = 0

    def start(self) -> Self:
        born = (self.folder / "rows").exists()
        if not born:
            self.initialise()
        super().start()
        if not born:
            self.execute("CREATE ROLE {} LOGIN CREATEDB CREATEROLE", OWNER)
            self.execute("CREATE ROLE {} LOGIN", APP)
            self.execute("GRANT {} TO {}", APP, OWNER)
        return self

    def initialise(self) -> None:
        user = ordinary_user()
        if user is not None:
            os.chown(self.folder, user, -1)
        where = [str(self.programs / "initdb"), "-D", str(self.folder / "rows"), "-U", "postgres"]
        how = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([*where, *how], cwd=self.folder, user=user, check=True, capture_output=True, timeout=120)

    def argv(self) -> list[str]:
        # Compiling a statement takes longer than running it over the few rows of a test.
        unsafe_and_fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off"]
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        options = [part for setting in settings + unsafe_and_fast for part in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.folder / "rows"), *options]

    def ready(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self.execute("SELECT 1")
            return True
        return False

    def url(self, database: str, role: str = APP) -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, *names: str, database: str = "postgres", role: str = "postgres") -> list[Any]:
        """Runs one statement, by default with all rights; {} stands for a quoted name. Gives the rows, if any."""
        with psycopg.connect(self.url(database, role), autocommit=True, connect_timeout=5) as connection:
            text = sql.SQL(statement).format(*map(sql.Identifier, names))
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def fresh_database(self) -> str:
        """A new database with the inspection and the made-up people in it, a copy of one that is prepared once."""
        if not self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):
            self.execute("CREATE DATABASE {} OWNER {}", TEMPLATE, OWNER)
            with tempfile.TemporaryDirectory() as data:
                settings = {"TRACKER_MODE": "test", "TRACKER_DATA_DIR": data, "TRACKER_TODAY": DAY}
                env = dev.clean_env(**settings, DATABASE_URL=self.url(TEMPLATE, OWNER))
                fill(env, ("grant_access", "--role", APP))
        self.databases += 1
        name = f"tracker_{self.databases}"
        self.execute("CREATE DATABASE {} TEMPLATE {} OWNER {}", name, TEMPLATE, OWNER)
        return name

    def drop(self, database: str) -> None:
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def fill(env: dict[str, str], *more: tuple[str, ...]) -> None:
    """Makes the tables and loads what a demonstration shows."""
    organisations, *reports = dev.CONTENTS
    for command in (("prepare_database",), *more, organisations, ("load_demo",), *reports):
        dev.must([dev.PYTHON, "manage.py", *command], env)


class Redis(Server):
    """Redis that keeps nothing on disk."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def argv(self) -> list[str]:
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", "/tmp"]
        return [find("redis"), *where, "--save", "", "--appendonly", "no"]


class MailSink:
    """A mail server that keeps every letter it accepts; with refusal set it answers that instead ("451 Later")."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal = ""
        self.controller = Controller(self, hostname="127.0.0.1", port=spare_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        if self.refusal:
            return self.refusal
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Kept"

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()


class Site:
    """The whole product as processes: web, worker and clock, each with a process group of its own.

    Without servers it is embedded in the folder; with them it runs on a database of PostgreSQL, Redis and a mail
    server. As a context it is started, and killed at the end."""

    def __init__(self, folder: Path, *, today: str, **servers: str) -> None:
        self.place = dev.Place("127.0.0.1", spare_port(), folder)
        self.logs = folder / "logs"
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.env = self.place.env(TRACKER_TODAY=today)
        if servers:
            self.env |= {"TRACKER_MODE": "test", "EMAIL_FROM": "Tracker <tracker@example.test>", **servers}
        self.argvs = self.place.processes()
        if servers:
            self.argvs["worker"] = [{"-P": "-c", "solo": "2"}.get(word, word) for word in self.argvs["worker"]]

    @property
    def url(self) -> str:
        return self.place.url

    def start(self, *names: str) -> Self:
        """Starts the named processes, by default all three, and waits until the web answers if it is among them."""
        atexit.register(self.kill)
        for name in names or self.argvs:
            self.running[name] = dev.start(self.argvs[name], self.env, self.logs / f"{name}.log")
        if "web" in self.running:
            dev.wait_for(self.url, self.running, self.logs, PATIENCE)
        return self

    def kill(self, *names: str) -> None:
        """As if the power were cut: -9 for the process groups of the named processes, by default all."""
        gone = [self.running.pop(name) for name in names or list(self.running)]
        dev.end(*gone, first=signal.SIGKILL, patience=10)

    def stop(self) -> None:
        """Lets all finish what they do, which takes the worker some seconds."""
        dev.end(*self.running.values(), first=signal.SIGTERM, patience=20)
        self.running.clear()

    def manage(self, *argv: str, **env: str) -> str:
        """Runs a Django command on the site's data; gives what it printed."""
        return dev.must([dev.PYTHON, "manage.py", *argv], {**self.env, **env})

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def address(self, path: str) -> str:
        return urllib.parse.urljoin(self.url, path)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
        atexit.unregister(self.kill)


def main() -> int:
    with Postgres() as server:
        env = {**os.environ, "DATABASE_URL": server.url("tracker", OWNER)}
        try:
            return subprocess.call(sys.argv[1:], env=env)
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
