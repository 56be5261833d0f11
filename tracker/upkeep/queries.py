"""The health of clock, worker and emails."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access, administered_people
from tracker.jobs.queries import how_many_wait
from tracker.reminders.models import Delivery, DigestRun, Heartbeat
from tracker.reminders.operations.letters import why_not_again
from tracker.web.workingdays import CHECKED_UNTIL, is_working_day

State = Delivery.State
TICK_LATE = datetime.timedelta(minutes=10)
QUEUE_LATE = datetime.timedelta(minutes=30)
# Shares of the letters tried in the last 24 hours, and how many it takes before a share says anything.
FAILURES_WARN, FAILURES_ALARM, FEWEST = 0.05, 0.10, 20
# Mail servers may put off whom they do not know for some minutes: a letter counts when it was put off three times.
PUT_OFF = 3
HOLIDAYS_AHEAD = datetime.timedelta(days=90)
OK, WARNING, FAILING = "ok", "warning", "failing"
MOST_SHOWN = 100


@dataclass(frozen=True)
class Tried:
    """How the letters fare whose last attempt fell into a time."""

    sent: int
    failed: int
    set_aside: int
    waiting: int

    @property
    def bad(self) -> int:
        return self.failed + self.set_aside + self.waiting

    @property
    def total(self) -> int:
        return self.sent + self.bad

    @property
    def share(self) -> float:
        return self.bad / self.total if self.total else 0.0

    @property
    def percent(self) -> int:
        return round(100 * self.share)

    @property
    def status(self) -> str:
        if self.total < FEWEST or self.share <= FAILURES_WARN:
            return OK
        return FAILING if self.share > FAILURES_ALARM else WARNING


class Health:
    """At one instant; each part asks the database once."""

    def __init__(self, at: datetime.datetime) -> None:
        self.at = at
        self.on = at.astimezone(settings.LONDON).date()

    @cached_property
    def beats(self) -> dict[str, Heartbeat]:
        return {beat.name: beat for beat in Heartbeat.objects.all()}

    @property
    def tick(self) -> Heartbeat | None:
        return self.beats.get(Heartbeat.Name.TICK)

    @property
    def mail(self) -> Heartbeat | None:
        return self.beats.get(Heartbeat.Name.MAIL)

    @cached_property
    def run(self) -> DigestRun | None:
        return DigestRun.objects.first()

    @property
    def tick_status(self) -> str:
        return OK if self.tick and self.at - self.tick.at <= TICK_LATE else FAILING

    @property
    def run_status(self) -> str:
        """A run that is missing on a working day after its hour, or did not come to its end, is noticed."""
        hour = datetime.datetime.combine(self.on, settings.DIGEST_AT, tzinfo=settings.LONDON)
        if not is_working_day(self.on) or self.at < hour + TICK_LATE:
            return OK
        return OK if self.run and self.run.day >= self.on and self.run.ended_at else WARNING

    @cached_property
    def queue(self) -> dict[str, Any]:
        """How many letters wait, how many of them are due, and since when the oldest is."""
        due = Delivery.objects.due(at=self.at)
        waiting = Delivery.objects.filter(state__in=[State.WAITING, State.SENDING])
        return due.aggregate(due=Count("pk"), oldest=Min("next_try_at")) | {"waiting": waiting.count()}

    @property
    def oldest_age(self) -> datetime.timedelta:
        return self.at - self.queue["oldest"] if self.queue["oldest"] else datetime.timedelta()

    @property
    def queue_status(self) -> str:
        return FAILING if self.oldest_age > QUEUE_LATE else OK

    @cached_property
    def jobs(self) -> dict[str, Any]:
        """How many files are being made or wait to be, and since when the oldest waits."""
        return how_many_wait(at=self.at)

    @property
    def oldest_job_age(self) -> datetime.timedelta:
        return self.at - self.jobs["oldest"] if self.jobs["oldest"] else datetime.timedelta()

    @property
    def jobs_status(self) -> str:
        return WARNING if self.oldest_job_age > QUEUE_LATE else OK

    @property
    def mail_status(self) -> str:
        return WARNING if self.mail and self.mail.error else OK

    @property
    def holidays_status(self) -> str:
        return WARNING if self.on + HOLIDAYS_AHEAD > CHECKED_UNTIL else OK

    @property
    def holidays_until(self) -> datetime.date:
        return CHECKED_UNTIL

    @property
    def times(self) -> list[Tried]:
        return [self.last_day, self.last_week]

    @property
    def outcomes(self) -> list[tuple[str, int, int]]:
        """How letters ended, and how many of the last day and week did so."""
        names = {
            "sent": _("Sent"),
            "failed": _("Permanently refused"),
            "set_aside": _("Set aside"),
            "waiting": _("Still retrying"),
        }
        return [(said, getattr(self.last_day, name), getattr(self.last_week, name)) for name, said in names.items()]

    @cached_property
    def last_day(self) -> Tried:
        return self._tried(datetime.timedelta(days=1))

    @cached_property
    def last_week(self) -> Tried:
        return self._tried(datetime.timedelta(days=7))

    def _tried(self, time: datetime.timedelta) -> Tried:
        rows = Delivery.objects.filter(tried_at__gt=self.at - time)
        put_off = Q(state=State.WAITING, attempts__gte=PUT_OFF)
        counts = rows.aggregate(
            sent=Count("pk", filter=Q(state=State.SENT)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
            set_aside=Count("pk", filter=Q(state=State.SET_ASIDE)),
            waiting=Count("pk", filter=put_off),
        )
        return Tried(**counts)

    @cached_property
    def not_sent(self) -> list[tuple[str, int]]:
        """Why nothing was sent in the last 24 hours, and to how many."""
        rows = Delivery.objects.filter(state=State.NOTHING, tried_at__gt=self.at - datetime.timedelta(days=1))
        counted = rows.values_list("reason").annotate(Count("pk")).order_by("reason")
        names = dict(Delivery.Reason.choices)
        return [(str(names.get(reason, reason)), count) for reason, count in counted]

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """For machines, with nothing in it about anybody."""
        tick_age = round((self.at - self.tick.at).total_seconds()) if self.tick else None
        oldest = round(self.oldest_age.total_seconds())
        run_on = self.run.day.isoformat() if self.run else None
        return {
            "tick": {"status": self.tick_status, "age_seconds": tick_age},
            "run": {"status": self.run_status, "last_on": run_on},
            "queue": {"status": self.queue_status, "oldest_due_seconds": oldest, "waiting": self.queue["waiting"]},
            "files": {
                "status": self.jobs_status,
                "oldest_due_seconds": round(self.oldest_job_age.total_seconds()),
                "waiting": self.jobs["waiting"],
            },
            "failures": {
                "status": self.last_day.status,
                "letters": self.last_day.total,
                "share": round(self.last_day.share, 3),
            },
            "mail_server": {"status": self.mail_status},
            "bank_holidays": {"status": self.holidays_status, "checked_until": CHECKED_UNTIL.isoformat()},
        }

    @property
    def status(self) -> str:
        """The worst status of all checks."""
        found = {check["status"] for check in self.checks.values()}
        return next((word for word in (FAILING, WARNING) if word in found), OK)


@dataclass(frozen=True)
class LetterRow:
    """Without `is_known` the person is nobody whom the reader administers: no name, address, subject or words."""

    delivery: Delivery
    is_known: bool
    why_not_again: str


def letters_that_did_not_go(access: Access, *, most: int = MOST_SHOWN) -> list[LetterRow]:
    """Refused for good or set aside, the newest first."""
    rows = list(all_letters().filter(state__in=Delivery.GAVE_UP).order_by("-ended_at", "-pk")[:most])
    people = [row.person_id for row in rows]
    known = set(administered_people(access).filter(pk__in=people).values_list("pk", flat=True))
    return [LetterRow(row, row.person_id in known, why_not_again(row, on=access.on)) for row in rows]


def all_letters() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("person")


def everything_is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
