#!/usr/bin/env python3
"""Sets up, runs, tests and locks the tracker: python3 dev.py COMMAND. Needs Python 3.11 or newer and nothing else.

Everything may be repeated: what has not changed is not done again. What was installed and built stays in .venv,
node_modules and build; what the tracker remembers stays in the data folder. Delete them to begin afresh.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - the reader may have an older one
    sys.exit("Python 3.11 or newer is needed; this is {}.{}. Try: python3.11 dev.py".format(*sys.version_info))
if os.name == "nt":
    sys.exit("On Windows the tracker runs inside WSL, the Windows Subsystem for Linux.")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
BUILD = ROOT / "build"
# What every copy of the tracker begins with, in this order: a command and its file.
CONTENTS = (
    ("load_organisations", "tracker/accounts/data/kent-surrey-and-sussex.json"),
    ("load_inspection", "tracker/intake/data/west-kent-pdu-2022.json"),
    ("load_reading", "tracker/intake/data/west-kent-pdu-2022-reading.json"),
)
FIRST_ADMINISTRATOR = "python3 dev.py manage first_administrator EMAIL"

# What somebody's shell may hold for another program must not reach this one; these few are meant for it.
FOREIGN = re.compile(
    r"(TRACKER|CELERY|GUNICORN|DJANGO|EMAIL|NOTIFY|PG|PYTHON)\w*|(DATABASE|REDIS|SITE)_URL|SECRET_KEY|DEBUG|WEB_CONCURRENCY"
)
MEANT = re.compile(r"TRACKER_(TODAY|DEBUG|ALLOWED_HOSTS|DIGEST_AT|STALE_DAYS|LOG_LEVEL)")
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """Ends the program with a message for a person instead of a traceback."""


# -- doing things once, and saying so --------------------------------------------------------------------------------
@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    print(f"  {title} ... ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("not done")
        raise
    print(f"{time.monotonic() - start:.1f} s", flush=True)


def fingerprint(*paths: Path) -> str:
    """One hash over the names and contents of files and of everything in folders."""
    total = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(f"{file.relative_to(path.parent)}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()


def once(stamp: Path, mark: str, title: str, argv: list[str], env: dict[str, str]) -> None:
    """Runs a command unless the stamp says that it was run for the same mark."""
    if stamp.is_file() and stamp.read_text() == mark:
        print(f"  {title} ... unchanged")
        return
    stamp.unlink(missing_ok=True)
    with step(title):
        must(argv, env)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark)


@contextlib.contextmanager
def alone(lock: Path, refusal: str = "") -> Iterator[None]:
    """Keeps a second dev.py out: it waits, or stops with the refusal."""
    import fcntl  # not on Windows, where main() has already stopped

    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if refusal:
                raise Stop(refusal) from None
            print("  waiting for another dev.py in this folder ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end(*processes: subprocess.Popen[str], first: signal.Signals, patience: float) -> None:
    """Ends processes and whatever they started: asks, waits, then insists."""
    for sign, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        for process in processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign)
        give_up_at = time.monotonic() + seconds
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0, give_up_at - time.monotonic()))


def call(argv: list[str], env: dict[str, str], *, shown: bool = False) -> tuple[int, str]:
    """Runs a command in a process group of its own. Gives its exit code and, unless it was shown, what it said."""
    out, err = (None, None) if shown else (subprocess.PIPE, subprocess.STDOUT)
    process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=out, stderr=err, text=True, start_new_session=True)
    try:
        said, _ = process.communicate()
    except BaseException:
        end(process, first=signal.SIGINT, patience=20)
        raise
    return process.returncode, said or ""


def must(argv: list[str], env: dict[str, str]) -> str:
    code, said = call(argv, env)
    if code:
        words = " ".join(argv).replace(f"{ROOT}{os.sep}", "")
        raise Stop(f"{said.rstrip()}\n\nThis command failed (exit code {code}):\n  {words}")
    return said


def clean_env(**wanted: str) -> dict[str, str]:
    """The shell's environment without what would change the tracker behind its back."""
    kept = {name: value for name, value in os.environ.items() if MEANT.fullmatch(name) or not FOREIGN.fullmatch(name)}
    return {**kept, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}", **wanted}


