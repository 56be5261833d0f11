"""Runs background jobs: each once as far as can be known, with a limited number of attempts, deleted after a month."""

import datetime
import hashlib
import logging
import os
import uuid
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.jobs.models import LEASE, Job, JobQuerySet
from tracker.jobs.queries import CannotBeMade, Run, kind_of

logger = logging.getLogger(__name__)

State, Reason = Job.State, Job.Reason
MOST_ATTEMPTS = 3
MOST_AT_ONCE = 3
PAUSE = datetime.timedelta(seconds=30)
KEPT = datetime.timedelta(days=30)
# A file without a row that is this old was left by a process that died.
ORPHANS_KEPT = datetime.timedelta(days=1)
PIECE = 1024 * 1024


class LeaseLost(Exception):
    """The lease expired and another worker has the job, or the person or the row was deleted."""


def ask(
    kind: str, *, by: User, at: datetime.datetime, key: uuid.UUID, title: str, filename: str, params: dict[str, Any]
) -> Job:
    """A row; the clock's next tick begins with it.

    The same form, or the same wish while it waits, gives the same job.
    """
    known = Job.objects.filter(Q(key=key) | Q(kind=kind, params=params, state__in=Job.UNFINISHED), by=by).first()
    if known is not None:
        return known
    _refuse_too_many(by)
    wanted = {"kind": kind, "title": title[:250], "filename": filename, "params": params}
    return Job.objects.get_or_create(by=by, key=key, defaults={**wanted, "asked_at": at, "next_try_at": at})[0]


def _refuse_too_many(by: User) -> None:
    if Job.objects.unfinished().filter(by=by).count() >= MOST_AT_ONCE:
        raise ValidationError(
            _("%(n)s files are already being created for you. Wait until one is ready.") % {"n": MOST_AT_ONCE}
        )


def again(job: Job, *, at: datetime.datetime) -> None:
    """Try a failed job again. Does nothing if it was already tried again."""
    _refuse_too_many(job.by)
    wanted = {"reason": "", "said": "", "attempts": 0, "ended_at": None, "next_try_at": at, "done": 0, "total": 0}
    Job.objects.filter(pk=job.pk, state=State.FAILED).update(state=State.WAITING, **wanted)


def run_next(*, clock: Callable[[], datetime.datetime]) -> bool:
    """Run the job that has waited the longest. Returns whether more jobs may be due."""
    at = clock()
    if Job.objects.held(at=at).exists():
        return False
    pk = Job.objects.due(at=at).order_by("next_try_at", "pk").values_list("pk", flat=True).first()
    if pk is None:
        return False
    job = _claim(pk, at)
    if job is not None:
        _work(job, clock)
    return Job.objects.due(at=clock()).exists()


def _claim(pk: int, at: datetime.datetime) -> Job | None:
    """None when another has it, or has another job. The attempt is counted before the work.

    So a job that ends every worker that takes it comes to an end itself.
    """
    claim = {"state": State.RUNNING, "claim": uuid.uuid4(), "claimed_until": at + LEASE, "begun_at": at, "done": 0}
    try:
        with transaction.atomic():
            if not Job.objects.due(at=at).filter(pk=pk).update(**claim, attempts=F("attempts") + 1):
                return None
    except IntegrityError:
        return None
    return Job.objects.select_related("by").get(pk=pk)


def _work(job: Job, clock: Callable[[], datetime.datetime]) -> None:
    if job.attempts > MOST_ATTEMPTS:
        _record(job, state=State.FAILED, reason=Reason.ENDED, ended_at=clock())
        return
    path = path_of(uuid.uuid4().hex)
    try:
        _make(job, path, clock)
    except LeaseLost:
        path.unlink(missing_ok=True)
    except CannotBeMade as why:
        path.unlink(missing_ok=True)
        _record(job, state=State.FAILED, said=str(why)[:500], ended_at=clock())
    except SoftTimeLimitExceeded:
        path.unlink(missing_ok=True)
        _record(job, state=State.FAILED, reason=Reason.TOO_LONG, ended_at=clock())
    except Exception as error:
        logger.exception("Job %s (%s) failed at attempt %s", job.pk, job.kind, job.attempts)
        path.unlink(missing_ok=True)
        _failed(job, Reason.NO_ROOM if isinstance(error, OSError) else Reason.ERROR, clock())


