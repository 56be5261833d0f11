"""Changes several recommendations: select, choose the change, preview, confirm."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow_each, require
from tracker.accounts.policies import Access
from tracker.history.operations import Actor, attempt
from tracker.recommendations.bulk.forms import BulkForm, rows_in
from tracker.recommendations.bulk.operations import Wanted, change_many, outcome_of
from tracker.recommendations.listing.queries import RecommendationList
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_plan, visible_inspections, visible_recommendations
from tracker.web.http import Request, number_in, page, redirect
from tracker.web.today import now

MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: Request) -> HttpResponse:
    """The filter is the list's own, in the address; `inspection` narrows it to one report."""
    access = access_of(request)
    require(bool(access.led_ids))
    rows = _rows(request)
    data = request.POST if request.method == "POST" else None
    ticked = rows_in(request.POST.getlist("row"))
    chosen = _chosen(access, ticked)
    near = next((item.addressee for item in [*chosen, *rows]), None)
    form = BulkForm(data, near=near, on=access.on)
    context = {"form": form, "here": request.get_full_path(), "back": _back(request), "most": MOST}
    context |= {"rows": [(item, data is None or item.pk in ticked) for item in rows]}
    if data is None:
        return _show(request, context, 200)
    if form.is_valid() and not chosen:
        form.add_error(None, _("Select at least one recommendation"))
    if not form.is_valid():
        return _show(request, context, 422)
    wanted = _wanted(form)
    # Somebody who has changed what they ask for looks at it again first.
    if "confirm" in data and data.get("previewed") == wanted.mark:
        by = allow_each(request, lambda half, subject: isinstance(subject, Recommendation) and can_plan(half, subject))
        require(len(chosen) == len(ticked) and all(can_plan(access, item) for item in chosen))
        if answer := _carry_out(request, by, form, ticked, wanted):
            return answer
    return _preview(request, context, wanted, ticked)


def _rows(request: Request) -> list[Recommendation]:
    access = access_of(request)
    number = number_in(request.GET.get("inspection", ""))
    report = get_object_or_404(visible_inspections(access), pk=number) if number else None
    rows = RecommendationList(access, request.GET, report).rows.filter(addressee__in=access.led_ids)
    return list(rows.for_rows(on=access.on).order_by("inspection", "is_previous", "position", "pk")[:MOST])


def _chosen(access: Access, ticked: dict[int, int]) -> list[Recommendation]:
    """As they are now, also where the filter would no longer find them."""
    rows = visible_recommendations(access).filter(pk__in=list(ticked)[:MOST])
    return list(rows.for_rows(on=access.on).order_by("inspection", "is_previous", "position", "pk"))


def _back(request: Request) -> str:
    query = QueryDict(mutable=True)
    query.update(request.GET)
    report = number_in(query.pop("inspection", ["0"])[-1])
    to = reverse("recommendations:inspection", args=[report]) if report else reverse("recommendations:list")
    return f"{to}?{query.urlencode()}" if query else to


def _wanted(form: BulkForm) -> Wanted:
    data = form.cleaned_data
    due = data["due_on"]
    return Wanted(data["owner"], due.on if due else None, bool(due and due.is_month), data["weeks"], data["reason"])


def _carry_out(
    request: Request, by: Actor, form: BulkForm, ticked: dict[int, int], wanted: Wanted
) -> HttpResponse | None:
    """None where it was refused, and the form says why."""
    key = form.cleaned_data["request_key"]
    tried = attempt(lambda: change_many(ticked, wanted=wanted, by=by, at=now(), key=key))
    if tried.refusal:
        form.add_errors(tried.refusal)
        return None
    count = len(ticked) if tried.result is None else tried.result
    said = ngettext("%(n)s recommendation changed.", "%(n)s recommendations changed.", count)
    messages.success(request, said % {"n": count})
    return redirect(request, _back(request))


def _preview(request: Request, context: dict[str, Any], wanted: Wanted, ticked: dict[int, int]) -> HttpResponse:
    """With the versions as they are now: confirmed from here, it is done."""
    access, form = access_of(request), context["form"]
    outcomes = [outcome_of(item, wanted, may_plan=can_plan(access, item)) for item in _chosen(access, ticked)]
    context |= {
        "preview": wanted.mark,
        "changing": [one for one in outcomes if one.is_change],
        "refused": [one for one in outcomes if one.refused],
        "same": sum(not one.refused and not one.is_change for one in outcomes),
    }
    conflict = form.has_error(NON_FIELD_ERRORS, "conflict")
    return _show(request, context, 409 if conflict else 422 if form.errors else 200)


def _show(request: Request, context: dict[str, Any], status: int) -> HttpResponse:
    names = ("recommendations/bulk/bulk.html", "recommendations/bulk/_bulk.html")
    return page(request, *names, context, status=status)
