"""By theme: what is recommended across inspections, by standard."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.reviews.policies import can_review
from tracker.reviews.queries.themes import themes as themes_of
from tracker.web.http import Request, number_in, page


@require_safe
def themes(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    standard, start = request.GET.get("standard", ""), number_in(request.GET.get("from", ""))
    context = {"themes": themes_of(access, standard=standard, start=start), "on": access.on}
    return page(request, "reviews/themes.html", "reviews/_themes.html", context)
