"""The page with the full record of one inspection."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of
from tracker.exchange.queries.inspector import record_of
from tracker.inspections.queries import embargo_of
from tracker.recommendations.recommendation.policies import visible_inspections
from tracker.web.http import Request, number_in, page
from tracker.web.today import now


@require_safe
def record(request: Request, pk: int) -> HttpResponse:
    """`page` in the address is a number; anything else gives the first page."""
    access = access_of(request)
    inspection = get_object_or_404(visible_inspections(access).select_related("organisation"), pk=pk)
    context = {
        "inspection": inspection,
        "embargo": embargo_of(access, inspection),
        "record": record_of(access, inspection, number_in(request.GET.get("page", ""))),
        "only_reads": bool(access.held) and not access.may_own,
        "at": now(),
    }
    return page(request, "exchange/record.html", "exchange/_record.html", context)
