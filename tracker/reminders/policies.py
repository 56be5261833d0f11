"""Who can see and resend the emails of the installation."""

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, Role


def can_see_letters(access: Access) -> bool:
    """The operator and national administrators: emails are managed for the whole installation."""
    return access.user.is_staff or any(
        held.role == Role.ADMINISTRATOR and held.kind == Organisation.Kind.NATIONAL for held in access.held
    )
