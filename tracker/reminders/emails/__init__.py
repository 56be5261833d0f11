"""Composes emails as text and HTML from the same context."""

from tracker.reminders.emails.digest import Preview, digest, preview
from tracker.reminders.emails.invitation import invitation
from tracker.reminders.emails.letter import Letter, absolute, compose
from tracker.reminders.emails.news import AT_LEAST_EVERY, PreviousDigest
from tracker.reminders.emails.role_notice import role_notice

__all__ = [
    "AT_LEAST_EVERY",
    "Letter",
    "Preview",
    "PreviousDigest",
    "absolute",
    "compose",
    "digest",
    "invitation",
    "preview",
    "role_notice",
]
