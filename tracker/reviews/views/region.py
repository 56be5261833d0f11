"""The overview: one screen on all organisations."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.recommendations.http import row_query
from tracker.reviews.policies import can_review
from tracker.reviews.queries.region import figure_labels, region_rows, total_figures, worst_rows
from tracker.web.http import Request, page


@require_safe
def region(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    rows = region_rows(access)
    context = {
        "rows": rows,
        "stale_days": settings.STALE_DAYS,
        "all": sum(row.total.number for row in rows),
        "totals": total_figures(rows),
        "labels": figure_labels(),
        "worst": worst_rows(access),
        "on": access.on,
        "row_query": row_query(request.path, wide=True),
    }
    return page(request, "reviews/region.html", "reviews/_region.html", context)
