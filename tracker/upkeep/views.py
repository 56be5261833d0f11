"""Health endpoints for monitoring, and the page of emails for administrators."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, require
from tracker.history.operations import Actor, attempt
from tracker.reminders.operations.letters import resend, why_not_again
from tracker.reminders.policies import can_see_letters
from tracker.upkeep.queries import (
    FAILING,
    MOST_SHOWN,
    OK,
    Health,
    all_letters,
    everything_is_migrated,
    letters_that_did_not_go,
)
from tracker.web.forms import Form
from tracker.web.http import Request, page, redirect
from tracker.web.today import now


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when a page could be served; a database that is away answers 503 like any page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def _answer(status: str, **more: Any) -> JsonResponse:
    """A JSON answer that must not be cached."""
    answer = JsonResponse({"status": status, **more}, status=503 if status == FAILING else 200)
    answer["Cache-Control"] = "no-store"
    return answer


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. No query."""
    return _answer(OK)


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is what this version needs."""
    try:
        return _answer(OK if everything_is_migrated() else FAILING)
    except (DatabaseError, InterfaceError):
        return _answer(FAILING)


@login_not_required
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Clock, worker and emails work. Only administrators are told which check fails."""
    try:
        found = Health(now())
        if request.user.is_authenticated and can_see_letters(access_of(cast(Request, request))):
            return _answer(found.status, checks=found.checks)
        return _answer(FAILING if found.status == FAILING else OK)
    except (DatabaseError, InterfaceError):
        return _answer(FAILING)


@require_safe
def letters(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_see_letters(access))
    context = {"health": Health(access.at), "rows": letters_that_did_not_go(access), "most": MOST_SHOWN}
    return page(request, "upkeep/letters.html", "upkeep/_letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_see_letters(access))
    letter = get_object_or_404(all_letters(), pk=pk)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["request_key"]
        tried = attempt(lambda: resend(letter, by=Actor(request.user), at=now(), key=key))
        if not tried.refusal:
            messages.success(request, _("The email will be sent again within a minute."))
            return redirect(request, reverse("upkeep:letters"))
        form.add_errors(tried.refusal)
    context = {"form": form, "letter": letter, "why_not": why_not_again(letter, on=access.on)}
    status = 422 if request.method == "POST" else 200
    return page(request, "upkeep/send_again.html", "upkeep/_send_again.html", context, status=status)
