"""For whom something is put together to leave the house."""

from tracker.accounts.models import OrganisationQuerySet
from tracker.accounts.policies import Access, visible_organisations
from tracker.jobs.models import Job
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations


def pack_organisations(access: Access) -> OrganisationQuerySet:
    """Whoever sees an organisation may have a pack of it; it holds what they may see."""
    return visible_organisations(access).order_by("path")


def sees_all_in(access: Access, job: Job) -> bool:
    """Still sees every inspection and every recommendation that the file of the job tells of."""
    inspections = visible_inspections(access).filter(pk__in=job.holds).values_list("pk", flat=True)
    if set(inspections) != set(job.holds):
        return False
    seen = visible_recommendations(access).filter(pk__in=job.recommendations).values_list("pk", flat=True)
    return set(seen) == set(job.recommendations)
