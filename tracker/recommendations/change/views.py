"""The row that is edited in the list, and the search for its owner."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow
from tracker.accounts.policies import people_by_nearness
from tracker.history.operations import Actor, attempt
from tracker.recommendations.change import operations
from tracker.recommendations.change.conflict import base_of, conflict_of
from tracker.recommendations.change.forms import ChangeForm
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.listing.http import row_query
from tracker.recommendations.listing.queries import RecommendationList, row_of
from tracker.recommendations.recommendation.forms import matching
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import (
    can_change,
    can_plan,
    can_report,
    leads_from_above,
    visible_inspections,
    visible_recommendations,
)
from tracker.web.forms import clean_text
from tracker.web.http import Request, number_in, page, redirect, safe_next, wants_part
from tracker.web.today import now


def _found(request: Request, pk: int) -> Recommendation:
    access = access_of(request)
    return get_object_or_404(with_findings(visible_recommendations(access).for_rows(on=access.on), access), pk=pk)


@dataclass(frozen=True)
class Origin:
    """The page from which the person came to change a row."""

    url: str

    @classmethod
    def of(cls, request: Request, item: Recommendation) -> "Origin":
        return cls(safe_next(request) or reverse("recommendations:detail", args=[item.pk]))

    def list_for(self, request: Request) -> RecommendationList | None:
        """The list that stands at that address, so that its counts can be told anew."""
        path, _mark, query = self.url.partition("#")[0].partition("?")
        try:
            match = resolve(path)
        except Resolver404:
            return None
        access = access_of(request)
        if match.view_name == "recommendations:list":
            return RecommendationList(access, QueryDict(query))
        if match.view_name == "recommendations:inspection":
            found = visible_inspections(access).filter(pk=match.kwargs["pk"]).first()
            return RecommendationList(access, QueryDict(query), found) if found else None
        return None


@require_safe
def row(request: Request, pk: int) -> HttpResponse:
    """The row as it is: what Cancel brings back."""
    item = _found(request, pk)
    origin = Origin.of(request, item)
    if not wants_part(request):
        return redirect(request, origin.url)
    context = _row_context(request, item, origin) | {"focused": True}
    return page(request, "recommendations/change/_row.html", "recommendations/change/_row.html", context)


def _row_context(request: Request, item: Recommendation, origin: Origin) -> dict[str, Any]:
    access = access_of(request)
    wide = bool(request.GET.get("wide") or request.POST.get("wide"))
    return {
        "row": row_of(item, access),
        "next": origin.url,
        "row_query": row_query(origin.url, wide=wide),
        "on": access.on,
        "shows_inspection": wide,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    item = _found(request, pk)
    allow(request, can_change, item)
    origin = Origin.of(request, item)
    form = _change_form(request, item)
    context = _row_context(request, item, origin) | {
        "form": form,
        "item": item,
        "from_above": leads_from_above(access, item),
    }
    templates = ("recommendations/change/change.html", "recommendations/change/_row_form.html")
    if request.method != "POST":
        return page(request, *templates, context)
    if not form.is_valid():
        return page(request, *templates, context, status=422)
    # Owner and date need the lead's right to it, whoever may report.
    by = allow(request, can_plan if {*form.PLAN} & {*form.changed_data} else can_report, item)
    tried = attempt(lambda: _work(by, item, form))
    if tried.is_conflict:
        return page(request, *templates, context | conflict_of(item, form), status=409)
    if tried.refusal:
        form.add_errors(tried.refusal)
        return page(request, *templates, context, status=422)
    changed = tried.result or item
    is_same = tried.result is not None and changed.version == item.version
    said = _("No changes to save in %(title)s.") if is_same else _("%(title)s saved.")
    return _changed(request, changed, origin, said % {"title": changed.title})


def _work(by: Actor, item: Recommendation, form: ChangeForm) -> Recommendation:
    return operations.change(
        item,
        by=by,
        at=now(),
        seen_version=form.cleaned_data["version"],
        plan=form.plan,
        report=form.report,
        key=form.cleaned_data["request_key"],
    )


def _change_form(request: Request, item: Recommendation) -> ChangeForm:
    """With the fields that this person may set."""
    access = access_of(request)
    return ChangeForm(
        request.POST if request.method == "POST" else None,
        recommendation=item,
        on=access.on,
        base=base_of(item, request.POST.get(f"r{item.pk}-version", "")),
        may_plan=can_plan(access, item),
        may_report=can_report(access, item),
    )


def _changed(request: Request, item: Recommendation, origin: Origin, said: str) -> HttpResponse:
    """The row in its place and the counts above it, or the page that the person came from."""
    listed = origin.list_for(request)
    if not wants_part(request) or listed is None:
        messages.success(request, said)
        return redirect(request, origin.url)
    item = _found(request, item.pk)
    counts = listed.counts()
    context = _row_context(request, item, origin) | {
        "counts": counts,
        "said": said + " " + _("%(overdue)s of %(all)s are overdue.") % counts,
    }
    return page(request, "recommendations/change/_row_saved.html", "recommendations/change/_row_saved.html", context)


@require_safe
def people(request: Request) -> JsonResponse:
    """Who fits what is being typed as the owner of recommendation `for`: people of its addressee first."""
    access = access_of(request)
    item = get_object_or_404(
        visible_recommendations(access).select_related("addressee"), pk=number_in(request.GET.get("for", ""))
    )
    allow(request, can_plan, item)
    typed = clean_text(request.GET.get("q", ""), lines=False)[:100]
    found = matching(people_by_nearness(item.addressee, access.on), typed)[:10] if typed else []
    return JsonResponse([{"label": person.label, "hint": ""} for person in found], safe=False)
