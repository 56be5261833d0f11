"""Pages: a person's jobs, their progress, and the file, which only that person can fetch."""

import logging

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tracker.accounts.http import access_of
from tracker.jobs import operations
from tracker.jobs.models import Job
from tracker.jobs.policies import visible_jobs
from tracker.jobs.queries import files_of, may_be_had
from tracker.web.http import Request, page, redirect
from tracker.web.security_log import log
from tracker.web.today import now

logger = logging.getLogger(__name__)
# By the ending of the file name, which the tracker chose.
TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".zip": "application/zip",
}


@require_safe
def files(request: Request) -> HttpResponse:
    context = {"jobs": files_of(access_of(request))}
    return page(request, "jobs/files.html", "jobs/_files.html", context)


@require_safe
def job(request: Request, pk: int) -> HttpResponse:
    """Reloads itself every two seconds with htmx until the job ends."""
    found = get_object_or_404(visible_jobs(access_of(request)), pk=pk)
    return page(request, "jobs/job.html", "jobs/_job_told.html", {"job": found})


@require_POST
def again(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(visible_jobs(access_of(request)), pk=pk)
    try:
        operations.again(found, at=now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Trying again."))
    return redirect(request, reverse("jobs:job", args=[found.pk]))


@require_safe
def file(request: Request, pk: int) -> HttpResponseBase:
    """The file, as a download, while the person can still see everything in it."""
    access = access_of(request)
    found = get_object_or_404(visible_jobs(access).filter(state=Job.State.DONE), pk=pk)
    if not may_be_had(access, found):
        return _none(request, found, 403, _("You no longer have access to its content."))
    try:
        content = operations.path_of(found.file).open("rb")
    except OSError:
        logger.exception("The file of job %s is not in the store.", found.pk)
        return _none(request, found, 404, _("The file is no longer stored. Create it again."))
    kind = next((kind for ending, kind in TYPES.items() if found.filename.endswith(ending)), "application/octet-stream")
    log("file-fetched", request, kind=found.kind, job=found.pk)
    response = FileResponse(content, as_attachment=True, filename=found.filename, content_type=kind)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _none(request: Request, found: Job, status: int, why: str) -> HttpResponse:
    return render(request, "jobs/no_file.html", {"job": found, "why": why}, status=status)
