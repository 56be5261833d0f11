"""Pages of action plans and of their sent versions."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow
from tracker.accounts.policies import Access
from tracker.recommendations.plan import operations
from tracker.recommendations.plan.forms import ClearPlanForm, FixDatesForm, PlanDueForm, RevisePlanForm, SendPlanForm
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.plan.policies import (
    can_clear,
    can_fix_dates,
    can_revise_plan,
    can_send_plan,
    can_set_plan_due,
    leads_plan,
    sees_plan,
)
from tracker.recommendations.plan.queries import (
    PlanPage,
    draft_previous,
    find_plan,
    last_plan_event,
    plan_happened_since,
    plan_history,
    plan_page,
    state_in_words,
)
from tracker.recommendations.plan.sent import sent_in_words, sent_versions, visible_sent_plans
from tracker.recommendations.plan.versions import plan_due_versions
from tracker.recommendations.recommendation.policies import visible_inspections
from tracker.recommendations.verb.views import Verb, carry_out
from tracker.web.http import Request, page, redirect

METHODS = ["GET", "HEAD", "POST"]


def _found(request: Request, pk: int, addressee: int) -> ActionPlan:
    access = access_of(request)
    inspection = get_object_or_404(visible_inspections(access).select_related("organisation"), pk=pk)
    found = find_plan(inspection, addressee)
    if found is None or not sees_plan(access, found):
        raise Http404
    return found


def _url(plan: ActionPlan) -> str:
    return reverse("recommendations:plan", args=[plan.inspection_id, plan.addressee_id])


def _data(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _may_clear(access: Access, plan: ActionPlan) -> bool:
    """In any state: the operation says why not now."""
    return can_clear(access, ActionPlan(inspection=plan.inspection, addressee=plan.addressee))


def _context(request: Request, shown: PlanPage) -> dict[str, Any]:
    plan, access = shown.plan, access_of(request)
    days_left = plan.days_left(access.on)
    return {
        "plan": plan,
        "page": shown,
        "state": state_in_words(plan),
        "days_left": days_left,
        "days_late": -days_left if days_left is not None and days_left < 0 else 0,
        "leads": leads_plan(access, plan),
        "plan_url": _url(plan),
        "on": access.on,
    }


@require_safe
def plan(request: Request, pk: int, addressee: int) -> HttpResponse:
    found = _found(request, pk, addressee)
    if not access_of(request).sees_drafts:
        return redirect(request, reverse("recommendations:sent_plan", args=[sent_versions(found)[0].pk]))
    shown = plan_page(found, access_of(request).on)
    context = _context(request, shown) | {
        "can_clear": _may_clear(access_of(request), found),
        "previous": draft_previous(found) if leads_plan(access_of(request), found) else [],
        "history": plan_history(found),
        "sent_versions": sent_versions(found),
    }
    return page(request, "recommendations/plan/plan.html", "recommendations/plan/_plan.html", context)


@require_http_methods(METHODS)
def set_plan_due(request: Request, pk: int, addressee: int) -> HttpResponse:
    found = _found(request, pk, addressee)
    by = allow(request, can_set_plan_due, found)
    form = PlanDueForm(_data(request), plan=found, on=access_of(request).on)

    verb = Verb(
        heading=_("When is the action plan due to HMPPS?"),
        button=_("Save"),
        lead=_about(found),
        back=_url(found),
        refused=lambda: plan_due_versions(found, form),
    )
    return carry_out(
        request, verb, form, partial(operations.set_plan_due, found), by=by, said=_("Date saved."), to=_url(found)
    )


def _about(plan: ActionPlan) -> str:
    return _("%(name)s, about %(report)s") % {"name": plan.addressee, "report": plan.inspection}


@require_http_methods(METHODS)
def fix_dates(request: Request, pk: int, addressee: int) -> HttpResponse:
    found = _found(request, pk, addressee)
    by = allow(request, can_fix_dates, found)
    form = FixDatesForm(_data(request), initial={"seen_event": last_plan_event(found)})
    verb = _verb(request, found, form, _("Confirm due dates"), _("Confirm due dates"), "_plan_dates")
    verb.context["previous"] = draft_previous(found)
    verb.warning = _("After this, you must request an extension to make a due date later.")
    return carry_out(
        request, verb, form, partial(operations.fix_dates, found), by=by, said=_("Due dates confirmed."), to=_url(found)
    )


@require_http_methods(METHODS)
def clear_plan(request: Request, pk: int, addressee: int) -> HttpResponse:
    found = _found(request, pk, addressee)
    by = allow(request, _may_clear, found)
    form = ClearPlanForm(_data(request), initial={"seen_event": last_plan_event(found)})
    verb = _verb(request, found, form, _("Approve the action plan"), _("Approve plan"), "_plan_table")
    return carry_out(
        request, verb, form, partial(operations.clear_plan, found), by=by, said=_("Plan approved."), to=_url(found)
    )


@require_http_methods(METHODS)
def send_plan(request: Request, pk: int, addressee: int) -> HttpResponse:
    found = _found(request, pk, addressee)
    by = allow(request, can_send_plan, found)
    form = SendPlanForm(_data(request))
    verb = _verb(request, found, form, _("Record the action plan as sent to HMPPS"), _("Record as sent"), "_plan_table")
    verb.warning = _("The tracker keeps this version as it is now. You still need to send the plan to HMPPS.")
    return carry_out(
        request,
        verb,
        form,
        partial(operations.send_plan, found),
        by=by,
        said=_("Plan recorded as sent."),
        to=_url(found),
    )


@require_http_methods(METHODS)
def revise_plan(request: Request, pk: int, addressee: int) -> HttpResponse:
    found = _found(request, pk, addressee)
    by = allow(request, can_revise_plan, found)
    form = RevisePlanForm(_data(request))
    verb = _verb(request, found, form, _("Make changes to the action plan"), _("Return plan to draft"), "")
    verb.warning = _("A reviewer must approve it again before it is sent.")
    return carry_out(
        request,
        verb,
        form,
        partial(operations.revise_plan, found),
        by=by,
        said=_("Plan returned to draft."),
        to=_url(found),
    )


def _verb(request: Request, plan: ActionPlan, form: Any, heading: str, button: str, preview: str) -> Verb:
    """With the plan as it is, drawn by recommendations/plan/<preview>.html, above the form."""
    shown = plan_page(plan, access_of(request).on)
    context = _context(request, shown) | {"leads": False}
    context["preview"] = f"recommendations/plan/{preview}.html" if preview else ""
    return Verb(
        heading=heading,
        button=button,
        lead=_about(plan),
        back=_url(plan),
        template="plan/_plan_verb",
        context=context,
        refused=lambda: plan_happened_since(plan, form),
    )


@require_safe
def sent_plan(request: Request, pk: int) -> HttpResponse:
    sent = get_object_or_404(visible_sent_plans(access_of(request)), pk=pk)
    if not sees_plan(access_of(request), sent.plan):
        raise Http404
    context = {"sent": sent, "plan": sent.plan, "rows": sent_in_words(sent)}
    return page(request, "recommendations/plan/sent_plan.html", "recommendations/plan/_sent_plan.html", context)
