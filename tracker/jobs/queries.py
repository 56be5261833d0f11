"""Kinds of background jobs, and the files of a person."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.utils.module_loading import import_string

from tracker.accounts.policies import Access
from tracker.jobs.models import Job
from tracker.jobs.policies import visible_jobs

LISTED = 50


@dataclass(frozen=True)
class Run:
    """One attempt at a job: what the work is given. It writes its file to `path`.

    `progress(done, total)` says how far it is, and keeps other workers away: it is to be called at least every minute,
    and raises where another has taken over. `access` is what the person may see as the work begins.
    """

    job: Job
    access: Access
    path: Path
    at: datetime.datetime
    progress: Callable[[int, int], None]


@dataclass(frozen=True)
class Holds:
    """The ids of the inspections and recommendations in a file."""

    inspections: list[int]
    recommendations: list[int]


@dataclass(frozen=True)
class Kind:
    """`make` writes the file and says what it tells of.

    `may_be_had` is asked before the work and again whenever the file is fetched: what a person may see can change.
    """

    make: Callable[[Run], Holds]
    may_be_had: Callable[[Access, Job], bool]


class CannotBeMade(Exception):
    """The job fails for good. The text is shown to the person who requested it."""


def kind_of(job: Job) -> Kind | None:
    """The work is named in the settings, as the clock's is, so that the apps above bring it with them.

    None for what an earlier version made and this one does not know.
    """
    kind: Kind | None = import_string(settings.JOB_KINDS[job.kind]) if job.kind in settings.JOB_KINDS else None
    return kind


def may_be_had(access: Access, job: Job) -> bool:
    """Whether the person who requested it can still see everything in it."""
    kind = kind_of(job)
    return kind is not None and kind.may_be_had(access, job)


def files_of(access: Access) -> list[Job]:
    """Newest first."""
    return list(visible_jobs(access)[:LISTED])


def how_many_wait(*, at: datetime.datetime) -> dict[str, Any]:
    """The number of unfinished jobs, and since when the oldest has been due."""
    rows = Job.objects.unfinished()
    oldest = Job.objects.due(at=at).aggregate(oldest=Min("next_try_at"))
    return rows.aggregate(waiting=Count("pk")) | oldest
