"""How it went over the months since publication, and how late the overdue are."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.recommendations.recommendation.policies import visible_inspections
from tracker.reviews.forms.trend import TrendForm
from tracker.reviews.policies import can_review
from tracker.reviews.queries.since import addressees
from tracker.reviews.queries.trend import Scope, ageing
from tracker.reviews.queries.trend import trend as trend_of
from tracker.reviews.queries.trend_chart import bars_of, chart_of
from tracker.web.http import Request, page


@require_safe
def trend(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    form = TrendForm(request.GET, inspections=visible_inspections(access), organisations=addressees(access))
    context: dict[str, Any] = {"form": form, "on": access.on}
    if form.is_valid():
        scope = Scope(*form.chosen)
        found, late = trend_of(access, scope), ageing(access, scope)
        context |= {
            "scope": scope,
            "trend": found,
            "newest_first": found.months[::-1],
            "chart": chart_of(found),
            "bars": bars_of(late),
            "overdue": sum(figure.number for figure in late),
        }
    return page(request, "reviews/trend.html", "reviews/_trend.html", context, status=200 if form.is_valid() else 422)
