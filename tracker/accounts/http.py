"""The request's person, as the policies ask for them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied

from tracker.accounts.policies import Access, acting_for
from tracker.history.operations import Actor
from tracker.web.http import Request
from tracker.web.today import now, today


def access_of(request: Request) -> Access:
    """Made once a request, so that the roles are asked for once."""
    access: Access | None = getattr(request, "_access", None)
    if access is None:
        access = Access(request.user, today(), now())
        request._access = access  # type: ignore[attr-defined]
    return access


def require(allowed: bool) -> None:
    """What one may see but not do."""
    if not allowed:
        raise PermissionDenied


def allow(request: Request, can: Callable[..., bool], *subjects: Any) -> Actor:
    """`require` for a verb, and who does it: where only a cover gives the right to it, on behalf of the one covered."""
    access = access_of(request)
    require(can(access, *subjects))
    covered = acting_for(access, lambda half: can(half, *subjects)) if request.method == "POST" else None
    return Actor(request.user, lambda _subject: covered)


def allow_each(request: Request, right: Callable[[Access, Any], bool]) -> Actor:
    """The same for a verb that changes many rows at once, for each of which the right to it is asked apart."""
    access = access_of(request)
    if not access.covering:
        return Actor(request.user)
    return Actor(request.user, lambda subject: acting_for(access, lambda half: right(half, subject)))
