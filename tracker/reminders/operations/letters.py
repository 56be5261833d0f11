"""Sends finished emails again, and deletes their text when it is old enough."""

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from tracker.history.operations import Actor, operation, snapshot
from tracker.reminders.models import Delivery

State, Kind = Delivery.State, Delivery.Kind
BODIES_KEPT = datetime.timedelta(days=90)
NOTHING_KEPT = datetime.timedelta(days=30)


def why_not_again(delivery: Delivery, *, on: datetime.date) -> str:
    """Why this email cannot be sent again; "" if it can."""
    if delivery.state == State.SENT:
        return _("It was sent.")
    if delivery.state not in Delivery.GAVE_UP:
        return _("It has not been refused or set aside.")
    if delivery.kind == Kind.ACCOUNT:
        return _("It contained a sign-in link, which we do not keep. The person can ask for a new one at any time.")
    if delivery.kind == Kind.DIGEST and delivery.day < on:
        return _("It is out of date. The next email summary will list the same tasks.")
    if not delivery.person.is_active:
        return _("The person can no longer sign in.")
    return ""


def resend(delivery: Delivery, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> None:
    """Send the same email with the same Message-ID, to the person's current address."""
    with operation(by=by, at=at, key=key) as op:
        if refusal := why_not_again(delivery, on=op.day):
            raise ValidationError(refusal)
        before = snapshot(delivery)
        found = Delivery.objects.filter(pk=delivery.pk, state__in=Delivery.GAVE_UP)
        values: dict[str, Any] = {"state": State.WAITING, "next_try_at": at, "ended_at": None, "attempts": 0}
        values["address"] = delivery.person.email
        # The failed one keeps its reference at GOV.UK Notify.
        values |= {"round": F("round") + 1, "remote_id": "", "remote_status": "", "look_at": None}
        if not found.update(**values):
            raise ValidationError(_("Someone else has just sent it again."))
        delivery.refresh_from_db()
        op.record("delivery.resent", delivery, before=before)


def forget_letters(*, at: datetime.datetime) -> None:
    """The words of letters after 90 days, and the rows of digests in which nothing was new after 30.

    What a digest told stays: the next one is compared with it.
    """
    ended = Delivery.objects.filter(state__in=Delivery.ENDED)
    old = ended.filter(ended_at__lt=at - BODIES_KEPT).exclude(body_text="", body_html="")
    old.update(body_text="", body_html="")
    ended.filter(kind=Kind.DIGEST, state=State.NOTHING, ended_at__lt=at - NOTHING_KEPT).delete()
