"""Which test reaches which line of a policy or operation. Where only tests have changed, only those run again."""

import hashlib
import json
import os
import time
from typing import Any

import coverage
import pytest

import dev
from tests.mutation.mutants import Mutant
from tests.mutation.runner import SECONDS_A_TEST

FOLDER, TESTS = dev.BUILD / "mutation", dev.ROOT / "tests"
PROCESSES = os.cpu_count() or 1
# What CI runs, on SQLite.
PICKED, CASES = "not browser and not real and not lint", ("--sampled",)


class Reach:
    """Of these tests, or of all; with what became of the mutants that they were tried on."""

    def __init__(self, tests: list[str]) -> None:
        self.tests = tests
        self.folder = FOLDER / hashlib.sha256(repr(sorted(tests)).encode()).hexdigest()[:12] if tests else FOLDER
        self.lines, self.seconds = self.folder / "reach.sqlite3", self.folder / "seconds.json"
        self.outcomes, self.stamp = self.folder / "outcomes.jsonl", self.folder / "stamp.json"

    def measure(self) -> None:
        """Runs the tests under coverage that have not run so for just this code."""
        now, before = self._marks(), json.loads(self.stamp.read_text()) if self.stamp.is_file() else {}
        is_same = before.get("code") == now["code"]
        known: dict[str, str] = before["tests"] if is_same else {}
        changed = [file for file, mark in now["tests"].items() if known.get(file) != mark]
        if not changed:
            print("  which test reaches which line ... unchanged")
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if not is_same:
            for file in (self.lines, self.seconds, self.outcomes):
                file.unlink(missing_ok=True)
        print(f"  running {len(changed)} files of tests, to see which lines each test reaches ...", flush=True)
        start = time.monotonic()
        self._run(changed if is_same else self.tests)
        self._forget(set(changed))
        self.stamp.write_text(json.dumps(now))
        print(f"  {time.monotonic() - start:.0f} s")

    def _marks(self) -> dict[str, Any]:
        """Hashes of each file of tests, and one of everything else that decides which lines they reach."""
        here = [dev.ROOT / path.partition("::")[0] for path in self.tests] or [TESTS]
        tests = sorted({file for path in here for file in (path.rglob("test_*.py") if path.is_dir() else [path])})
        others = [file for file in sorted(TESTS.rglob("*")) if file.is_file() and not file.match("test_*.py")]
        others = [file for file in others if not {"__pycache__", "mutation"} & set(file.parts)]
        code = dev.fingerprint(dev.ROOT / "tracker", dev.ROOT / "templates", *others)
        return {"code": code, "tests": {str(file.relative_to(dev.ROOT)): dev.fingerprint(file) for file in tests}}

    def _run(self, tests: list[str]) -> None:
        settings, seconds = self.folder / "coverage.ini", self.folder / "seconds-now.json"
        settings.write_text(f"[run]\ninclude =\n  */policies*\n  */operations*\ndata_file = {self.lines}\n")
        argv = ["-m", PICKED, *CASES, "-n", str(PROCESSES), "--dist", "worksteal", "-q", "--seconds", str(seconds)]
        argv += ["--cov", "--cov-append", "--cov-config", str(settings), "--cov-context", "test", "--cov-report="]
        code = pytest.main([*argv, *tests])
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            raise dev.Stop("The tests must pass before mutants are tried.")
        known = json.loads(self.seconds.read_text()) if self.seconds.is_file() else {}
        self.seconds.write_text(json.dumps(known | json.loads(seconds.read_text())))

    def _forget(self, changed: set[str]) -> None:
        """Keeps of the outcomes what a test caught that has not changed."""
        kept = [one for one in self.known().values() if one["caught_by"].partition("::")[0] not in {*changed, ""}]
        self.outcomes.write_text("".join(json.dumps(one) + "\n" for one in kept))

    def known(self) -> dict[str, dict[str, Any]]:
        """What became of each mutant, by its id."""
        lines = self.outcomes.read_text().splitlines() if self.outcomes.exists() else []
        return {outcome["id"]: outcome for outcome in map(json.loads, lines)}

    def tests_of(self, mutants: list[Mutant]) -> dict[str, list[str]]:
        """For each mutant the tests that reach one of its lines, the quickest first."""
        seconds = json.loads(self.seconds.read_text())
        data = coverage.CoverageData(str(self.lines))
        data.read()
        reached: dict[str, dict[int, list[str]]] = {}
        for file in data.measured_files():
            path = file.rpartition(f"{os.sep}tracker{os.sep}")[2]
            reached[f"tracker/{path}"] = data.contexts_by_lineno(file)
        found = {}
        for mutant in mutants:
            contexts = {one for line in mutant.lines for one in reached.get(mutant.path, {}).get(line, [])}
            names = {context.rpartition("|")[0] for context in contexts} - {""}
            quick = {name: seconds.get(name, 0.0) for name in names if seconds.get(name, 0.0) < SECONDS_A_TEST}
            there = [name for name in quick if (dev.ROOT / name.partition("::")[0]).is_file()]
            found[mutant.id] = sorted(there, key=lambda name: quick[name])
        return found
