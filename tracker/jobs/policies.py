"""A job belongs to the person who requested it. No role lets anybody else see it."""

from tracker.accounts.policies import Access
from tracker.jobs.models import Job, JobQuerySet


def visible_jobs(access: Access) -> JobQuerySet:
    return Job.objects.filter(by=access.user)
