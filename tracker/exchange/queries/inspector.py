"""The full record of one inspection, in pages."""

from dataclasses import dataclass

from tracker.accounts.policies import Access
from tracker.exchange.queries.dossier import dossiers
from tracker.exchange.queries.record import Dossier
from tracker.inspections.models import Inspection
from tracker.recommendations.models import Comment
from tracker.recommendations.recommendation.policies import visible_recommendations

# Recommendations on one page.
SHOWN = 20


@dataclass(frozen=True)
class Record:
    """`withheld` is the number of internal comments on all its recommendations, which are left out."""

    dossiers: list[Dossier]
    count: int
    number: int
    pages: int
    withheld: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def record_of(access: Access, inspection: Inspection, number: int = 1) -> Record:
    """Page `number`, or the last page. A constant number of queries."""
    rows = visible_recommendations(access).in_report(inspection)
    pks = list(rows.order_by("is_previous", "position", "pk").values_list("pk", flat=True))
    pages = max(1, -(-len(pks) // SHOWN))
    number = min(max(number, 1), pages)
    return Record(
        dossiers=dossiers(access, pks[(number - 1) * SHOWN : number * SHOWN]),
        count=len(pks),
        number=number,
        pages=pages,
        withheld=Comment.objects.filter(recommendation__in=rows.order_by().values("pk"), is_internal=True).count(),
    )
