"""What somebody was typing and has not sent."""

from tracker.accounts.models import User
from tracker.recommendations.models import Unsent


def unsent_of(person: User, place: str) -> Unsent | None:
    return Unsent.objects.filter(person=person, place=place).first()
