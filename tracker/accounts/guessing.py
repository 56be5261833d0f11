"""Slows down guessing at one account from many addresses, and keeps sign-ins from using all web threads.

An address from which the account has signed in before is not slowed down by guesses from elsewhere.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

HOUR, DAY = 3600, 24 * 3600
# Failures of one account in an hour, from anywhere. Each further one doubles the time until the next check.
FREE_ATTEMPTS = 20
LONGEST_WAIT = 60
KNOWN_FOR = 90 * DAY
# How many of the 4 threads of a web process can sign in at once, and how many of those can hash a password.
MOST_AT_ONCE = 3
MOST_HASHED = 2

_signing_in = threading.BoundedSemaphore(MOST_AT_ONCE)
_hashing = threading.BoundedSemaphore(MOST_HASHED)


class Busy(Exception):
    """The limit of simultaneous sign-ins is reached for a moment."""


@contextmanager
def place_to_hash() -> Iterator[None]:
    """Raises Busy instead of blocking the last free thread."""
    if not _signing_in.acquire(blocking=False):
        raise Busy
    try:
        with _hashing:
            yield
    finally:
        _signing_in.release()


def _key(what: str, *parts: str) -> str:
    """A cache key that does not contain what was typed."""
    return f"{what}:{hashlib.sha256(chr(0).join(parts).lower().encode()).hexdigest()}"


def seconds_to_wait(login: str, place: str) -> int:
    """Seconds until a password for this account is checked again. Unknown accounts are treated the same."""
    count, last = cache.get(_key("guesses", login), (0, 0.0))
    if count < FREE_ATTEMPTS or cache.get(_key("known-place", login, place)):
        return 0
    wait: int = min(2 ** (int(count) - FREE_ATTEMPTS), LONGEST_WAIT)
    return max(0, round(float(last) + wait - time.time()))


def note_failure(login: str) -> None:
    count, _last = cache.get(_key("guesses", login), (0, 0.0))
    cache.set(_key("guesses", login), (count + 1, time.time()), HOUR)


def note_success(login: str, place: str) -> None:
    cache.set(_key("known-place", login, place), value=True, timeout=KNOWN_FOR)
