"""Compares progress as reported, checked and rated, with a list for each difference."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.listing.assurance import fell, moved, unmoved
from tracker.recommendations.listing.queries import Row, row_of
from tracker.recommendations.models import Progress, Recommendation, RecommendationQuerySet, status_filters
from tracker.recommendations.recommendation.policies import visible_recommendations

SHOWN = 20
Status = Recommendation.Status


@dataclass(frozen=True)
class Part:
    """`count` of all; `rows` the most late of them; `url` leads to the list of all, where it can be asked for."""

    name: str
    title: str
    words: str
    count: int
    rows: list[Row]
    url: str = ""

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def assurance(access: Access) -> list[Part]:
    """The largest gap first. A constant number of queries."""
    seen = visible_recommendations(access).exclude_carried()
    marks = status_filters(access.on)
    return [
        _marked(
            access,
            seen.filter(marks["gap"]),
            "gap",
            _("Reported progress is higher than the last check"),
            _("The owner reports more than a reviewer has since found, or Sufficient that nobody has checked."),
        ),
        _unmoved(access, seen),
        _marked(
            access,
            seen.filter(marks["unsustained"]),
            "unsustained",
            _("Signed off, not yet confirmed as sustained"),
            _("A reviewer is asked 3 months after sign-off whether the progress has been sustained."),
        ),
        _marked(
            access,
            seen.filter(fell()),
            "went_down",
            _("Downgraded"),
            _("The latest update reports less than the one before."),
        ),
        _marked(
            access,
            seen.filter(moved(access)),
            "moved",
            _("Improved since the inspection"),
            _("A reviewer found more than HMIP did, or the owner reports more and nobody has checked yet."),
        ),
    ]


def _marked(access: Access, rows: RecommendationQuerySet, mark: str, title: str, words: str) -> Part:
    url = f"{reverse('recommendations:list')}?mark={mark}"
    return Part(mark, title, words, rows.count(), _worst(access, rows), url)


def _unmoved(access: Access, seen: RecommendationQuerySet) -> Part:
    claimed = seen.filter(
        Q(progress=Progress.SUFFICIENT), status__in=(Status.OPEN, Status.SUBMITTED, Status.SIGNED_OFF)
    )
    found = unmoved(access, list(claimed))
    return Part(
        "unmoved",
        _("Reported sufficient, no measure improved"),
        _("Its measures have new figures by the same method, and none is better than in the report."),
        len(found),
        _worst(access, seen.filter(pk__in=found)) if found else [],
    )


def _worst(access: Access, rows: RecommendationQuerySet) -> list[Row]:
    ordered = with_findings(rows.for_rows(on=access.on), access).order_by("due_on", "pk")
    return [row_of(item, access) for item in ordered[:SHOWN]]
