"""Long work: asked for once, done once, by whichever worker lives, and for nobody but who asked."""

import datetime
import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from tests.base import NOON, Cast, recommendation
from tests.factories import read
from tests.jobs.work import DAY, KINDS, MINUTE, SECOND, KilledWorkerError, asked, ended, run_at
from tracker.history.operations import Actor
from tracker.jobs import operations, tasks
from tracker.jobs.models import LEASE, Job
from tracker.people.operations import agree_removal, ask_removal
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Report

SignedIn = Callable[[str], Client]
State = Job.State
HTMX = {"HX-Request": "true"}
pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("at_noon", "own_store", "kinds")]


@pytest.fixture
def kinds(settings: Any) -> None:
    settings.JOB_KINDS = KINDS


def stored() -> list[str]:
    return sorted(path.name for path in operations.path_of("").glob("*"))


def killed(job: Job, at: datetime.datetime = NOON) -> None:
    with pytest.raises(KilledWorkerError):
        run_at(at)
    job.refresh_from_db()
    assert job.state == State.RUNNING


# -- asking ----------------------------------------------------------------------------------------------------------
def test_repeated_request_for_a_job_is_queued_once(cast: Cast) -> None:
    wanted: dict[str, Any] = {"by": cast.head, "at": NOON, "title": "T", "filename": "t", "params": {"lines": 1}}
    key = uuid.uuid4()
    first = operations.ask("count", key=key, **wanted)
    assert operations.ask("count", key=key, **wanted) == first
    assert operations.ask("count", key=uuid.uuid4(), **wanted) == first
    assert operations.ask("count", key=uuid.uuid4(), **wanted | {"by": cast.officer}) != first
    run_at(NOON)
    assert operations.ask("count", key=key, **wanted) == first
    assert operations.ask("count", key=uuid.uuid4(), **wanted) != first


def test_one_person_cannot_fill_the_queue(cast: Cast) -> None:
    for _n in range(operations.MOST_AT_ONCE):
        asked(cast.head)
    with pytest.raises(ValidationError, match="already being created for you"):
        asked(cast.head)
    asked(cast.officer)
    run_at(NOON)
    asked(cast.head)


# -- doing -----------------------------------------------------------------------------------------------------------
def test_the_oldest_is_made_first_and_kept_as_it_was_made(cast: Cast) -> None:
    second, first = asked(cast.officer, at=NOON - SECOND), asked(cast.head, at=NOON - MINUTE)
    assert run_at(NOON) is True
    first.refresh_from_db()
    assert (first.state, first.attempts, first.done, first.total) == (State.DONE, 1, 3, 3)
    path = operations.path_of(first.file)
    content = path.read_bytes()
    assert content.decode().splitlines() == [f"line {n} for Head" for n in range(3)]
    assert (first.size, first.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert first.expires_at == NOON + 30 * DAY
    assert Job.objects.get(pk=second.pk).state == State.WAITING
    assert run_at(NOON) is False
    assert run_at(NOON) is False
    assert Job.objects.filter(state=State.DONE).count() == 2


def test_the_task_takes_one_job(cast: Cast) -> None:
    asked(cast.head, at=NOON - SECOND)
    tasks.work()
    assert Job.objects.get().state == State.DONE


def test_job_of_a_killed_worker_is_taken_again_after_its_lease(cast: Cast) -> None:
    job = asked(cast.head, lines=3, dies_at=2)
    killed(job)
    assert (job.done, job.total, job.percent) == (2, 3, 66)
    other = asked(cast.officer)
    # As long as it might be alive, nobody touches it, and nothing else is begun.
    assert run_at(NOON + LEASE - SECOND) is False
    assert Job.objects.get(pk=other.pk).state == State.WAITING
    Job.objects.filter(pk=job.pk).update(params={"lines": 3})
    run_at(NOON + LEASE)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)


