"""The page that requests the full record of one inspection as a file."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of
from tracker.exchange.operations.download import wanted
from tracker.jobs import operations as jobs
from tracker.recommendations.recommendation.policies import visible_inspections
from tracker.web.forms import Form
from tracker.web.http import Request, page, redirect
from tracker.web.today import now


@require_http_methods(["GET", "HEAD", "POST"])
def download(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    inspection = get_object_or_404(visible_inspections(access).select_related("organisation"), pk=pk)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        key, what = form.cleaned_data["request_key"], wanted(inspection)
        try:
            made = jobs.ask("download", by=request.user, at=now(), key=key, **what)
        except ValidationError as refused:
            form.add_errors(refused)
        else:
            return redirect(request, reverse("jobs:job", args=[made.pk]))
    status = 422 if request.method == "POST" else 200
    context = {"inspection": inspection, "form": form, "only_reads": bool(access.held) and not access.may_own}
    return page(request, "exchange/download.html", "exchange/_download.html", context, status=status)
