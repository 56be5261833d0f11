"""Saves drafts while a person types."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_POST

from tracker.accounts.http import allow
from tracker.recommendations.autosave.policies import can_keep_unsent
from tracker.recommendations.unsent import operations
from tracker.recommendations.unsent.forms import typed_in
from tracker.recommendations.unsent.queries import recommendation_in
from tracker.recommendations.verb.views import found
from tracker.web.http import Request, redirect, safe_next
from tracker.web.today import now


@require_POST
def save_unsent(request: Request, place: str) -> HttpResponse:
    """Answers app.js with the time it was saved at, "" where there was nothing to keep."""
    _require_place(request, place)
    try:
        values = typed_in(request.POST)
    except ValidationError as error:
        return JsonResponse({"error": error.messages[0]}, status=422)
    at = now()
    operations.save_unsent(request.user, place, values, at=at)
    return JsonResponse({"at": format_date(at, "H:i") if values else ""})


@require_POST
def discard_unsent(request: Request, place: str) -> HttpResponse:
    """Back to the form it belongs to, which is empty then."""
    _require_place(request, place)
    operations.discard_unsent(request.user, place)
    return redirect(request, safe_next(request) or reverse("recommendations:detail", args=[recommendation_in(place)]))


def _require_place(request: Request, place: str) -> None:
    item = found(request, recommendation_in(place))
    allow(request, can_keep_unsent, item, place)
