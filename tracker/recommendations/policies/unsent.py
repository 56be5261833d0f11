"""Which forms keep what is typed into them, and for whom: those who may send them."""

import re
from collections.abc import Callable

from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation
from tracker.recommendations.policies.comment import can_comment
from tracker.recommendations.policies.recommendation import can_report, leads
from tracker.recommendations.policies.review import can_decide

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
PLACE = re.compile(rf"({'|'.join(FORMS)}):([1-9][0-9]{{0,17}})")


def place_of(verb: str, item: Recommendation) -> str:
    """How the form of a verb on one recommendation is called where its unsent text is kept."""
    assert verb in FORMS
    return f"{verb}:{item.pk}"


def recommendation_in(place: str) -> int:
    """The id of the recommendation whose form this is; 0, which no row has, where it is no form's place."""
    found = PLACE.fullmatch(place)
    return int(found[2]) if found else 0


def can_keep_unsent(access: Access, item: Recommendation, place: str) -> bool:
    return FORMS[place.partition(":")[0]](access, item)
