"""Forms with drafts, and who can save one: people who can send the form."""

from collections.abc import Callable

from tracker.accounts.policies import Access
from tracker.recommendations.comment.policies import can_comment
from tracker.recommendations.decision.policies import can_decide
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_report, leads

# By verb, who may send its form. None that changes what others may change too: a text of last week must not come back
# over their newer one.
FORMS: dict[str, Callable[[Access, Recommendation], bool]] = {
    "report": can_report,
    "correct": can_report,
    "comment": can_comment,
    # In a meeting.
    "note": can_comment,
    "submit": leads,
    "ask": leads,
    "ask_extension": leads,
    "check": can_decide,
    "sign_off": can_decide,
    "return": can_decide,
    "sustain": can_decide,
    "reopen": can_decide,
    "close": can_decide,
}


def can_keep_unsent(access: Access, item: Recommendation, place: str) -> bool:
    return FORMS[place.partition(":")[0]](access, item)
