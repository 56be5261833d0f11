"""What machines are told of this installation's health: the thresholds, and nothing about anybody."""

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client

from tests.base import NOON, TODAY, Cast
from tests.reminders.sending import MINUTE, SECOND, waiting_row
from tracker.accounts.models import User
from tracker.jobs.models import Job
from tracker.reminders.models import LEASE, Delivery, DigestRun, Heartbeat
from tracker.upkeep.queries import FEWEST, Health
from tracker.web.workingdays import CHECKED_UNTIL

pytestmark = pytest.mark.usefixtures("at_noon")
DAY = datetime.timedelta(days=1)


@pytest.fixture
def well(cast: Cast) -> Cast:
    """The clock has just ticked, and the run of the day is over."""
    Heartbeat.objects.create(name="tick", at=NOON)
    DigestRun.objects.create(day=TODAY, started_at=NOON, ended_at=NOON)
    return cast


def told(client: Client) -> tuple[int, str, dict[str, Any]]:
    outside = client.get("/health/jobs")
    assert outside.json() == {"status": "failing" if outside.status_code == 503 else "ok"}
    client.force_login(User.objects.get(email="top_admin@example.test"))
    answer = client.get("/health/jobs")
    client.logout()
    said = answer.json()
    return answer.status_code, said["status"], said["checks"]


def tried(cast: Cast, name: str, count: int, state: str, *, ago: datetime.timedelta = MINUTE, **more: Any) -> None:
    later = {"next_try_at": NOON + DAY} if state == "waiting" else {}
    values = {"state": state, "tried_at": NOON - ago, "ended_at": NOON - ago} | later | more
    Delivery.objects.bulk_create([waiting_row(cast.officer, f"{name}{n}", **values) for n in range(count)])


# -- live and ready ----------------------------------------------------------------------------------------------------
def test_liveness_needs_no_database(client: Client, db: None) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("asked")

    with connection.execute_wrapper(never):
        answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


def test_it_is_ready_when_every_migration_is_applied(client: Client, db: None) -> None:
    assert client.get("/health/ready").json() == {"status": "ok"}


def test_it_is_not_ready_when_one_is_missing(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET ROLE NONE")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reminders' AND name <> '0001_initial'")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


@pytest.mark.parametrize("path", ["/health/ready", "/health/jobs"])
def test_database_outage_is_reported_in_json(client: Client, db: None, path: str) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("could not connect to server: secret-of-rows")

    with connection.execute_wrapper(away):
        answer = client.get(path)
    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


# -- the clock ---------------------------------------------------------------------------------------------------------
def test_healthy_installation_has_no_warning(well: Cast, client: Client) -> None:
    status, word, checks = told(client)
    assert (status, word) == (200, "ok")
    assert {check["status"] for check in checks.values()} == {"ok"}
    assert checks.keys() == {"tick", "run", "queue", "files", "failures", "mail_server", "bank_holidays"}


@pytest.mark.parametrize(("age", "status"), [(9 * MINUTE, 200), (11 * MINUTE, 503)])
def test_clock_is_healthy_for_ten_minutes(well: Cast, client: Client, age: datetime.timedelta, status: int) -> None:
    Heartbeat.objects.update(at=NOON - age)
    assert told(client)[0] == status


def test_a_clock_that_never_ticked_is_a_fault(cast: Cast, client: Client) -> None:
    status, _word, checks = told(client)
    assert (status, checks["tick"]) == (503, {"status": "failing", "age_seconds": None})


@pytest.mark.parametrize(
    ("at", "has_run", "status"),
    [
        (NOON, True, "ok"),
        (NOON, False, "warning"),
        (NOON.replace(hour=7, minute=39), False, "ok"),
        (NOON.replace(hour=7, minute=41), False, "warning"),
        (NOON + 5 * DAY, False, "ok"),
    ],
    ids=["ran", "did not", "not yet", "late", "Saturday"],
)
def test_missing_run_on_a_working_day_is_noticed(db: None, at: datetime.datetime, has_run: bool, status: str) -> None:
    if has_run:
        DigestRun.objects.create(day=TODAY, started_at=NOON, ended_at=NOON)
    assert Health(at).run_status == status
    # One that was cut short is none.
    DigestRun.objects.update(ended_at=None)
    assert Health(at).run_status == ("warning" if has_run else status)


