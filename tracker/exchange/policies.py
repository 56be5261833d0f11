"""For whom something is put together to leave the house."""

from tracker.accounts.models import OrganisationQuerySet
from tracker.accounts.policies import Access, visible_organisations


def pack_organisations(access: Access) -> OrganisationQuerySet:
    """Whoever sees an organisation may have a pack of it; it holds what they may see."""
    return visible_organisations(access).order_by("path")
