"""The adapter for django-allauth: sign-up is closed, and its emails go through the queue."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts import guessing
from tracker.accounts.models import User
from tracker.reminders.emails import Letter, absolute
from tracker.reminders.operations.queueing import queue_account_letter
from tracker.web.security_log import log
from tracker.web.today import now, today


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords count for an address from one place, so that nobody can keep somebody else signed out."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        wait = guessing.seconds_to_wait(_login(credentials), self.get_client_ip(request))
        try:
            if wait:
                said = ngettext(
                    "Too many failed attempts. Wait %(n)s second and try again.",
                    "Too many failed attempts. Wait %(n)s seconds and try again.",
                    wait,
                )
                raise ValidationError(said % {"n": wait})
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log("sign-in-limited", request)
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A closed account is answered like a wrong password."""
        try:
            with guessing.place_to_hash():
                user: User | None = super().authenticate(request, **credentials)
        except guessing.Busy:
            log("sign-in-busy", request)
            raise ValidationError(_("Many people are signing in. Try again in a few seconds.")) from None
        if user is not None and not user.is_active:
            self.authentication_failed(request, **credentials)
            return None
        if user is not None:
            guessing.note_success(_login(credentials), self.get_client_ip(request))
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        guessing.note_failure(_login(credentials))

    def is_safe_url(self, url: str | None) -> bool:
        """An address that cannot be parsed is not safe."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def format_email_subject(self, subject: str) -> str:
        return " ".join(subject.split())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On our own host, from a setting: a request can name any host."""
        uid, _dash, token = key.partition("-")
        return absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the email. Nothing is sent to an address without an account."""
        person = User.objects.active().filter(email=email.lower()).first()
        if person is None:
            return
        log("account-email", self.request, kind=template_prefix.rpartition("/")[2], account=person.pk)
        message = self.render_mail(template_prefix, email, context | {"email": email})
        html = next((str(part[0]) for part in getattr(message, "alternatives", [])), "")
        letter = Letter(message.subject, str(message.body), html)
        queue_account_letter(person, letter, on=today(), at=now())


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "")
