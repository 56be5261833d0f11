"""Kinds of long work for tests, and how a job of theirs is asked for."""

import datetime
import uuid
from typing import Any

from tests.base import NOON
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.jobs import operations
from tracker.jobs.models import Job
from tracker.jobs.queries import CannotBeMade, Holds, Kind, Run

SECOND, MINUTE, DAY = datetime.timedelta(seconds=1), datetime.timedelta(minutes=1), datetime.timedelta(days=1)
# What a worker did that has it in hand.
DONE: list[tuple[int, int]] = []


class KilledWorkerError(BaseException):
    """As if the process were gone: nothing of the work that follows happens."""


def _count(run: Run) -> Holds:
    """Writes as many lines as it is asked for, unless something happens at one of them."""
    with run.path.open("w") as file:
        for n in range(run.job.params["lines"]):
            if n == run.job.params.get("dies_at"):
                raise KilledWorkerError
            if n == run.job.params.get("breaks_at"):
                raise RuntimeError("a secret of the database")
            if n == run.job.params.get("full_at"):
                raise OSError(28, "No space left on device")
            if n == run.job.params.get("refuses_at"):
                raise CannotBeMade("There is nothing to put into it.")
            file.write(f"line {n} for {run.access.user.name}\n")
            run.progress(n + 1, run.job.params["lines"])
            DONE.append((run.job.pk, n))
    return Holds([Inspection.objects.earliest("pk").pk], [])


COUNT = Kind(make=_count, may_be_had=lambda access, _job: bool(access.held))


def _never(access: Access, job: Job) -> bool:
    return False


NEVER = Kind(make=_count, may_be_had=_never)
KINDS = {"count": "tests.jobs.work.COUNT", "never": "tests.jobs.work.NEVER"}


def asked(by: User, *, kind: str = "count", at: datetime.datetime = NOON, **params: Any) -> Job:
    wanted = {"lines": 3} | params
    return operations.ask(
        kind,
        by=by,
        at=at,
        key=uuid.uuid4(),
        title="Lines",
        filename="lines.txt",
        params={"n": str(uuid.uuid4())} | wanted,
    )


def run_at(at: datetime.datetime) -> bool:
    return operations.run_next(clock=lambda: at)


def ended(by: User, **params: Any) -> Job:
    """One that was asked for and run once."""
    job = asked(by, **params)
    run_at(NOON)
    job.refresh_from_db()
    return job
