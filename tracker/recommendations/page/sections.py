"""The sections of a recommendation's page, each from the module of its noun."""

from collections.abc import Callable

from tracker.accounts.policies import Access
from tracker.recommendations.action import queries as action
from tracker.recommendations.ask import queries as ask
from tracker.recommendations.comment import queries as comment
from tracker.recommendations.decision import queries as review
from tracker.recommendations.due import queries as extension
from tracker.recommendations.evidence import queries as evidence
from tracker.recommendations.lineage import queries as lineage
from tracker.recommendations.measure import queries as measure
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.response import queries as response
from tracker.recommendations.update import queries as update

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
