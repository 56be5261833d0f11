"""Where a past day is chosen."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of
from tracker.reviews.forms.as_at import AsAtForm
from tracker.reviews.policies import can_review
from tracker.reviews.queries.region import first_day
from tracker.web.http import Request, page, redirect
from tracker.web.today import today


@require_safe
def as_at(request: Request) -> HttpResponse:
    """Where a past day is chosen. The middleware shows the page at the address of that day."""
    first, chosen = first_day(), "chosen" in request.GET
    form = AsAtForm(request.GET if chosen else None, on=today(), first=first, initial=request.GET.dict())
    if form.is_valid():
        start = reverse("reviews:region" if can_review(access_of(request)) else "recommendations:list")
        return redirect(request, f"/as-at/{form.cleaned_data['day']}{form.cleaned_data['to'] or start}")
    context = {"form": form, "first": first}
    return page(request, "reviews/as_at.html", "reviews/_as_at.html", context, status=422 if chosen else 200)
