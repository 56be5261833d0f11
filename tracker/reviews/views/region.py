"""The overview: one screen on all organisations, on one region's, or on the nation's regions."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, visible_organisations
from tracker.recommendations.listing.http import row_query
from tracker.reviews.operations.last_visit import look
from tracker.reviews.policies import can_review, can_review_nationally
from tracker.reviews.queries.last_visit import changed_since
from tracker.reviews.queries.overview import addressed_nationally, overview
from tracker.reviews.queries.region import GROUPS, OrganisationRow, national_rows, region_rows, seen_within
from tracker.web.http import Request, number_in, page


@require_safe
def region(request: Request) -> HttpResponse:
    """All that the person sees, or one region where the address names it."""
    access = access_of(request)
    require(can_review(access))
    within = _region_named(request, access)
    return _page(request, region_rows(access, within), here="region", within=within)


@require_safe
def national(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review_nationally(access))
    return _page(request, national_rows(access), here="national")


def _region_named(request: Request, access: Access) -> Organisation | None:
    if "region" not in request.GET:
        return None
    regions = visible_organisations(access).filter(kind=Organisation.Kind.REGION)
    return get_object_or_404(regions, pk=number_in(request.GET["region"]))


def _page(
    request: Request, rows: list[OrganisationRow], *, here: str, within: Organisation | None = None
) -> HttpResponse:
    access = access_of(request)
    items = seen_within(access, within).exclude_carried()
    context: dict[str, Any] = {
        "here": here,
        "within": within,
        "found": overview(access, rows, items, within),
        "groups": [(name, title, list(labels.values())) for name, title, labels in GROUPS],
        "columns": sum(len(labels) for _name, _title, labels in GROUPS) + 2,
        "to_hmpps": addressed_nationally(access) if here == "national" else None,
        "looked": None,
        "stale_days": settings.STALE_DAYS,
        "on": access.on,
        "row_query": row_query(request.get_full_path(), wide=True),
    }
    # A page of the past has no since; a page that the browser fetched ahead was not looked at.
    if not getattr(request, "past", None):
        ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
        is_kept = request.method == "GET" and within is None and not ahead
        context["looked"] = changed_since(access, look(access, is_kept=is_kept), items)
    return page(request, "reviews/region.html", "reviews/_region.html", context)
