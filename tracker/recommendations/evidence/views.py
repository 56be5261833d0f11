"""Evidence: added, withdrawn, and handed out only to whoever sees the recommendation, never to be run."""

import logging
from functools import partial

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow
from tracker.recommendations.evidence import operations
from tracker.recommendations.evidence.forms import AddEvidenceForm, WithdrawEvidenceForm
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.evidence.policies import can_add_evidence, can_withdraw_evidence, visible_evidence
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.http import Request
from tracker.web.security_log import log

logger = logging.getLogger(__name__)

# By the kind that we found, never by what a browser once said it was.
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
}


@require_http_methods(["GET", "HEAD", "POST"])
def add_evidence(request: Request, pk: int) -> HttpResponse:
    item = found(request, pk)
    by = allow(request, can_add_evidence, item)
    form = AddEvidenceForm(request.POST, request.FILES) if request.method == "POST" else AddEvidenceForm()
    verb = Verb(
        heading=_("Add evidence"),
        button=_("Add evidence"),
        item=item,
        warning=_("Do not add anything that names or describes anyone on probation."),
        multipart=True,
    )
    return carry_out(
        request,
        verb,
        form,
        partial(operations.add_evidence, item),
        by=by,
        said=_("Evidence added."),
        to=page_of(item, "evidence"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_evidence(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    evidence = get_object_or_404(visible_evidence(access).select_related("caption"), pk=pk)
    item = found(request, evidence.recommendation_id)
    evidence.recommendation = item
    by = allow(request, can_withdraw_evidence, evidence)
    form = WithdrawEvidenceForm(request.POST if request.method == "POST" else None)
    verb = Verb(
        heading=_("Withdraw evidence"),
        button=_("Withdraw evidence"),
        item=item,
        lead=_("“%(caption)s” will no longer count as evidence. It stays in the list with your reason.")
        % {"caption": evidence.caption},
    )
    return carry_out(
        request,
        verb,
        form,
        partial(operations.withdraw_evidence, evidence),
        by=by,
        said=_("Evidence withdrawn."),
        to=page_of(item, "evidence"),
    )


@require_safe
def evidence(request: Request, pk: int) -> HttpResponseBase:
    """The file, to be saved and not shown. A link is no file and has no address here."""
    access = access_of(request)
    kept = get_object_or_404(visible_evidence(access).filter(link=""), pk=pk)
    if kept.is_removed:
        return _blocked(
            request, kept, 410, _("It contained information that must not be here and was permanently removed.")
        )
    if kept.scan == Evidence.Scan.INFECTED:
        return _blocked(request, kept, 403, _("A virus was found in it after it was uploaded."))
    try:
        content = operations.path_of(str(kept.file.name)).open("rb")
    except OSError:
        logger.exception("The file of evidence %s is not in the store.", kept.pk)
        return _blocked(request, kept, 404, _("The file is missing. Tell your administrator."))
    if not access.may_own:
        log("evidence-opened", request, evidence=kept.pk)
    response = FileResponse(
        content, as_attachment=True, filename=kept.name, content_type=TYPES.get(kept.kind, "application/octet-stream")
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _blocked(request: Request, kept: Evidence, status: int, why: str) -> HttpResponse:
    context = {"why": why, "back": page_of(kept.recommendation, "evidence")}
    return render(request, "recommendations/evidence/blocked_evidence.html", context, status=status)
