"""Home, and the review of a region."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of, require
from tracker.accounts.models import Membership
from tracker.people.policies import can_see_removals
from tracker.recommendations.history import entry_of, names_in
from tracker.recommendations.http import row_query
from tracker.recommendations.queries.recommendation import recent_changes
from tracker.recommendations.queries.waiting import also_owned, waiting_for
from tracker.reviews.forms import AsAtForm
from tracker.reviews.home import home_sections
from tracker.reviews.policies import can_review
from tracker.reviews.queries.assurance import assurance as assurance_parts
from tracker.reviews.queries.region import figure_labels, first_day, region_rows, total_figures, worst_rows
from tracker.web.http import Request, go, page
from tracker.web.today import today


@require_safe
def home(request: Request) -> HttpResponse:
    access = access_of(request)
    waiting = waiting_for(access)
    changes = recent_changes(access)
    names = names_in([event for _item, event in changes])
    context = {
        "on": access.on,
        "covering": access.covering.values(),
        "sections": home_sections(access, waiting),
        "changes": [(item, entry_of(event, names)) for item, event in changes],
        "owned": also_owned(access, waiting),
        "has_a_role": bool(access.held),
        "leads": bool(access.led_ids),
        "supplies": access.has(Membership.Role.SUPPLIER),
        "removals": can_see_removals(access),
        "may_own": access.may_own,
        "can_review": can_review(access),
    }
    return page(request, "reviews/home.html", "reviews/_home.html", context)


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


@require_safe
def assurance(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_review(access))
    context = {"parts": assurance_parts(access), "row_query": row_query(request.path, wide=True)}
    return page(request, "reviews/assurance.html", "reviews/_assurance.html", context)


@require_safe
def as_at(request: Request) -> HttpResponse:
    """Where a past day is chosen. The middleware shows the page at the address of that day."""
    first, chosen = first_day(), "chosen" in request.GET
    form = AsAtForm(request.GET if chosen else None, on=today(), first=first, initial=request.GET.dict())
    if form.is_valid():
        start = reverse("reviews:region" if can_review(access_of(request)) else "recommendations:list")
        return go(request, f"/as-at/{form.cleaned_data['day']}{form.cleaned_data['to'] or start}")
    context = {"form": form, "first": first}
    return page(request, "reviews/as_at.html", "reviews/_as_at.html", context, status=422 if chosen else 200)
