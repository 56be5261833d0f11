"""Inspections, lists of recommendations, and the page of one recommendation."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.accounts.http import access_of
from tracker.inspections.queries import embargo_of
from tracker.recommendations.decision.policies import why_barred
from tracker.recommendations.decision.progress_by_source import voices
from tracker.recommendations.decision.queries import wait_of
from tracker.recommendations.due.queries import extensions_of
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.listing.http import row_query
from tracker.recommendations.listing.queries import ORDERS, RecommendationList, row_of
from tracker.recommendations.page.sections import sections_of
from tracker.recommendations.page.steps import steps_of
from tracker.recommendations.plan.queries import plans_of, state_seen
from tracker.recommendations.recommendation.drafts import without_drafts
from tracker.recommendations.recommendation.fields import facts_of
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations
from tracker.recommendations.recommendation.queries import with_cover_of_owner
from tracker.recommendations.timeline.queries import history_of
from tracker.web.http import Request, page


@require_safe
def inspections(request: Request) -> HttpResponse:
    rows = visible_inspections(access_of(request)).select_related("organisation")
    context = {"inspections": rows[:200]}
    return page(request, "recommendations/page/inspections.html", "recommendations/page/_inspections.html", context)


@require_safe
def inspection(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(visible_inspections(access_of(request)).select_related("organisation"), pk=pk)
    listed = RecommendationList(access_of(request), request.GET, found)
    rows = listed.whole()
    context = _list_context(request, listed) | {
        "inspection": found,
        "embargo": embargo_of(access_of(request), found),
        "ratings": found.ratings.all(),
        "rows": [row for row in rows if not row.item.is_previous],
        "previous_rows": [row for row in rows if row.item.is_previous],
        "plans": [(plan, state_seen(access_of(request), plan)) for plan in plans_of(access_of(request), found)],
    }
    return page(request, "recommendations/page/inspection.html", "recommendations/page/_inspection_rows.html", context)


@require_safe
def recommendations(request: Request) -> HttpResponse:
    listed = RecommendationList(access_of(request), request.GET)
    found = listed.page()
    context = _list_context(request, listed) | {
        "rows": [row_of(item, listed.access) for item in found.rows],
        "found": found,
        "sort": listed.sort,
        "orders": [(name, label, name == listed.sort) for name, (label, _order) in ORDERS.items()],
        "shows_inspection": True,
    }
    return page(request, "recommendations/listing/list.html", "recommendations/listing/_list_rows.html", context)


def _list_context(request: Request, listed: RecommendationList) -> dict[str, Any]:
    query = request.GET.copy()
    if listed.inspection is not None:
        query["inspection"] = str(listed.inspection.pk)
    return {
        "bulk_url": f"{reverse('recommendations:bulk')}?{query.urlencode()}" if listed.access.led_ids else "",
        "form": listed.form,
        "counts": listed.counts(),
        "next": request.get_full_path(),
        "row_query": row_query(request.get_full_path(), wide=listed.inspection is None),
        "here": request.path,
        "on": listed.access.on,
    }


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    rows = with_cover_of_owner(visible_recommendations(access).for_rows(on=access.on), access)
    item = get_object_or_404(with_findings(rows, access), pk=pk)
    without_drafts(access, [item])
    extensions = extensions_of(item, access)
    context = {
        "row": row_of(item, access),
        "item": item,
        "embargo": embargo_of(access, item.inspection),
        "facts": facts_of(item),
        "findings": item.findings.all(),
        "steps": steps_of(access, item, extensions.asked),
        "granted": extensions.granted,
        "wait": wait_of(access, item),
        "barred": why_barred(access, item) if item.status == item.Status.SUBMITTED or extensions.asked else [],
        "voices": voices(item),
        "sections": sections_of(access, item),
        "history": history_of(item, access),
        "on": access.on,
        "next": request.get_full_path(),
    }
    return page(request, "recommendations/page/detail.html", "recommendations/page/_detail.html", context)