def _make(job: Job, path: Path, clock: Callable[[], datetime.datetime]) -> None:
    at = clock()
    kind, access = kind_of(job), Access(job.by, at.astimezone(settings.LONDON).date(), at)
    if kind is None or not job.by.is_active or not kind.may_be_had(access, job):
        _record(job, state=State.FAILED, reason=Reason.NOT_SEEN, ended_at=at)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    holds = kind.make(Run(job, access, path, at, _teller(job, clock)))
    size, sha256 = _sealed(path)
    ended = clock()
    values = {"file": path.name, "size": size, "sha256": sha256, "expires_at": ended + KEPT}
    values |= {"holds": holds.inspections, "recommendations": holds.recommendations}
    if not _record(job, state=State.DONE, ended_at=ended, done=F("total"), **values):
        raise LeaseLost


def _teller(job: Job, clock: Callable[[], datetime.datetime]) -> Callable[[int, int], None]:
    """Returns a function that records progress and extends the lease."""

    def progress(done: int, total: int) -> None:
        if not _held(job).update(done=done, total=total, claimed_until=clock() + LEASE):
            raise LeaseLost

    return progress


def _sealed(path: Path) -> tuple[int, str]:
    """Flush the file to disk. Returns its size and SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
        os.fsync(file.fileno())
        return file.tell(), digest.hexdigest()


def _failed(job: Job, reason: Job.Reason, at: datetime.datetime) -> None:
    """Try it again soon, or fail it after the last attempt."""
    if job.attempts >= MOST_ATTEMPTS:
        _record(job, state=State.FAILED, reason=reason, ended_at=at)
    else:
        _record(job, state=State.WAITING, next_try_at=at + PAUSE * job.attempts)


def _record(job: Job, **values: Any) -> bool:
    """Update the job. Returns False if another worker has it by now."""
    return bool(_held(job).update(claim=None, claimed_until=None, **values))


def _held(job: Job) -> JobQuerySet:
    """The row, while this attempt holds it."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, claim=job.claim)


def path_of(name: str) -> Path:
    """The path of a made file. It is served only by the view that checks whose it is."""
    return Path(settings.EVIDENCE_DIR) / "made" / name


def forget_made(*, at: datetime.datetime) -> None:
    """Delete files and failed jobs after a month, and files without a row."""
    old = Job.objects.filter(Q(expires_at__lt=at) | Q(state=State.FAILED, ended_at__lt=at - KEPT))
    _forget(old)
    too_new = (at - ORPHANS_KEPT).timestamp()
    found = {path.name: path for path in path_of("").glob("*") if path.is_file() and path.stat().st_mtime < too_new}
    for name in sorted(found.keys() - set(Job.objects.exclude(file="").values_list("file", flat=True))):
        found[name].unlink(missing_ok=True)


def forget_what_tells_of(inspections: Collection[int]) -> None:
    """Files that were made before words or evidence of these were removed for good: they may hold them still.

    Inside the transaction of the removal. One that is being made begins anew.
    """
    running = Job.objects.filter(state=State.RUNNING)
    running.update(state=State.WAITING, claim=None, claimed_until=None, attempts=F("attempts") - 1)
    wanted = set(inspections)
    made = Job.objects.filter(state=State.DONE).values_list("pk", "holds")
    _forget(Job.objects.filter(pk__in=[pk for pk, holds in made if wanted.intersection(holds)]))


def _forget(rows: JobQuerySet) -> None:
    names = [name for name in rows.values_list("file", flat=True) if name]
    rows.delete()
    # Only after the commit. A file that cannot be deleted here is deleted later as a file without a row.
    for name in names:
        path = path_of(name)
        transaction.on_commit(lambda path=path: path.unlink(missing_ok=True), robust=True)  # type: ignore[misc]
