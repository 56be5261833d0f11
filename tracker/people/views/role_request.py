"""Roles that a second person confirms: the list of requests, the decision, and withdrawing one."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, require
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import can_administer
from tracker.history.operations import Actor
from tracker.people import role_requests
from tracker.people.forms import ROLE_HINTS, DecideRoleForm
from tracker.people.models import RoleRequest
from tracker.people.policies import can_confirm_role, can_withdraw_role_request, visible_role_requests
from tracker.people.queries import role_request_rows, role_requests_waiting
from tracker.people.views.form import done, form_page
from tracker.web.forms import Form
from tracker.web.http import Request, redirect, titled

SHOWN = ("user", "organisation", "asked_by", "confirmer", "decided_by")


def said_of_role(request: RoleRequest | Membership | None) -> str:
    """The message after giving a role. None means that the same form was sent again."""
    if request is None:
        return _("This is already saved.")
    if isinstance(request, Membership) or request.state == RoleRequest.State.GIVEN:
        return _("Role given.")
    if request.state == RoleRequest.State.CONFIRMED and request.from_on:
        return _("The role starts on %(day)s.") % {"day": format_date(request.from_on, "j F Y")}
    who = request.confirmer or _("another administrator")
    return _("Role requested. It starts once %(who)s has confirmed it.") % {"who": who}


def said_of_person(person: User | None) -> str:
    if person is None:
        return _("This is already saved.")
    said = _("Person added. If they are new, they will get an invitation by email.")
    request = person.role_requests.filter(state__in=RoleRequest.OPEN).select_related("confirmer").first()
    return f"{said} {said_of_role(request)}" if request else said


@require_safe
def role_requests_page(request: Request) -> HttpResponse:
    access = access_of(request)
    rows = list(role_request_rows(access))
    require(bool(rows) or can_administer(access))
    context = {"rows": rows, "mine": {one.pk for one in role_requests_waiting(access)}}
    return titled(request, "people/_role_requests.html", context, title=_("Role requests"))


@require_http_methods(["GET", "HEAD", "POST"])
def decide_role(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    found = get_object_or_404(visible_role_requests(access).select_related(*SHOWN), pk=pk)
    can_decide = can_confirm_role(access, found)
    require(request.method != "POST" or can_decide)
    form = DecideRoleForm(request.POST if request.method == "POST" else None)

    by = Actor(request.user)
    if done(request, form, partial(_decide, found), by=by, said=_("Decision recorded.")):
        return redirect(request, reverse("people:role_requests"))
    context = {
        "form": form,
        "asked": found,
        "can_decide": can_decide,
        "can_withdraw": can_withdraw_role_request(access, found),
        "hint": ROLE_HINTS.get(found.role, ""),
    }
    return _page(request, "decide_role", context, title=_("Role request"))


def _decide(found: RoleRequest, *, decision: str, reason: str, **rest: Any) -> RoleRequest:
    if decision == DecideRoleForm.CONFIRM:
        return role_requests.confirm_role(found, **rest)
    return role_requests.decline_role(found, reason=reason, **rest)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_role_request(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    found = get_object_or_404(visible_role_requests(access).select_related(*SHOWN), pk=pk)
    require(can_withdraw_role_request(access, found))
    form = Form(request.POST if request.method == "POST" else None)

    do = partial(role_requests.withdraw_role_request, found)
    if done(request, form, do, by=Actor(request.user), said=_("Role request withdrawn.")):
        return redirect(request, reverse("people:role_requests"))
    return _page(request, "withdraw_role", {"form": form, "asked": found}, title=_("Withdraw role request"))


def _page(request: Request, name: str, context: dict[str, Any], *, title: str) -> HttpResponse:
    back, back_text = reverse("people:role_requests"), _("Back to role requests")
    return form_page(request, name, context, title=title, back=back, back_text=back_text)
