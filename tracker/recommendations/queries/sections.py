"""The folded parts of a recommendation's page, each from the module of its noun."""

from collections.abc import Callable

from tracker.accounts.policies import Access
from tracker.recommendations.models import Recommendation
from tracker.recommendations.queries import (
    action,
    ask,
    comment,
    evidence,
    extension,
    lineage,
    measure,
    response,
    review,
    update,
)
from tracker.recommendations.queries.section import Section

SECTIONS: tuple[Callable[[Access, Recommendation], Section | None], ...] = (
    response.section,
    action.section,
    update.section,
    measure.section,
    evidence.section,
    review.section,
    extension.section,
    ask.section,
    lineage.section,
    comment.section,
)


def sections_of(access: Access, item: Recommendation) -> list[Section]:
    return [section for make in SECTIONS if (section := make(access, item)) is not None]
