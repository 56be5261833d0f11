"""Who looks after the letters that leave the house."""

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, Role


def can_see_letters(access: Access) -> bool:
    """How letters fare is one matter for the whole installation: its operator's, and the national administrators'."""
    return access.user.is_staff or any(
        held.role == Role.ADMINISTRATOR and held.kind == Organisation.Kind.NATIONAL for held in access.held
    )
