"""What dev.py test, lint, faults and bench run, in .venv: the tiers of checking, each with its time and its outcome."""

import contextlib
import glob
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dev

# What a test needs from the machine: its possible names and the Debian package that brings it.
PROGRAMS = {
    "postgres": (("postgres",), "postgresql"),
    "redis": (("redis-server",), "redis-server"),
    "browser": (("chromium", "chromium-browser", "google-chrome"), "chromium"),
    "office": (("soffice", "libreoffice"), "libreoffice-writer-nogui"),
    "pages": (("pdftoppm",), "poppler-utils"),
}
APART = "not browser and not real and not lint"
THIN = "sqlite or verb or plain"
QUICK = "policy or verb"
# The seconds of each test of this run, a file for each time that pytest was started.
SECONDS = dev.BUILD / "seconds"


def find(need: str) -> str:
    """The path of a program a test needs, or nothing. Debian keeps PostgreSQL's server out of PATH."""
    names, _ = PROGRAMS[need]
    aside = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres")) if need == "postgres" else []
    return next((path for name in names if (path := shutil.which(name))), aside[-1] if aside else "")


def missing(needs: tuple[str, ...]) -> str:
    packages = [PROGRAMS[need][1] for need in needs if not find(need)]
    return f"not installed: apt-get install {' '.join(packages)}" if packages else ""


def lint(*, fix: bool = False) -> int:
    """Runs every checker, also after one has complained, two at a time; 1 if any did."""
    check = [] if fix else ["--check"]
    templates = [str(path) for path in sorted((dev.ROOT / "templates").rglob("*.html"))]
    checkers = {
        # The slowest first.
        "mypy": ["mypy"],
        "ruff check": ["ruff", "check", "--quiet", "--output-format", "concise", *(["--fix"] if fix else [])],
        "ruff format": ["ruff", "format", "--output-format", "concise", *check],
        "djade": ["djade", *check, *templates],
        "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
        "layout": ["pytest", "-q", "--no-header", "-m", "lint", "tests/test_architecture.py"],
    }
    with tempfile.TemporaryDirectory() as data:
        env = dev.clean_env(TRACKER_MODE="test", TRACKER_DATA_DIR=data)

        def checked(name: str) -> int:
            start = time.monotonic()
            code, said = dev.call(checkers[name], env)
            outcome = f"  {name} ... {'complains' if code else 'fine'} ({time.monotonic() - start:.1f} s)"
            print(f"{outcome}\n{said.rstrip()}" if code else outcome, flush=True)
            return min(code, 1)

        with ThreadPoolExecutor(1 if fix else 2) as pool:
            return max(pool.map(checked, checkers))


def pytest(picks: str, *more: str, on: tuple[str, ...] = (), cores: bool = True) -> int:
    """On all cores, unless there is little to share."""
    shared = ["-n", "auto", "--dist", "worksteal"] if cores else []
    SECONDS.mkdir(parents=True, exist_ok=True)
    file = SECONDS / f"{len(list(SECONDS.iterdir()))}.json"
    argv = [dev.PYTHON, *on, "-m", "pytest", "-q", "-m", picks, "--seconds", str(file), *shared, *more]
    return dev.call(argv, dev.clean_env(TRACKER_MODE="test"), shown=True)[0]


def on_sqlite(*more: str) -> int:
    """What asks about the dialect, each verb once, what has no database; everything where PostgreSQL is not found."""
    return pytest(f"({THIN}) and {APART}" if find("postgres") else APART, *more)


def on_postgres(*more: str) -> int:
    return pytest(f"not plain and {APART}", *more, on=("-m", "tests.rig", dev.PYTHON))


def in_browser(*more: str) -> int:
    # A browser that does not answer any more may keep each test after it waiting too.
    return pytest("browser", "--timeout=180", "--session-timeout=1800", *more)


def fault_command(*more: str) -> list[str]:
    """Each fault once; the longer form with --full, and while it has not passed for the code that sends."""
    from tests.faults import were_counted

    return [
        dev.PYTHON,
        "-m",
        "tests.faults",
        "faults",
        *(["--smoke"] if "--sampled" in more and were_counted() else []),
    ]


class Beside:
    """A tier that mostly waits: it is started before the others, and its output is shown in its turn."""

    def __init__(self, log: Path, argv: list[str]) -> None:
        self.log, self.started_at = log, time.time()
        log.unlink(missing_ok=True)
        self.process = dev.start(argv, dev.clean_env(TRACKER_MODE="test"), log)

    def result(self) -> int:
        code = self.process.wait()
        print(self.log.read_text().rstrip(), flush=True)
        return code

    def seconds(self) -> float:
        """Until its last line."""
        return self.log.stat().st_mtime - self.started_at

    def end(self) -> None:
        dev.end(self.process, first=signal.SIGINT, patience=20)


