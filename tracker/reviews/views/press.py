"""What may be said outside: a list of the inspections, and of each a statement to be copied or printed."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.reviews.policies import can_review
from tracker.reviews.queries.press import sayable_inspections, statement
from tracker.web.http import Request, page


@require_safe
def press(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    context = {"inspections": sayable_inspections(access)[:200], "on": access.on}
    return page(request, "reviews/press.html", "reviews/_press.html", context)


@require_safe
def press_statement(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    inspection = get_object_or_404(sayable_inspections(access), pk=pk)
    context = {"said": statement(access, inspection), "inspection": inspection, "on": access.on}
    return page(request, "reviews/press_statement.html", "reviews/_press_statement.html", context)
