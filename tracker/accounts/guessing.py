"""Slows down guessing at one account from many places, and keeps signing in from using up all threads of the web.

The address from which an account has been signed in before is not slowed down by what others guess.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

HOUR, DAY = 3600, 24 * 3600
# Of one account, from anywhere, in an hour; each further one doubles the time until the next is looked at.
FREE_ATTEMPTS = 20
LONGEST_WAIT = 60
KNOWN_FOR = 90 * DAY
# Of the 4 threads of a web process: so many sign in at once, of whom so many have a password hashed.
MOST_AT_ONCE = 3
MOST_HASHED = 2

_signing_in = threading.BoundedSemaphore(MOST_AT_ONCE)
_hashing = threading.BoundedSemaphore(MOST_HASHED)


class Busy(Exception):
    """All places to sign in are taken; in a second or two there is one again."""


@contextmanager
def place_to_hash() -> Iterator[None]:
    """Raises Busy rather than let the last thread wait too."""
    if not _signing_in.acquire(blocking=False):
        raise Busy
    try:
        with _hashing:
            yield
    finally:
        _signing_in.release()


def _key(what: str, *parts: str) -> str:
    """Without what was typed in it."""
    return f"{what}:{hashlib.sha256(chr(0).join(parts).lower().encode()).hexdigest()}"


def seconds_to_wait(login: str, place: str) -> int:
    """Until a password for this account is looked at again; an unknown account is treated alike."""
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
