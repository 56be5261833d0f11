"""python3 dev.py mutate: whether the tests notice when a policy loses a condition or an operation a refusal.

First all tests run once and note which lines each of them reaches; that is kept until the code or the tests change.
Then each mutant of the sample runs the tests that reach it, on SQLite, half of the sample on each of two processes.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import time
from typing import Any

import coverage
import pytest

import dev
from tests.mutation.mutants import Mutant, all_mutants
from tests.mutation.runner import SECONDS_A_TEST

FOLDER = dev.BUILD / "mutation"
REACH, SECONDS, OUTCOMES = FOLDER / "reach.sqlite3", FOLDER / "seconds.json", FOLDER / "outcomes.jsonl"
SAMPLE, PROCESSES = 60, os.cpu_count() or 1
# What CI runs, on SQLite.
PICKED, CASES = "not browser and not real and not lint", ("--sampled",)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 dev.py mutate")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    return parser.parse_args()


def measure_reach() -> None:
    """Runs all tests once under coverage, unless that was done for just this code and these tests."""
    mark, stamp = (
        dev.fingerprint(dev.ROOT / "tracker", dev.ROOT / "tests", dev.ROOT / "templates"),
        FOLDER / "stamp.txt",
    )
    if stamp.is_file() and stamp.read_text() == mark:
        print("  which test reaches which line ... unchanged")
        return
    stamp.unlink(missing_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    settings = FOLDER / "coverage.ini"
    settings.write_text(f"[run]\ninclude =\n  */policies*\n  */operations*\ndata_file = {REACH}\n")
    print("  running all tests once, to see which lines each of them reaches ...", flush=True)
    cov = ["--cov", "--cov-config", str(settings), "--cov-context", "test", "--cov-report="]
    argv = ["-m", PICKED, *CASES, "-n", str(PROCESSES), "--dist", "worksteal", "-q", "--seconds", str(SECONDS), *cov]
    start = time.monotonic()
    if pytest.main(argv):
        raise dev.Stop("The tests must pass before mutants are tried.")
    OUTCOMES.unlink(missing_ok=True)
    stamp.write_text(mark)
    print(f"  {time.monotonic() - start:.0f} s")


def tests_of(mutants: list[Mutant]) -> dict[str, list[str]]:
    """For each mutant the tests that reach one of its lines, the quickest first."""
    seconds = json.loads(SECONDS.read_text())
    data = coverage.CoverageData(str(REACH))
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
        found[mutant.id] = sorted(quick, key=lambda name: quick[name])
    return found


def known_outcomes() -> dict[str, dict[str, Any]]:
    lines = OUTCOMES.read_text().splitlines() if OUTCOMES.exists() else []
    return {outcome["id"]: outcome for outcome in map(json.loads, lines)}


def run_mutants(mutants: list[Mutant], tests: dict[str, list[str]]) -> None:
    """Several processes, each with its share; what has an outcome already is not run again."""
    running = []
    for share in range(PROCESSES):
        file = FOLDER / f"share-{share}.json"
        mine = list(itertools.islice(mutants, share, None, PROCESSES))
        file.write_text(json.dumps([{**vars(one), "id": one.id, "tests": tests[one.id]} for one in mine]))
        named = sorted({name.partition("::")[0] for one in mine for name in tests[one.id]})
        plugin = [
            "-p",
            "tests.mutation.runner",
            "--mutants",
            str(file),
            "--outcomes",
            str(OUTCOMES),
            "-p",
            "no:cacheprovider",
        ]
        argv = [dev.PYTHON, "-m", "pytest", "-q", "-m", PICKED, *CASES, *plugin, *named]
        if mine:
            running.append(subprocess.Popen(argv, cwd=dev.ROOT, stdout=subprocess.DEVNULL))
    for process in running:
        process.wait()


def carry_out() -> int:
    asked = options()
    start = time.monotonic()
    measure_reach()
    mutants = [one for one in all_mutants() if asked.only in one.title]
    if not asked.full and not asked.only:
        mutants = random.Random(asked.seed).sample(mutants, SAMPLE)
    known = known_outcomes()
    left = [one for one in mutants if known.get(one.id, {"timed_out": True})["timed_out"]]
    run_mutants(left, tests_of(left))
    known = known_outcomes()
    missed = [one for one in mutants if not known.get(one.id, {}).get("caught_by")]
    for one in missed:
        told = known.get(one.id, {"tests": 0, "timed_out": True})
        reason = "not tried to the end" if told["timed_out"] else f"{told['tests']} tests reach it"
        print(f"  not caught ({reason}): {one.title}")
    caught, seconds = len(mutants) - len(missed), time.monotonic() - start
    print(f"{len(mutants)} mutants (seed {asked.seed}): {caught} caught, {len(missed)} not, in {seconds:.0f} s")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(dev.main(carry_out))
