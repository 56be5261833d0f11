"""A pytest plugin that runs, instead of the tests, the tests of each mutant in a fork of the prepared process.

Everything is imported and the database is made once. A fork gets the mutant's code in place of the function's and runs
the tests that reach its lines, the quickest first, until one fails.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from dev import ROOT

# Seconds of the processor after which a mutant is given up, which other work on the machine does not use up; seconds
# after which one that only waits is; and a test that takes so long by itself is left out.
PROCESSOR_SECONDS, SECONDS_A_MUTANT, SECONDS_A_TEST = 120, 900, 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", type=Path, help="a JSON list of {id, path, function, source, tests}")
    parser.addoption("--outcomes", type=Path, help="where a JSON line for each mutant is added")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    items = {item.nodeid: item for item in session.items}
    mutants = json.loads(session.config.getoption("mutants").read_text())
    prepare(session.items)
    refuse_false_alarm(mutants, items)
    with session.config.getoption("outcomes").open("a") as out:
        for mutant in mutants:
            tests = [items[name] for name in mutant["tests"] if name in items]
            failed = in_fork(lambda: first_failure(mutant, tests))  # noqa: B023 - called at once
            # What is no test's failure has caught nothing.
            error = failed if failed and failed not in items else ""
            told = {"caught_by": "" if error else failed or "", "timed_out": failed is None, "error": error}
            out.write(json.dumps({"id": mutant["id"], "tests": len(tests), **told}) + "\n")
            out.flush()
    return True


def prepare(items: list[pytest.Item]) -> None:
    """Makes what the whole session shares, by running one test that uses the database."""
    first = next(item for item in items if "cast" in getattr(item, "fixturenames", ()))
    # Of another file or, where there is only one, another of it: what both share stays, and this test's own ends.
    other = next((item for item in items if item.path != first.path), None) or next(
        item for item in [*reversed(items)] if item is not first
    )
    reports = runtestprotocol(first, log=False, nextitem=other)
    failed = [report.longreprtext for report in reports if report.failed]
    if failed:
        raise pytest.UsageError(f"{first.nodeid} fails without any mutant:\n{failed[0]}")


def refuse_false_alarm(mutants: list[dict[str, Any]], items: dict[str, pytest.Item]) -> None:
    """The quickest test of each mutant passes without it; otherwise every mutant would count as caught."""
    tests = list({name: items[name] for mutant in mutants for name in mutant["tests"][:1] if name in items}.values())
    failed = in_fork(lambda: first_failed(tests))
    if failed:
        raise pytest.UsageError(f"{failed} fails without any mutant.")


def in_fork(work: Callable[[], str]) -> str | None:
    """What the work gives in a copy of this process; None if that does not end in time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS_A_MUTANT)
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 5))
        try:
            os.write(writing, work().encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}"[:500].encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _pid, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else told


def first_failure(mutant: dict[str, Any], tests: list[pytest.Item]) -> str:
    """The name of the first test that fails with the mutant in place, or nothing; or an error that is no test's."""
    put_in_place(mutant)
    return first_failed(tests)


def first_failed(tests: list[pytest.Item]) -> str:
    for item, following in zip(tests, [*tests[1:], None], strict=False):
        reports = runtestprotocol(item, log=False, nextitem=following or item)
        if any(report.failed for report in reports):
            return item.nodeid
    return ""


def put_in_place(mutant: dict[str, Any]) -> None:
    path = str(ROOT / mutant["path"])
    code = next(code for code in codes_in(compile(mutant["source"], path, "exec")) if named(code, mutant["function"]))
    module = sys.modules[mutant["path"].removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")]
    found = [one for one in functions_in(vars(module)) if named(one.__code__, mutant["function"])]
    if not found:
        raise LookupError(f"no function {mutant['function']} in {module.__name__}")
    for function in found:
        if function.__code__.co_filename == path:
            function.__code__ = code


def named(code: CodeType, name: str) -> bool:
    return code.co_qualname == name


def codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from codes_in(constant)


def functions_in(names: dict[str, Any] | Any) -> Iterator[FunctionType]:
    """Functions and methods among the values, also those behind a decorator or a property."""
    for value in list(names.values()):
        if isinstance(value, type):
            yield from functions_in(vars(value))
        inner = (
            getattr(value, "__func__", None) or getattr(value, "fget", None) or getattr(value, "func", None) or value
        )
        while inner is not None:
            if isinstance(inner, FunctionType):
                yield inner
            inner = getattr(inner, "__wrapped__", None)
