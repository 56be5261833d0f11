"""Background jobs: what a person requested, its progress, and its file."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User

# How long a worker can report no progress before another worker takes over.
LEASE = datetime.timedelta(seconds=settings.LEASE_SECONDS)


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=Job.UNFINISHED)

    def held(self, *, at: datetime.datetime) -> "JobQuerySet":
        """Jobs that a worker is running. A lease that seems longer than LEASE was given while the clock was wrong."""
        return self.filter(state=Job.State.RUNNING, claimed_until__gt=at, claimed_until__lte=at + 2 * LEASE)

    def due(self, *, at: datetime.datetime) -> "JobQuerySet":
        """Jobs to start now: not tried yet, to be retried, or left by a worker that has died."""
        held = Job.objects.held(at=at).values("pk")
        running = Q(state=Job.State.RUNNING) & ~Q(pk__in=held)
        return self.filter(Q(state=Job.State.WAITING, next_try_at__lte=at) | running)


class Job(models.Model):
    """One piece of long work for one person. The table is the queue: a message to the worker only wakes it up.

    It belongs to whoever asked, and to nobody else: it is no part of the record, has no events, and whoever is
    inspected cannot tell what an inspector had made. `kind` is a name in settings.JOB_KINDS; `params` says what is
    wanted, `holds` which inspections and `recommendations` which recommendations
    the file tells of.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("In progress")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        """Why the job failed. Job.said has the text of other errors."""

        ENDED = "ended", _("It was interrupted several times.")
        TOO_LONG = "too_long", _("It took too long and was stopped.")
        NO_ROOM = "no_room", _("The file could not be stored: there is not enough space, or storage is not available.")
        ERROR = "error", _("Something went wrong. The error has been logged for the service team.")
        NOT_SEEN = "not_seen", _("You no longer have access to its content.")

    UNFINISHED = (State.WAITING, State.RUNNING)

    kind = models.CharField(_("kind"), max_length=40)
    by = models.ForeignKey(User, models.CASCADE, related_name="jobs")
    # The key of the form that requested it, so that a form sent twice requests it once.
    key = models.UUIDField(_("key"))
    title = models.CharField(_("what it is"), max_length=250)
    filename = models.CharField(_("what the file is called"), max_length=150)
    params = models.JSONField(_("what is wanted"), default=dict)
    holds = models.JSONField(_("inspections that it tells of"), default=list)
    recommendations = models.JSONField(_("recommendations that it tells of"), default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("why it failed"), max_length=10, choices=Reason, blank=True)
    said = models.CharField(_("why it failed, in words"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The attempt that holds the job. A worker that was taken for dead finds a different one here.
    claim = models.UUIDField(_("claim"), null=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True)
    next_try_at = models.DateTimeField(_("next attempt at"))
    done = models.PositiveIntegerField(_("steps done"), default=0)
    total = models.PositiveIntegerField(_("steps in all"), default=0)
    asked_at = models.DateTimeField(_("asked at"))
    begun_at = models.DateTimeField(_("begun at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)
    file = models.CharField(_("file in the store"), max_length=40, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-asked_at", "-pk")
        indexes = (
            models.Index(
                fields=["next_try_at", "id"], name="jobs_in_order", condition=Q(state__in=["waiting", "running"])
            ),
            models.Index(fields=["by", "-asked_at"], name="jobs_of_a_person"),
        )
        constraints = (
            models.UniqueConstraint(fields=["by", "key"], name="a_form_asks_for_one_job"),
            # One job at a time, so that the worker's other process is free for emails.
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_job_runs_at_a_time"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(claim__isnull=False, claimed_until__isnull=False),
                name="a_running_job_has_a_lease",
            ),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(file=""), name="a_job_that_is_done_has_a_file"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0

    @property
    def why(self) -> str:
        return self.said or self.get_reason_display()