# What each tier needs and runs; `more` says which cases.
TIERS: dict[str, tuple[tuple[str, ...], Callable[..., int]]] = {
    "lint": ((), lambda *more: lint()),
    "sqlite": ((), on_sqlite),
    "postgres": (("postgres",), on_postgres),
    "real": (("postgres", "redis"), lambda *more: pytest("real and not office", *more)),
    "office": (("office", "pages"), lambda *more: pytest("office", *more, cores=False)),
    "browser": (("browser",), in_browser),
}
FAULTS = ("postgres", "redis")


def test_all(*, quick: bool, full: bool, without_gap: bool) -> int:
    """Runs the tiers one after the other, and the faults beside them; says at the end what came of each."""
    shutil.rmtree(SECONDS, ignore_errors=True)
    if full:
        os.environ["TESTS_FULL"] = "1"
    more = [] if full else ["--sampled"]
    outcomes = {0: "passed", 5: "no tests"}
    results: list[tuple[str, str, float, str]] = []
    start = time.monotonic()
    no_faults = "not part of --quick" if quick else missing(FAULTS)
    with contextlib.ExitStack() as ending:
        if not no_faults:
            beside = Beside(dev.BUILD / "faults.log", fault_command(*more))
            ending.callback(beside.end)
        for name, (needs, check) in TIERS.items():
            reason = "not part of --quick" if quick and name != "sqlite" else missing(needs)
            begun, outcome = time.monotonic(), "left out"
            if not reason:
                print(f"\n== {name} ==", flush=True)
                code = pytest(f"({QUICK}) and {APART}", "--first-case") if quick else check(*more)
                outcome = outcomes.get(code, "FAILED")
            results.append((name, outcome, time.monotonic() - begun, reason))
        if no_faults:
            results.append(("faults", "left out", 0.0, no_faults))
        else:
            print("\n== faults ==", flush=True)
            results.append(("faults", outcomes.get(beside.result(), "FAILED"), beside.seconds(), "beside the others"))
    print_slowest()
    print_outcomes(results, time.monotonic() - start)
    bad = {"FAILED", "left out", "no tests"} if without_gap else {"FAILED"}
    return int(any(outcome in bad for _, outcome, _, _ in results))


def print_outcomes(results: list[tuple[str, str, float, str]], seconds: float) -> None:
    print("\ntier      outcome   seconds")
    for name, outcome, of_tier, reason in results:
        print(f"{name:9} {outcome:9} {of_tier:7.1f}  {reason}".rstrip())
    print(f"{'all':19} {seconds:7.1f}")


def print_slowest(count: int = 20) -> None:
    """The slowest tests of all tiers, set-up included."""
    of_test = [(spent, name) for file in SECONDS.glob("*.json") for name, spent in json.loads(file.read_text()).items()]
    print(f"\nthe {count} slowest tests")
    for spent, name in sorted(of_test, reverse=True)[:count]:
        print(f"{spent:7.1f}  {name[:110]}")


def test_named(paths: list[str]) -> int:
    """Runs the tests of some files or folders on SQLite, with every real server that is installed."""
    lacking = [(name, reason) for name in ("real", "browser", "office") if (reason := missing(TIERS[name][0]))]
    for name, reason in lacking:
        print(f"  tests marked {name} are left out, {reason}", flush=True)
    return pytest(" and ".join(f"not {name}" for name, _ in lacking), *paths, cores=False)


def needed(*needs: str) -> None:
    if reason := missing(needs):
        raise dev.Stop(reason, 2)


def faults(*argv: str) -> int:
    """What it is asked to do it reads from the same words as dev.py."""
    needed("postgres", "redis")
    return dev.call([dev.PYTHON, "-m", "tests.faults", *argv], dev.clean_env(TRACKER_MODE="test"), shown=True)[0]


def bench(names: list[str], *, quick: bool) -> int:
    """All of them, or those named; the worst exit code."""
    needed("postgres")
    there = sorted(file.stem.removeprefix("bench_") for file in dev.ROOT.glob("tests/bench/bench_*.py"))
    if unknown := [name for name in names if name not in there]:
        raise dev.Stop(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(there)}", 2)
    env, how = dev.clean_env(TRACKER_MODE="test"), ["--quick"] if quick else []
    runs = [[dev.PYTHON, "-m", f"tests.bench.bench_{name}", *how] for name in names or there]
    return max(dev.call(argv, env, shown=True)[0] for argv in runs)


def carry_out() -> int:
    asked = dev.commands().parse_args()
    if asked.command == "bench":
        return bench(asked.names, quick=asked.quick)
    if asked.command == "faults":
        return faults(*sys.argv[1:])
    if asked.command == "mutate":
        return dev.call(
            [dev.PYTHON, "-m", "tests.mutation", *sys.argv[2:]], dev.clean_env(TRACKER_MODE="test"), shown=True
        )[0]
    if asked.command == "lint":
        return lint(fix=asked.fix)
    if asked.paths:
        return test_named(asked.paths)
    return test_all(quick=asked.quick, full=asked.full, without_gap=asked.everything)


if __name__ == "__main__":
    sys.exit(dev.main(carry_out))
