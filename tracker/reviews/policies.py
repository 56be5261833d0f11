"""Who may see what it adds up to."""

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access


def can_review(access: Access) -> bool:
    """Whoever has a role above the PDUs: at a region, or nationally."""
    return any(held.kind != Organisation.Kind.PDU for held in access.held)
