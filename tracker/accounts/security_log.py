"""Writes sign-ins, refusals, passwords, roles and removals to the security log."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from tracker.accounts.models import User
from tracker.history.models import Event, Tracked
from tracker.history.operations import Operation
from tracker.web.security_log import log

# Verbs that are logged: changes of who can do what, and permanent removals.
VERBS = {
    *(
        "person.added",
        "person.account_closed",
        "person.account_reopened",
        "role.requested",
        "role.confirmed",
        "role.declined",
        "role.request_withdrawn",
        "role.given",
        "role.ended",
        "cover.named",
        "cover.ended",
    ),
    *("named.added", "named.ended", "inspection.embargo_set", "organisation.ended", "organisation.end_undone"),
    *("removal.asked", "removal.agreed", "removal.refused", "evidence.infected"),
}


def log_event(op: Operation, event: Event, subject: Tracked) -> None:
    """Called with every event of the history. Logs after the commit."""
    if event.verb not in VERBS:
        return
    facts: dict[str, Any] = {"by": event.actor_id or "operator", event.subject_type: event.subject_id}
    for name in ("user_id", "person_id", "role", "organisation_id"):
        if name in event.after:
            facts[name.removesuffix("_id")] = event.after[name]
    transaction.on_commit(lambda: log(event.verb, **facts))


def _signed_in(sender: Any, request: HttpRequest | None, user: User, **more: Any) -> None:
    log("sign-in", request, by=user.pk)


def _signed_out(sender: Any, request: HttpRequest | None, user: User | None, **more: Any) -> None:
    log("sign-out", request, by=user.pk if user else "nobody")


def _refused(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any) -> None:
    typed = str(credentials.get("email") or credentials.get("username") or "").lower()
    account = User.objects.filter(email=typed).values_list("pk", flat=True).first()
    log("sign-in-refused", request, account=account or "unknown")


def _password_changed(sender: Any, request: HttpRequest | None, user: User, **more: Any) -> None:
    log("password-changed", request, account=user.pk)


def listen() -> None:
    from allauth.account.signals import password_changed, password_reset, password_set

    user_logged_in.connect(_signed_in, dispatch_uid="security_log")
    user_logged_out.connect(_signed_out, dispatch_uid="security_log")
    user_login_failed.connect(_refused, dispatch_uid="security_log")
    for signal in (password_changed, password_set, password_reset):
        signal.connect(_password_changed, dispatch_uid="security_log")
