"""Connects the security log to sign-ins and to events of the history."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tracker.accounts"

    def ready(self) -> None:
        from tracker.accounts import security_log
        from tracker.history.operations import with_every_event

        security_log.listen()
        with_every_event.append(security_log.log_event)
