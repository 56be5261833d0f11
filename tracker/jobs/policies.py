"""Whose a job is: of whoever asked for it, and of nobody else, whatever their role."""

from tracker.accounts.policies import Access
from tracker.jobs.models import Job, JobQuerySet


def visible_jobs(access: Access) -> JobQuerySet:
    return Job.objects.filter(by=access.user)
