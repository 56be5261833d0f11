"""The access of the person who makes a request."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied

from tracker.accounts.policies import Access, acting_for
from tracker.history.operations import Actor
from tracker.web.http import Request
from tracker.web.today import now, today


def access_of(request: Request) -> Access:
    """The Access of this request, created once, so that roles are queried once."""
    access: Access | None = getattr(request, "_access", None)
    if access is None:
        access = Access(request.user, today(), now())
        request._access = access  # type: ignore[attr-defined]
    return access


def require(allowed: bool) -> None:
    """Raise a 403 unless the condition holds."""
    if not allowed:
        raise PermissionDenied


def allow(request: Request, can: Callable[..., bool], *subjects: Any) -> Actor:
    """Require the permission and return the Actor: on behalf of the covered person if only the cover gives it."""
    access = access_of(request)
    require(can(access, *subjects))
    covered = acting_for(access, lambda half: can(half, *subjects)) if request.method == "POST" else None
    return Actor(request.user, lambda _subject: covered)


def allow_each(request: Request, right: Callable[[Access, Any], bool]) -> Actor:
    """The same for an operation on many rows, with the permission checked for each row."""
    access = access_of(request)
    if not access.covering:
        return Actor(request.user)
    return Actor(request.user, lambda subject: acting_for(access, lambda half: right(half, subject)))
