"""What waits for the person who looks, most urgent first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of
from tracker.accounts.models import Membership
from tracker.people.policies import can_see_removals
from tracker.people.queries import role_requests_waiting
from tracker.recommendations.page.queries import recent_changes
from tracker.recommendations.task.queries import also_owned, waiting_for
from tracker.recommendations.timeline.queries import entry_of, names_in
from tracker.reviews.home import home_sections
from tracker.reviews.operations.badge import badge_count
from tracker.reviews.policies import can_review
from tracker.reviews.queries.since import since_reports
from tracker.web.http import Request, page


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
        "role_requests": role_requests_waiting(access),
        "may_own": access.may_own,
        "can_review": can_review(access),
        "reports": since_reports(access) if access.is_inspector else None,
    }
    return page(request, "reviews/home.html", "reviews/_home.html", context)


@require_safe
def badge(request: Request) -> HttpResponse:
    """The number beside "Home", for a page that was shown before it was counted."""
    return render(request, "_badge.html", {"count": badge_count(access_of(request))})
