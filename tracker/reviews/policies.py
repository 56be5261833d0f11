"""Who may see what it adds up to."""

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access


def can_review(access: Access) -> bool:
    """Whoever has a role above the PDUs: at a region, or nationally."""
    return any(held.kind != Organisation.Kind.PDU for held in access.held)


# Where a past day is chosen, also from a page of a past day.
AS_AT = "/as-at/"
# Pages that are read, by name: they are also shown as they stood at the end of a past day. All else is today's.
SHOWN_AS_AT = {
    "reviews:region",
    "reviews:assurance",
    "recommendations:list",
    "recommendations:detail",
    "recommendations:inspections",
    "recommendations:inspection",
    "recommendations:plan",
    "recommendations:sent_plan",
    "recommendations:action",
    "recommendations:asks",
    "recommendations:ask_page",
    "recommendations:measure",
}
