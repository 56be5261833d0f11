"""People, roles and organisations: for administrators, within their organisation."""

from functools import partial
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts import operations as accounts
from tracker.accounts.http import access_of, allow_each, require
from tracker.accounts.models import Membership, User
from tracker.accounts.policies import (
    Access,
    administered_organisations,
    administered_people,
    can_administer,
    can_close_account,
    can_end_role,
)
from tracker.accounts.queries import covers_of
from tracker.history.models import Tracked
from tracker.history.operations import Actor
from tracker.people import operations, role_requests
from tracker.people.forms import (
    ROLE_HINTS,
    HandOverForm,
    PersonForm,
    RoleForm,
)
from tracker.people.queries import (
    all_roles,
    holders,
    holdings_of,
    left_unowned,
    open_role_requests,
    owned_by,
    people_rows,
    roles_here,
    roles_left_empty,
    roles_nobody_else_holds,
    shown_to,
    to_cover,
    usual_place,
)
from tracker.people.views.form import done, form_page
from tracker.people.views.role_request import said_of_person, said_of_role
from tracker.web.forms import VersionedForm, clean_text
from tracker.web.http import Request, page, redirect, titled


@require_safe
def people(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    words = clean_text(request.GET.get("q", ""), lines=False)[:100]
    context = {"rows": people_rows(access, words), "q": words}
    return page(request, "people/list.html", "people/_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    places = administered_organisations(access).current(access.on)
    # The link at an empty role sets both.
    asked = {name: request.GET.get(name, "") for name in ("organisation", "role")}
    data = request.POST if request.method == "POST" else None
    form = PersonForm(data, places=places, by=request.user, on=access.on, initial=asked)

    if done(
        request,
        form,
        operations.add_person,
        by=Actor(request.user),
        said=said_of_person,
    ):
        return redirect(request, reverse("people:list"))
    context = {"form": form, "hints": _role_hints()}
    back = reverse("people:list")
    return form_page(request, "add_person", context, title=_("Add a person"), back=back, back_text=_("Back to people"))


def _role_hints() -> list[tuple[str, Any]]:
    roles = dict(RoleForm.base_fields["role"].choices)  # type: ignore[attr-defined]
    return [(str(roles[role]), hint) for role, hint in ROLE_HINTS.items()]


@require_safe
def person(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_people(access), pk=pk)
    held = list(all_roles(found, access.on))
    context = {
        "shown": found,
        "roles": [(role, role.ends_on is None or role.ends_on > access.on) for role in roles_here(access, found)],
        "owned": owned_by(found, access),
        "can_close": can_close_account(access, found, held),
        "is_self": found == access.user,
        "covers": list(covers_of(found, access.on)),
        "requests": open_role_requests(access, found),
        "empty_roles": roles_left_empty(access, found),
        "left": left_unowned(found, held),
    }
    back = reverse("people:list")
    return titled(request, "people/_person.html", context, title=str(found), back=back, back_text=_("Back to people"))


def _person_form_page(request: Request, name: str, context: dict[str, Any], *, title: str) -> HttpResponse:
    """The page of a form that leads back to the person in `context`. Their name completes `title`."""
    shown: User = context["shown"]
    names = {"name": shown}
    back, back_text = reverse("people:person", args=[shown.pk]), _("Back to %(name)s") % names
    return form_page(request, name, context, title=title % names, back=back, back_text=back_text)


@require_http_methods(["GET", "HEAD", "POST"])
def give_role(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_people(access).active(), pk=pk)
    places = administered_organisations(access).current(access.on)
    data = request.POST if request.method == "POST" else None
    form = RoleForm(data, places=places, by=request.user, on=access.on, person=found)

    if done(request, form, partial(role_requests.give_role, found), by=Actor(request.user), said=said_of_role):
        return redirect(request, reverse("people:person", args=[pk]))
    context = {"form": form, "shown": found, "hints": _role_hints()}
    return _person_form_page(request, "give_role", context, title=_("Give a role to %(name)s"))


@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: Request, pk: int, role: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_people(access), pk=pk)
    membership = get_object_or_404(roles_here(access, found), pk=role)
    require(can_end_role(access, membership))
    form = VersionedForm(request.POST if request.method == "POST" else None, initial={"version": membership.version})

    if done(request, form, partial(accounts.end_role, membership), by=Actor(request.user), said=_("Role ended.")):
        return redirect(request, reverse("people:person", args=[pk]))
    others = all_roles(found, access.on).exclude(pk=membership.pk).exclude(role__in=Membership.READ_ONLY)
    only_ones = [role for role in roles_nobody_else_holds(found, access.on) if role == membership]
    context = {"form": form, "shown": found, "role": membership, "only_ones": only_ones}
    if not others.exists():
        context["leaves_behind"] = holdings_of(found).count
    return _person_form_page(request, "end_role", context, title=_("End a role of %(name)s"))


@require_http_methods(["GET", "HEAD", "POST"])
def close_account(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_people(access), pk=pk)
    require(can_close_account(access, found, all_roles(found, access.on)))
    form = VersionedForm(request.POST if request.method == "POST" else None, initial={"version": found.version})

    if done(request, form, partial(operations.close_account, found), by=Actor(request.user), said=_("Account closed.")):
        return redirect(request, reverse("people:person", args=[pk]))
    context = {"form": form, "shown": found, "open": shown_to(access, holdings_of(found))}
    context |= {"only_ones": roles_nobody_else_holds(found, access.on)}
    context |= {"covers": list(covers_of(found, access.on)), "covering": to_cover(found, access.on)}
    return _person_form_page(request, "close_account", context, title=_("Close the account of %(name)s"))


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Request, pk: int) -> HttpResponse:
    """Reassign everything. For administrators who can close the account."""
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_people(access), pk=pk)
    require(can_close_account(access, found, all_roles(found, access.on)))
    return _hand_over(request, found, by=Actor(request.user), led_by=None, back=reverse("people:person", args=[pk]))