# -- installing and building -----------------------------------------------------------------------------------------
def make_venv() -> None:
    wanted = "{}.{}".format(*sys.version_info)
    ask = [PYTHON, "-c", "import pip, sys; print('{}.{}'.format(*sys.version_info))"]
    if Path(PYTHON).exists() and call(ask, clean_env()) == (0, f"{wanted}\n"):
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise Stop(
            f"This Python cannot make virtual environments.\n"
            f"On Debian or Ubuntu, as root: apt-get install python3-venv   (or python{wanted}-venv)"
        )
    with step(f"making .venv with Python {wanted}"):
        must([sys.executable, "-m", "venv", "--clear", str(VENV)], clean_env())


def install(*names: str) -> None:
    make_venv()
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
    for name in names:
        file = ROOT / "requirements" / f"{name}.txt"
        title = f"installing Python packages from requirements/{name}.txt"
        once(VENV / f"stamp-{name}.txt", fingerprint(file), title, [*pip, str(file)], clean_env())


def build_look() -> None:
    """Fetches the design systems' packages, compiles them into build/look and gathers all files in build/static."""
    env, npm = clean_env(TRACKER_MODE="embedded", TRACKER_DATA_DIR=str(BUILD)), str(VENV / "bin" / "npm")
    packages = fingerprint(ROOT / "package.json", ROOT / "package-lock.json")
    fetch = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    once(ROOT / "node_modules" / "stamp.txt", packages, "fetching the look's packages", fetch, env)
    sources = fingerprint(ROOT / "tracker" / "web" / "look", ROOT / "static") + packages
    once(BUILD / "stamp-look.txt", sources, "building the look", [npm, "run", "build"], env)
    gathered = fingerprint(BUILD / "look", ROOT / "requirements" / "base.txt") + sources
    gather = [PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    once(BUILD / "stamp-static.txt", gathered, "gathering static files", gather, env)


def set_up(*requirements: str, look: bool = True) -> int:
    with alone(BUILD / "setting-up.lock"):
        install(*requirements)
        if look:
            build_look()
    return 0


# -- running ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Place:
    """Where one copy of the tracker lives; two copies differ in port and data folder."""

    host: str
    port: int
    data: Path

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def env(self, **wanted: str) -> dict[str, str]:
        # Celery's folder transport wants its folders to be there.
        for folder in ("broker/queue", "broker/control"):
            (self.data / folder).mkdir(parents=True, exist_ok=True)
        return clean_env(
            TRACKER_MODE="embedded",
            TRACKER_DATA_DIR=str(self.data),
            SITE_URL=self.url,
            SECRET_KEY=self.secret_key(),
            PYTHONUNBUFFERED="1",
            **wanted,
        )

    def secret_key(self) -> str:
        file = self.data / "secret-key"
        if not file.exists():
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(50))
        return file.read_text()

    def processes(self) -> dict[str, list[str]]:
        celery = [PYTHON, "-m", "celery", "-A", "tracker"]
        bind = f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
        limits = ["--workers", "1", "--threads", "8", "--graceful-timeout", "5", "--no-control-socket"]
        return {
            "web": [PYTHON, "-m", "gunicorn", "tracker.wsgi", "--bind", bind, *limits, "--access-logfile", "-"],
            "worker": [*celery, "worker", "-P", "solo", "--without-gossip", "--without-mingle", "-l", "INFO"],
            "clock": [*celery, "beat", "--schedule", str(self.data / "clock"), "--pidfile=", "-l", "INFO"],
        }


def here() -> Place:
    port = os.environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise Stop(f"PORT is {port!r}. It must be a number from 1 to 65535.")
    data = Path(os.environ.get("DATA_DIR") or ROOT / "data").expanduser().resolve()
    return Place(os.environ.get("HOST") or "127.0.0.1", int(port), data)


def must_be_free(place: Place) -> None:
    try:
        family = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind((place.host, place.port))
    except OSError as error:
        raise Stop(
            f"Cannot listen on {place.host} port {place.port}: {error.strerror or error}.\n"
            "Choose another, for example: PORT=8001 DATA_DIR=data-8001 python3 dev.py run"
        ) from None


