"""Evidence as it stands once it was given."""

from collections.abc import Sequence

from tests.base import NOON, TODAY, recommendation
from tests.recommendations.offered import pdf, upload
from tracker.accounts.models import User
from tracker.history.operations import Actor, operation
from tracker.recommendations.evidence.files import checked
from tracker.recommendations.evidence.forms import Offered
from tracker.recommendations.evidence.operations import keep
from tracker.recommendations.models import Evidence
from tracker.recommendations.recommendation.operations import lock_all


def give(
    by: User,
    numbers: Sequence[int],
    *,
    link: str = "",
    count: int = 1,
    name: str = "shared.pdf",
    content: bytes | None = None,
    caption: str = "Shared.",
) -> list[Evidence]:
    file = None if link else checked(upload(name, content if content is not None else pdf()))
    with operation(by=Actor(by), at=NOON) as op:
        items = lock_all(recommendation(number).pk for number in numbers)
        return keep([Offered(caption, TODAY, file=file, link=link)] * count, items, op=op, by=Actor(by))