@require_safe
def hand_over_led(request: Request) -> HttpResponse:
    """For leads: people with open items of their organisation."""
    access = access_of(request)
    require(bool(access.led_ids))
    return titled(request, "people/_hand_over_led.html", {"rows": holders(access)}, title=_("Reassign work"))


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_here(request: Request, pk: int) -> HttpResponse:
    """For leads: the items of one person that are addressed to the lead's organisation."""
    access = access_of(request)
    require(bool(access.led_ids))
    found = next((person for person, _count in holders(access) if person.pk == pk), None)
    if found is None:
        raise Http404
    by = allow_each(request, lambda half, subject: _led_at(subject) in half.led_ids)
    return _hand_over(request, found, by=by, led_by=access, back=reverse("people:hand_over_led"))


def _led_at(subject: Tracked) -> int | None:
    """The organisation whose lead can reassign it: the one asked for a request, otherwise the addressee."""
    asked: int | None = getattr(subject, "asked_of_id", None)
    return asked or subject.audit_scope().get("organisation_id")


def _hand_over(request: Request, person: User, *, by: Actor, led_by: Access | None, back: str) -> HttpResponse:
    access = access_of(request)
    held = holdings_of(person, led_by=led_by)
    data = request.POST if request.method == "POST" else None
    form = HandOverForm(data, near=usual_place(person), on=access.on, fingerprint=held.fingerprint)

    if done(request, form, partial(operations.hand_over, person, led_by=led_by), by=by, said=_("Work reassigned.")):
        return redirect(request, back)
    if form.has_error(NON_FIELD_ERRORS, "conflict"):
        held = holdings_of(person, led_by=led_by)
        form.refill({"fingerprint": held.fingerprint})
    context = {"form": form, "shown": person, "open": shown_to(access, held)}
    title = _("Reassign work from %(name)s") % {"name": person}
    return form_page(request, "hand_over", context, title=title, back=back)
