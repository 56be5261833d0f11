"""The queue and record of emails: each is a row before it is sent."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.history.models import Tracked

# How long a claim on one email holds before another sender can take it.
LEASE = datetime.timedelta(seconds=settings.LEASE_SECONDS)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, *, at: datetime.datetime) -> "DeliveryQuerySet":
        """To be sent now: not tried yet, to be tried again, or claimed by a sender that has since died.

        No claim lasts longer than LEASE: one that seems to was made while the clock was wrong.
        """
        return self.filter(
            Q(state=Delivery.State.WAITING, next_try_at__lte=at)
            | Q(state=Delivery.State.SENDING, claimed_until__lte=at)
            | Q(state=Delivery.State.SENDING, claimed_until__gt=at + 2 * LEASE)
        )

    def in_order(self) -> "DeliveryQuerySet":
        """Emails that somebody is waiting for at the screen first, then the oldest."""
        return self.order_by("rank", "next_try_at", "pk")


class Delivery(Tracked):
    """One letter to one person. The table is the queue: a message to the worker only wakes it up.

    `key` says what the letter is ("digest:7:2026-11-23") and is unique, so that a letter cannot be queued twice. What
    is in it is composed at the first attempt and kept with Message-ID and Date, so that a repeat after a crash is
    recognised as the same letter.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Email summary")
        DIGEST_ON_REQUEST = "digest-on-request", _("Email summary on request")
        INVITATION = "invitation", _("Invitation")
        ACCOUNT = "account", _("Sign-in email")
        NOTICE = "notice", _("Notice about a role")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        NOTHING = "nothing", _("Not sent")
        FAILED = "failed", _("Refused for good")
        SET_ASIDE = "set_aside", _("Set aside after the last attempt")

    class Reason(models.TextChoices):
        """Why an email was not sent although no server refused it."""

        NO_NEWS = "no_news", _("Nothing in it was new")
        NO_ACCESS = "no_access", _("The person can no longer sign in or has no role")
        PASSED = "passed", _("It was out of date. The next email summary lists the same tasks")

    # The row itself records sending; the history only records who had it sent again.
    TRACKED = ("person_id", "kind", "day", "state")
    GAVE_UP = (State.FAILED, State.SET_ASIDE)
    ENDED = (State.SENT, State.NOTHING, *GAVE_UP)
    # Kinds of emails that are sent first; all others are sent by age.
    RANKS = {Kind.ACCOUNT: 0, Kind.INVITATION: 1, Kind.NOTICE: 1, Kind.DIGEST_ON_REQUEST: 2, Kind.DIGEST: 3}

    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    rank = models.PositiveSmallIntegerField(_("rank"), default=3)
    person = models.ForeignKey(User, models.PROTECT, related_name="deliveries")
    address = models.EmailField(_("address"), max_length=254)
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("why it was not sent"), max_length=10, choices=Reason, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    body_text = models.TextField(_("text"), blank=True)
    body_html = models.TextField(_("HTML"), blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=250, blank=True)
    # Of a digest: what it told, as marks such as "overdue:7" and "overdue:7:14 days".
    told = models.JSONField(_("what it told"), default=list)
    composed_at = models.DateTimeField(_("composed at"), null=True)
    queued_at = models.DateTimeField(_("queued at"))
    next_try_at = models.DateTimeField(_("next attempt at"))
    claimed_until = models.DateTimeField(_("claimed until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("last attempt at"), null=True)
    last_code = models.PositiveSmallIntegerField(_("last answer of the mail server"), null=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # Of a letter that went by GOV.UK Notify: its id and status there, when to ask again, and which time it is that the
    # letter is handed over after it was given up there.
    remote_id = models.CharField(_("id at GOV.UK Notify"), max_length=60, blank=True)
    remote_status = models.CharField(_("status at GOV.UK Notify"), max_length=40, blank=True)
    look_at = models.DateTimeField(_("ask GOV.UK Notify again at"), null=True)
    round = models.PositiveSmallIntegerField(_("round"), default=0)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["rank", "next_try_at", "id"],
                name="deliveries_in_order",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["look_at"], name="deliveries_to_ask_about", condition=Q(look_at__isnull=False)),
            models.Index(fields=["tried_at"], name="deliveries_by_last_attempt"),
            models.Index(fields=["kind", "day", "person"], name="deliveries_by_day"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["person", "day"], condition=Q(kind="digest"), name="one_digest_a_person_and_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claimed_until__isnull=False), name="a_claim_runs_out"
            ),
        )

    def __str__(self) -> str:
        return self.key

    def audit_scope(self) -> dict[str, int | None]:
        return {}

    @property
    def reference(self) -> str:
        """The reference of the email at GOV.UK Notify: the key, with the number of the round after the first."""
        return f"{self.key}#{self.round + 1}" if self.round else self.key


class DigestRun(models.Model):
    """That the digests of a day were queued: once, by the first tick at or after their hour.

    A run without an end was cut short, and the next tick takes it up again.
    """

    day = models.DateField(_("day"), unique=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    queued = models.PositiveIntegerField(_("letters queued"), default=0)

    class Meta:
        verbose_name = _("run of the digests")
        verbose_name_plural = _("runs of the digests")
        ordering = ("-day",)

    def __str__(self) -> str:
        return str(self.day)


class Heartbeat(models.Model):
    """When a periodic task last ran, and its error, if any."""

    class Name(models.TextChoices):
        TICK = "tick", _("Tick of the clock")
        MAIL = "mail", _("Mail server asked for")

    name = models.CharField(_("name"), max_length=20, choices=Name, unique=True)
    at = models.DateTimeField(_("at"))
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