def test_worker_that_lost_its_lease_changes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It wakes up in the middle of its work, after another has taken the job and done it."""
    job = asked(cast.head)
    slept: list[bool] = []
    real = operations._teller

    def sleepy(one: Job, clock: Any) -> Any:
        progress = real(one, clock)

        def tell(done: int, total: int) -> None:
            if not slept:
                slept.append(True)
                assert run_at(NOON + LEASE) is False
                assert Job.objects.get().state == State.DONE
            progress(done, total)

        return tell

    monkeypatch.setattr(operations, "_teller", sleepy)
    run_at(NOON)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 2)
    assert stored() == [job.file]


def test_job_that_kills_its_workers_is_set_aside(cast: Cast) -> None:
    job, at = asked(cast.head, dies_at=0), NOON
    for _attempt in range(operations.MOST_ATTEMPTS):
        killed(job, at)
        at += LEASE
    run_at(at)
    job.refresh_from_db()
    assert (job.state, job.reason, job.attempts) == (State.FAILED, "ended", operations.MOST_ATTEMPTS + 1)
    assert "interrupted" in job.why
    other = asked(cast.officer, at=at)
    run_at(at)
    assert Job.objects.get(pk=other.pk).state == State.DONE


@pytest.mark.parametrize(("trouble", "reason"), [("breaks_at", "error"), ("full_at", "no_room")])
def test_failure_is_retried_and_then_reported_without_secrets(cast: Cast, trouble: str, reason: str) -> None:
    job, at = ended(cast.head, **{trouble: 1}), NOON
    assert (job.state, job.attempts) == (State.WAITING, 1)
    assert run_at(NOON) is False
    for _attempt in range(2):
        at += 5 * MINUTE
        run_at(at)
    job.refresh_from_db()
    assert (job.state, job.reason) == (State.FAILED, reason)
    assert "secret" not in job.why
    assert stored() == []


def test_failed_job_says_why_and_can_be_retried(cast: Cast, signed_in: SignedIn) -> None:
    job = ended(cast.head, refuses_at=0)
    assert (job.state, job.why, job.attempts) == (State.FAILED, "There is nothing to put into it.", 1)
    client = signed_in("head")
    assert "There is nothing to put into it." in client.get(f"/files/{job.pk}/").text
    Job.objects.update(params={"lines": 1})
    assert client.post(f"/files/{job.pk}/again/")["Location"] == f"/files/{job.pk}/"
    run_at(NOON + MINUTE)
    # The button of a page that is out of date does no harm.
    client.post(f"/files/{job.pk}/again/")
    assert Job.objects.get().state == State.DONE


def test_retrying_is_limited_as_asking_is(cast: Cast, signed_in: SignedIn) -> None:
    job = ended(cast.head, refuses_at=0)
    for lines in range(operations.MOST_AT_ONCE):
        asked(cast.head, lines=lines)
    answer = signed_in("head").post(f"/files/{job.pk}/again/", follow=True)
    assert "3 files are already being created for you." in answer.text
    assert Job.objects.get(pk=job.pk).state == State.FAILED


def test_two_jobs_never_run_at_once(cast: Cast) -> None:
    one, other = asked(cast.head, dies_at=0), asked(cast.officer)
    killed(one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=other.pk).update(state=State.RUNNING, claim=uuid.uuid4(), claimed_until=NOON)


# -- having ----------------------------------------------------------------------------------------------------------
def test_file_belongs_only_to_the_person_who_requested_it(cast: Cast, signed_in: SignedIn) -> None:
    """Nobody inspected, and no administrator, learns what an inspector had made."""
    job = ended(cast.inspector)
    for other in ("head", "director", "admin", "top_admin", "reader", "operations"):
        client = signed_in(other)
        assert client.get(f"/files/{job.pk}/").status_code == 404
        assert client.get(f"/files/{job.pk}/file/").status_code == 404
        assert client.post(f"/files/{job.pk}/again/").status_code == 404
        assert "You have no downloads" in client.get("/files/").text
    client = signed_in("inspector")
    assert "Lines" in client.get("/files/").text
    answer = client.get(f"/files/{job.pk}/file/")
    assert b"".join(answer.streaming_content) == operations.path_of(job.file).read_bytes()  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="lines.txt"'
    assert answer["Cache-Control"] == "no-store"


def test_job_page_polls_until_the_end(cast: Cast, signed_in: SignedIn) -> None:
    job, client = asked(cast.head, dies_at=2), signed_in("head")
    link = read(client.get(f"/files/{job.pk}/")).one("a", **{"hx-trigger": "every 2s, click"})
    assert link.attrs["href"] == link.attrs["hx-get"] == f"/files/{job.pk}/"
    killed(job)
    part = client.get(f"/files/{job.pk}/", headers=HTMX)
    assert "2 of 3" in part.text
    assert read(part).one("progress").attrs["value"] == "66"
    Job.objects.update(params={"lines": 1})
    run_at(NOON + LEASE)
    part = client.get(f"/files/{job.pk}/", headers=HTMX)
    assert "every 2s" not in part.text
    assert "The file is ready." in part.text
    assert read(part).one("a").attrs["href"] == f"/files/{job.pk}/file/"


def test_file_is_refused_once_its_content_may_not_be_seen(cast: Cast, signed_in: SignedIn) -> None:
    assert ended(cast.head, kind="never").reason == "not_seen"
    job = ended(cast.officer)
    cast.officer.memberships.all().delete()
    assert signed_in("officer").get(f"/files/{job.pk}/file/").status_code == 403


def test_a_file_that_is_gone_is_told_as_such(cast: Cast, signed_in: SignedIn) -> None:
    job = ended(cast.head)
    operations.path_of(job.file).unlink()
    answer = signed_in("head").get(f"/files/{job.pk}/file/")
    assert answer.status_code == 404
    assert "Create it again" in answer.text


# -- forgetting ------------------------------------------------------------------------------------------------------
def test_files_are_forgotten_after_30_days_and_strays_after_one(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    kept, old, failed = ended(cast.head), ended(cast.officer), ended(cast.reader, refuses_at=0)
    Job.objects.filter(pk=old.pk).update(expires_at=NOON - SECOND)
    Job.objects.filter(pk=failed.pk).update(ended_at=NOON - 31 * DAY)
    for name, age in (("stray", 25), ("new", 23)):
        path = operations.path_of(name)
        path.write_text("")
        os.utime(path, times=(then := (NOON - age * datetime.timedelta(hours=1)).timestamp(), then))
    with django_capture_on_commit_callbacks(execute=True):
        operations.forget_made(at=NOON)
    assert list(Job.objects.all()) == [kept]
    assert stored() == sorted([kept.file, "new"])


def test_what_was_made_before_words_were_removed_for_good_goes_with_them(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=NOON, seen_version=1, report=Report("some", "Somebody's name."))
    made, running = ended(cast.head), asked(cast.officer, dies_at=0)
    killed(running)
    words = item.updates.get().what_changed_id
    removal = ask_removal(item, f"w{words}", by=Actor(cast.admin), at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        agree_removal(removal, by=Actor(cast.director), at=NOON)
    assert not Job.objects.filter(pk=made.pk).exists()
    assert not operations.path_of(made.file).exists()
    running.refresh_from_db()
    assert (running.state, running.attempts, running.claim) == (State.WAITING, 0, None)


def test_the_store_lies_where_nothing_serves_it(own_store: Path, settings: Any) -> None:
    assert operations.path_of("x").is_relative_to(own_store)
    assert not operations.path_of("x").is_relative_to(Path(settings.STATIC_ROOT))