def prepare(place: Place, *, empty: bool) -> None:
    """Makes the database, loads the inspection that was published, and unless empty the made-up people."""
    env, stamps = place.env(), place.data / "stamps"
    if not (place.data / "tracker.sqlite3").exists():
        shutil.rmtree(stamps, ignore_errors=True)
    if empty and (stamps / "demo.txt").exists():
        raise Stop(f"{place.data} holds the made-up people already. Choose another folder: DATA_DIR=data-empty")

    def manage(name: str, mark: str, title: str, *argv: str) -> None:
        once(stamps / f"{name}.txt", mark, title, [PYTHON, "manage.py", *argv], env)

    shape = fingerprint(*sorted(ROOT.glob("tracker/*/migrations")), ROOT / "requirements" / "base.txt")
    manage("database", shape, "preparing the database", "prepare_database")
    for command, file in CONTENTS:
        if command == "load_inspection" and not empty:
            # Before the inspection, which the story takes as loaded months ago; and only once: a second time would
            # meet what people have done since.
            manage("demo", "loaded", "loading made-up people, owners and dates", "load_demo")
        manage(command, fingerprint(ROOT / file), f"loading {file}", command, file)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - always http://
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def fail_if_ended(running: dict[str, subprocess.Popen[str]], logs: Path) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            log = logs / f"{name}.log"
            last = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise Stop(
                f"The {name} process has ended (exit code {process.returncode}), so all are stopped.\n"
                f"The last lines of {log}:\n\n{last}"
            )


def start(argv: list[str], env: dict[str, str], log: Path) -> subprocess.Popen[str]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as out:
        return subprocess.Popen(argv, cwd=ROOT, env=env, stdout=out, stderr=out, text=True, start_new_session=True)


def wait_for(url: str, running: dict[str, subprocess.Popen[str]], logs: Path, patience: float = 60) -> None:
    give_up_at = time.monotonic() + patience
    while not answers(f"{url}/health/"):
        fail_if_ended(running, logs)
        if time.monotonic() > give_up_at:
            raise Stop(f"The web process does not answer after {patience:.0f} seconds. See {logs / 'web.log'}")
        time.sleep(0.1)


