"""Which test reaches which line of a policy or operation.

Where only tests, policies and operations have changed, only these tests and those that reach them run again.
"""

import hashlib
import json
import os
import time
from typing import Any

import coverage
import pytest

import dev
from tests.mutation.mutants import OPERATIONS, POLICIES, Mutant, mutated_modules
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
        changed = self._changed(now, before if is_same else {"tests": {}, "modules": {}})
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

    def _changed(self, now: dict[str, Any], before: dict[str, Any]) -> list[str]:
        """Files of tests that are new or other than before, and those that reach such a module."""
        tests = {file for file, mark in now["tests"].items() if before["tests"].get(file) != mark}
        if before["modules"]:
            reached = self._contexts()
            for module, mark in now["modules"].items():
                if before["modules"].get(module) != mark:
                    tests |= {name.partition("::")[0] for names in reached.get(module, {}).values() for name in names}
        return sorted(tests & now["tests"].keys())

    def _marks(self) -> dict[str, Any]:
        """Hashes of each file of tests, of each module that has mutants, and of everything else that tests reach."""
        here = [dev.ROOT / path.partition("::")[0] for path in self.tests] or [TESTS]
        tests = sorted({file for path in here for file in (path.rglob("test_*.py") if path.is_dir() else [path])})
        others = [file for file in sorted(TESTS.rglob("*")) if file.is_file() and not file.match("test_*.py")]
        others = [file for file in others if not {"__pycache__", "mutation"} & set(file.parts)]
        modules = mutated_modules(dev.ROOT / "tracker")
        rest = [file for file in sorted((dev.ROOT / "tracker").rglob("*")) if file.is_file() and file not in modules]
        rest = [file for file in rest if "__pycache__" not in file.parts]
        return {
            "code": dev.fingerprint(dev.ROOT / "templates", *others, *rest),
            "modules": {str(file.relative_to(dev.ROOT)): dev.fingerprint(file) for file in modules},
            "tests": {str(file.relative_to(dev.ROOT)): dev.fingerprint(file) for file in tests},
        }

    def _run(self, tests: list[str]) -> None:
        settings, seconds = self.folder / "coverage.ini", self.folder / "seconds-now.json"
        included = "".join(f"  */{name}*\n" for name in sorted(POLICIES | OPERATIONS))
        settings.write_text(f"[run]\ninclude =\n{included}data_file = {self.lines}\n")
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

    def _contexts(self) -> dict[str, dict[int, list[str]]]:
        """By module and line what has reached it: tests, and what they say about their phase after a bar."""
        data = coverage.CoverageData(str(self.lines))
        data.read()
        paths = {file: file.rpartition(f"{os.sep}tracker{os.sep}")[2] for file in data.measured_files()}
        return {f"tracker/{path}": data.contexts_by_lineno(file) for file, path in paths.items()}

    def tests_of(self, mutants: list[Mutant]) -> dict[str, list[str]]:
        """For each mutant the tests that reach one of its lines, the quickest first."""
        seconds, reached, found = json.loads(self.seconds.read_text()), self._contexts(), {}
        for mutant in mutants:
            contexts = {one for line in mutant.lines for one in reached.get(mutant.path, {}).get(line, [])}
            names = {context.rpartition("|")[0] for context in contexts} - {""}
            quick = {name: seconds.get(name, 0.0) for name in names if seconds.get(name, 0.0) < SECONDS_A_TEST}
            there = [name for name in quick if (dev.ROOT / name.partition("::")[0]).is_file()]
            found[mutant.id] = sorted(there, key=lambda name: quick[name])
        return found
