"""Who can have packs and download files."""

from tracker.accounts.models import OrganisationQuerySet
from tracker.accounts.policies import Access, visible_organisations
from tracker.jobs.models import Job
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations


def pack_organisations(access: Access) -> OrganisationQuerySet:
    """Organisations of which the person can have a pack: all that they see. It holds what they can see."""
    return visible_organisations(access).order_by("path")


def sees_all_in(access: Access, job: Job) -> bool:
    """Whether the person can still see every inspection and recommendation in the file of the job."""
    inspections = visible_inspections(access).filter(pk__in=job.holds).values_list("pk", flat=True)
    if set(inspections) != set(job.holds):
        return False
    seen = visible_recommendations(access).filter(pk__in=job.recommendations).values_list("pk", flat=True)
    return set(seen) == set(job.recommendations)