def run(*, empty: bool) -> int:
    place = here()
    must_be_free(place)
    set_up("base", "build")
    running: dict[str, subprocess.Popen[str]] = {}
    logs = place.data / "logs"
    refusal = f"Another dev.py is running with {place.data}. Choose another folder, for example: DATA_DIR=data-2"
    with alone(place.data / "running.lock", refusal):
        prepare(place, empty=empty)
        shutil.rmtree(logs, ignore_errors=True)
        try:
            with step("starting web, worker and clock"):
                for name, argv in place.processes().items():
                    running[name] = start(argv, place.env(), logs / f"{name}.log")
                wait_for(place.url, running, logs)
            print(f"\nThe tracker is at {place.url}/   (Ctrl-C stops it; its output is in {logs})\n")
            if empty:
                print(
                    f"Nobody can sign in yet. In another terminal:\n  DATA_DIR={place.data} {FIRST_ADMINISTRATOR}",
                    flush=True,
                )
            else:
                print(must([PYTHON, "manage.py", "demo_people", "--skip-checks"], place.env()), flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    fail_if_ended(running, logs)
                    time.sleep(0.5)
        finally:
            for sign in STOPPING:
                signal.signal(sign, signal.SIG_IGN)
            print("Stopping ... ", end="", flush=True)
            end(*running.values(), first=signal.SIGTERM, patience=10)
            print("stopped.")
    return 0


# -- the commands ----------------------------------------------------------------------------------------------------
def lock(*, upgrade: bool) -> int:
    """Pins every package the requirements ask for, with hashes; keeps the pins that still fit unless upgrade."""
    set_up("dev", look=False)
    env = clean_env(UV_CUSTOM_COMPILE_COMMAND="python3 dev.py lock")
    how = ["--quiet", "--generate-hashes", "--universal", "--no-emit-index-url", "--python-version", "3.11"]
    for name in ("base", "build", "dev", "browser"):
        files = [f"requirements/{name}.in", "--output-file", f"requirements/{name}.txt"]
        with step(f"locking requirements/{name}.txt"):
            must([str(VENV / "bin" / "uv"), "pip", "compile", *how, *(["--upgrade"] if upgrade else []), *files], env)
    return 0


def commands() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 dev.py",
        description="Sets up, runs and tests the inspection action tracker.",
        epilog="HOST (127.0.0.1), PORT (8000) and DATA_DIR (./data) say where run and manage find their copy.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add = commands.add_parser("run", help="set up what is missing, load made-up people and start the tracker")
    add.add_argument("--empty", action="store_true", help="without the made-up people, owners and dates")
    add = commands.add_parser("manage", help="run a Django command on the data of run")
    add.add_argument("argv", nargs=argparse.REMAINDER, metavar="...")
    add = commands.add_parser("test", help="check everything, or only the tests named")
    add.add_argument("--quick", action="store_true", help="who may do what, and each verb once, on SQLite, no browser")
    add.add_argument("--full", action="store_true", help="also what is sampled otherwise: every case, the long walks")
    add.add_argument("--all", action="store_true", dest="everything", help="fail also if a tier was left out")
    add.add_argument("paths", nargs="*", metavar="PATH", help="run these on SQLite")
    add = commands.add_parser("lint", help="check style, types, templates and migrations")
    add.add_argument("--fix", action="store_true", help="mend what can be mended by itself")
    commands.add_parser("build", help="build the look")
    add = commands.add_parser("faults", help="break servers while emails are sent, and count those that arrive")
    add.add_argument("--full", action="store_true", help="500 kills over 10,000 emails, within an hour")
    add.add_argument("--smoke", action="store_true", help="each fault once, over 200 emails")
    add.add_argument("--seed", type=int, metavar="N", help="repeat the random choices of an earlier run")
    add.add_argument("--only", choices=["servers", "folder"], help="on PostgreSQL and Redis, or embedded in a folder")
    add.add_argument(
        "--letters",
        type=int,
        metavar="N",
        help="other than 1,000; with --full other than 10,000, and faults in proportion",
    )
    add = commands.add_parser("mutate", help="check that the tests notice each lost condition of a policy or operation")
    add.add_argument("--full", action="store_true", help="all mutants instead of 60; what was tried is not tried again")
    add.add_argument("--seed", type=int, default=1, metavar="N", help="another sample of 60")
    add.add_argument("--only", nargs="*", metavar="WORD", help="those with such a word in their path, name or change")
    add.add_argument("--tests", nargs="*", metavar="PATH", help="know no other tests than these")
    add = commands.add_parser("bench", help="run the benchmarks")
    add.add_argument("--quick", action="store_true", help="little of each, only to see that it works")
    add.add_argument("names", nargs="*", metavar="NAME", help="only these, such as digests")
    add = commands.add_parser("lock", help="pin the Python packages anew after a change in requirements/*.in")
    add.add_argument("--upgrade", action="store_true", help="take the newest of each")
    return parser


def become(env: dict[str, str], *argv: str) -> int:
    """Goes on as a program in .venv, with this terminal and this process's number."""
    os.chdir(ROOT)
    os.execve(PYTHON, [PYTHON, *argv], env)  # noqa: S606


def carry_out() -> int:
    asked = commands().parse_args()
    if asked.command == "run":
        return run(empty=asked.empty)
    if asked.command == "lock":
        return lock(upgrade=asked.upgrade)
    if asked.command == "manage":
        set_up("base", "build")
        return become(here().env(), "manage.py", *asked.argv)
    if asked.command == "build":
        return set_up("base", "build")
    if asked.command is None:
        commands().print_help()
        return 0
    thorough = asked.command == "test" and not asked.quick
    # The types of the browser tests are checked too, which needs the packages that they import.
    needs_browser = thorough or asked.command == "lint"
    set_up("browser" if needs_browser else "dev", look=thorough or asked.command == "bench")
    return become(clean_env(), "-m", "tests.tiers", *sys.argv[1:])


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def main(work: Callable[[], int] = carry_out) -> int:
    """Does the work; a stop and a signal end it in one line, whatever it started has been ended by then."""
    for sign in STOPPING:
        signal.signal(sign, interrupted)
    try:
        return work()
    except Stop as stop:
        print(f"\n{stop.args[0]}", file=sys.stderr)
        return int(stop.args[1]) if len(stop.args) > 1 else 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
