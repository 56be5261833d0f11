"""Claimed and proven."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.recommendations.listing.http import row_query
from tracker.reviews.policies import can_review
from tracker.reviews.queries.assurance import assurance as assurance_parts
from tracker.web.http import Request, page


@require_safe
def assurance(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    context = {"parts": assurance_parts(access), "row_query": row_query(request.path, wide=True)}
    return page(request, "reviews/assurance.html", "reviews/_assurance.html", context)
