"""The request's person, as the policies ask for them."""

from django.core.exceptions import PermissionDenied

from tracker.accounts.policies import Access
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
