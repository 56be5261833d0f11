"""What somebody was typing and has not sent, and which form it belongs to."""

import re

from tracker.accounts.models import User
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.unsent.models import Unsent

# The verbs whose forms keep what is typed; policies say for each who may send it.
VERBS = (
    *("report", "correct", "comment", "note", "submit", "ask", "ask_extension"),
    *("check", "sign_off", "return", "sustain", "reopen", "close"),
)

PLACE = re.compile(rf"({'|'.join(VERBS)}):([1-9][0-9]{{0,17}})")


def place_of(verb: str, item: Recommendation) -> str:
    """How the form of a verb on one recommendation is called where its unsent text is kept."""
    assert verb in VERBS
    return f"{verb}:{item.pk}"


def recommendation_in(place: str) -> int:
    """The id of the recommendation whose form this is; 0, which no row has, where it is no form's place."""
    found = PLACE.fullmatch(place)
    return int(found[2]) if found else 0


def unsent_of(person: User, place: str) -> Unsent | None:
    return Unsent.objects.filter(person=person, place=place).first()