# -- the queue ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"next_try_at": NOON - 29 * MINUTE}, 200),
        ({"next_try_at": NOON - 31 * MINUTE}, 503),
        # Put off until later is not late, nor is what has ended.
        ({"next_try_at": NOON + 31 * MINUTE, "queued_at": NOON - DAY}, 200),
        ({"next_try_at": NOON - 31 * MINUTE, "state": "sent"}, 200),
        ({"next_try_at": NOON - 31 * MINUTE, "state": "sending", "claimed_until": NOON + LEASE}, 200),
        ({"next_try_at": NOON - 31 * MINUTE, "state": "sending", "claimed_until": NOON - SECOND}, 503),
    ],
)
def test_the_oldest_letter_may_be_due_for_thirty_minutes(
    well: Cast, client: Client, values: dict[str, Any], status: int
) -> None:
    waiting_row(well.officer, "one", **values).save()
    assert told(client)[0] == status


# -- failures ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sent", "bad", "word"),
    [(95, 5, "ok"), (94, 6, "warning"), (90, 10, "warning"), (89, 11, "failing"), (0, FEWEST, "failing")],
)
@pytest.mark.parametrize("state", ["failed", "set_aside"])
def test_share_of_failed_emails_has_two_thresholds(
    well: Cast, client: Client, sent: int, bad: int, word: str, state: str
) -> None:
    tried(well, "sent", sent, "sent")
    tried(well, "bad", bad, state)
    status, said, checks = told(client)
    assert (status, said) == (503 if word == "failing" else 200, word)
    assert checks["failures"] == {"status": word, "letters": sent + bad, "share": round(bad / (sent + bad), 3)}


def test_one_failure_of_one_is_no_alarm(well: Cast, client: Client) -> None:
    tried(well, "bad", FEWEST - 1, "failed")
    assert told(client)[:2] == (200, "ok")


def test_only_the_last_attempt_counts_and_only_of_the_last_day(well: Cast, client: Client) -> None:
    tried(well, "at last", 50, "sent", attempts=5, last_error="451 Later", last_code=451)
    tried(well, "old", 50, "failed", ago=DAY + MINUTE)
    tried(well, "nothing", 50, "nothing")
    assert told(client)[2]["failures"] == {"status": "ok", "letters": 50, "share": 0.0}
    assert Health(NOON).last_week.failed == 50


def test_third_deferral_is_counted(well: Cast, client: Client) -> None:
    tried(well, "twice", 30, "waiting", attempts=2)
    assert told(client)[2]["failures"]["letters"] == 0
    tried(well, "thrice", 30, "waiting", attempts=3)
    assert told(client)[2]["failures"] == {"status": "failing", "letters": 30, "share": 1.0}


# -- the rest ----------------------------------------------------------------------------------------------------------
def test_mail_server_that_refuses_sign_in_is_a_warning(well: Cast, client: Client) -> None:
    Heartbeat.objects.create(name="mail", at=NOON, error="535 wrong password for tracker@example.test")
    status, word, checks = told(client)
    assert (status, word, checks["mail_server"]) == (200, "warning", {"status": "warning"})


@pytest.mark.parametrize(("days", "status"), [(90, "ok"), (89, "warning"), (-400, "warning")])
def test_the_end_of_the_bank_holidays_is_announced_90_days_before(db: None, days: int, status: str) -> None:
    at = datetime.datetime.combine(CHECKED_UNTIL - days * DAY, datetime.time(12), tzinfo=NOON.tzinfo)
    assert Health(at).holidays_status == status


def test_health_reveals_nothing_about_people(well: Cast, client: Client) -> None:
    error = "550 officer@example.test is unknown"
    tried(well, "bad", 30, "failed", last_error=error, subject="West Kent PDU: 3 overdue")
    Heartbeat.objects.create(name="mail", at=NOON, error=error)
    said = json.dumps([client.get(f"/health/{name}").json() for name in ("live", "ready", "jobs")])
    for secret in ("officer", "@", "West Kent", "550"):
        assert secret not in said


def test_it_costs_few_queries_however_many_letters_there_are(
    well: Cast, client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    tried(well, "sent", 60, "sent")
    with django_assert_max_num_queries(7):
        client.get("/health/jobs")


@pytest.mark.parametrize(("waited", "said"), [(30 * MINUTE, "ok"), (30 * MINUTE + SECOND, "warning")])
def test_job_without_a_worker_is_noticed(well: Cast, client: Client, waited: datetime.timedelta, said: str) -> None:
    times = {"asked_at": NOON - waited, "next_try_at": NOON - waited}
    Job.objects.create(by=well.head, key=uuid.uuid4(), kind="pack", title="A pack", filename="pack.docx", **times)
    with time_machine.travel(NOON, tick=False):
        found = told(client)[2]["files"]
    assert found == {"status": said, "oldest_due_seconds": waited.total_seconds(), "waiting": 1}
