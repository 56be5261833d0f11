"""What inspections found, fetched beside the recommendations."""

from django.db.models import Prefetch

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.recommendation.models import RecommendationQuerySet


def with_findings(rows: RecommendationQuerySet, access: Access) -> RecommendationQuerySet:
    """With the findings of HMIP. One more query for any number of rows.

    Nothing that a report found which this person may not see yet.
    """
    findings = Finding.objects.filter(may_be_seen(access, "inspection__"))
    findings = findings.select_related("inspection").order_by("inspection__published_to", "pk")
    return rows.prefetch_related(Prefetch("findings", queryset=findings))
