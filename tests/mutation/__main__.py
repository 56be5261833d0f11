"""python3 dev.py mutate: whether the tests notice when a policy loses a condition or an operation a refusal.

First all tests run once and note which lines each of them reaches. Where only tests change after that, only those run
again. Then each mutant of the sample runs the tests that reach it, on SQLite, on as many processes as there are cores.

In pieces: --only tracker/people/policies.py tries the mutants of one module, and --tests tests/people knows no other
tests than those. What these catch, all tests catch; what they do not, others may.
"""

import argparse
import itertools
import json
import random
import subprocess
import sys
import time

import dev
from tests.mutation.allowed import ALLOWED
from tests.mutation.mutants import Mutant, all_mutants
from tests.mutation.reach import CASES, PICKED, PROCESSES, Reach

SAMPLE = 60


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 dev.py mutate")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--tests", nargs="*", default=[])
    return parser.parse_args()


def run_mutants(mutants: list[Mutant], reach: Reach) -> None:
    """Several processes, each with its share; what has an outcome already is not run again."""
    tests, running = reach.tests_of(mutants), []
    for share in range(PROCESSES):
        file, log = reach.folder / f"share-{share}.json", reach.folder / f"share-{share}.log"
        mine = list(itertools.islice(mutants, share, None, PROCESSES))
        file.write_text(json.dumps([{**vars(one), "id": one.id, "tests": tests[one.id]} for one in mine]))
        named = sorted({name.partition("::")[0] for one in mine for name in tests[one.id]})
        plugin = ["-p", "tests.mutation.runner", "--mutants", str(file), "--outcomes", str(reach.outcomes)]
        plugin += ["-p", "no:cacheprovider"]
        argv = [dev.PYTHON, "-m", "pytest", "-q", "-m", PICKED, *CASES, *plugin, *named]
        if named:
            # Not with what the first run left in the environment, such as its folder.
            with log.open("w") as out:
                running.append(subprocess.Popen(argv, cwd=dev.ROOT, env=dev.clean_env(), stdout=out, stderr=out))
    codes = [process.wait() for process in running]
    if any(codes):
        raise dev.Stop(f"The mutants could not be tried. See {reach.folder}/share-*.log")


def carry_out() -> int:
    asked = options()
    start = time.monotonic()
    reach = Reach(asked.tests)
    reach.measure()
    mutants = [one for one in all_mutants() if not asked.only or any(word in one.title for word in asked.only)]
    if not asked.full and not asked.only:
        mutants = random.Random(asked.seed).sample(mutants, SAMPLE)
    known = reach.known()
    run_mutants([one for one in mutants if known.get(one.id, {"timed_out": True})["timed_out"]], reach)
    known = reach.known()
    missed = [one for one in mutants if not known.get(one.id, {}).get("caught_by") and one.name not in ALLOWED]
    for one in mutants:
        if one.name in ALLOWED and known.get(one.id, {}).get("caught_by"):
            print(f"  caught, though allowed.py says that it cannot be: {one.title}")
    for one in missed:
        told = known.get(one.id, {"tests": 0, "timed_out": False})
        reason = "not tried to the end" if told["timed_out"] else f"{told['tests']} tests reach it"
        reason = told.get("error") or reason
        print(f"  not caught ({reason}): {one.title}")
    allowed, seconds = sum(one.name in ALLOWED for one in mutants), time.monotonic() - start
    caught = f"{len(mutants) - len(missed) - allowed} caught, {len(missed)} not, {allowed} allowed"
    print(f"{len(mutants)} mutants (seed {asked.seed}): {caught}, in {seconds:.0f} s")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(dev.main(carry_out))
