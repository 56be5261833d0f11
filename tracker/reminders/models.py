"""Every letter that leaves the house, written down before anything is sent."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, *, at: datetime.datetime) -> "DeliveryQuerySet":
        """To be sent now: not tried yet, to be tried again, or claimed by a sender that has since died."""
        return self.filter(
            Q(state=Delivery.State.WAITING, next_try_at__lte=at)
            | Q(state=Delivery.State.SENDING, claimed_until__lte=at)
        )


class Delivery(models.Model):
    """One letter to one person. The table is the queue: a message to the worker only wakes it up.

    `key` says what the letter is ("digest:7:2026-11-23") and is unique, so that a letter cannot be queued twice. What
    is in it is composed at the first attempt and kept with Message-ID and Date, so that a repeat after a crash is
    recognised as the same letter.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Digest")
        INVITATION = "invitation", _("Invitation")
        ACCOUNT = "account", _("Sign-in letter")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        NOTHING = "nothing", _("Not sent: nothing was left to say")
        FAILED = "failed", _("Refused for good")
        SET_ASIDE = "set_aside", _("Set aside after the last attempt")

    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    person = models.ForeignKey(User, models.PROTECT, related_name="deliveries")
    address = models.EmailField(_("address"), max_length=254)
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
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
    last_code = models.PositiveSmallIntegerField(_("last answer of the mail server"), null=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["next_try_at", "id"], name="deliveries_to_send", condition=Q(state__in=["waiting", "sending"])
            ),
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
