"""One search box over all that a person may see."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of
from tracker.reviews.forms.search import LONGEST, sought
from tracker.reviews.queries.search import NAMES, find
from tracker.web.http import Request, page


@require_safe
def search(request: Request) -> HttpResponse:
    typed = request.GET.get("q", "")
    asked, only = sought(typed), request.GET.get("kind", "")
    only = only if only in NAMES else ""
    found = find(access_of(request), asked, only)
    context = {
        "asked": asked,
        "only": only,
        "found": found,
        "count": sum(kind.count for kind in found),
        "is_cut": len(typed) > LONGEST,
        "longest": LONGEST,
    }
    return page(request, "reviews/search.html", "reviews/_found.html", context)
