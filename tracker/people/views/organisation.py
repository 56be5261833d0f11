"""Organisations: added, renamed, ended with a successor, and that undone by a second administrator."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts import operations as accounts
from tracker.accounts.http import access_of, require
from tracker.accounts.models import Organisation
from tracker.accounts.policies import administered_organisations, can_administer, can_administer_organisation
from tracker.history.operations import Actor
from tracker.people import successions
from tracker.people.forms import EndOrganisationForm, OrganisationForm, RenameForm
from tracker.people.policies import visible_endings
from tracker.people.queries import endings, needs_successor, open_at
from tracker.people.views.form import done, form_page
from tracker.web.forms import Form
from tracker.web.http import Request, page, redirect


@require_safe
def organisations(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    rows = administered_organisations(access).select_related("parent", "successor").prefetch_related("aliases")
    context = {"rows": rows, "on": access.on, "endings": endings(access)}
    return page(request, "people/organisations.html", "people/_organisations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_organisation(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    places = administered_organisations(access).current(access.on).exclude(kind=Organisation.Kind.PDU)
    form = OrganisationForm(request.POST if request.method == "POST" else None, places=places)

    if done(request, form, accounts.add_organisation, by=Actor(request.user), said=_("Organisation added.")):
        return redirect(request, reverse("people:organisations"))
    return _organisation_form_page(request, "add_organisation", {"form": form}, title=_("Add an organisation"))


def _organisation_form_page(request: Request, name: str, context: dict[str, Any], *, title: str) -> HttpResponse:
    back, back_text = reverse("people:organisations"), _("Back to organisations")
    return form_page(request, name, context, title=title, back=back, back_text=back_text)


@require_http_methods(["GET", "HEAD", "POST"])
def rename_organisation(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_organisations(access), pk=pk)
    require(can_administer_organisation(access, found))
    form = RenameForm(
        request.POST if request.method == "POST" else None, initial={"name": found.name, "version": found.version}
    )

    if done(
        request,
        form,
        partial(accounts.rename_organisation, found),
        by=Actor(request.user),
        said=_("Organisation renamed."),
    ):
        return redirect(request, reverse("people:organisations"))
    found.refresh_from_db()
    title = _("Rename %(name)s") % {"name": found}
    return _organisation_form_page(request, "rename_organisation", {"form": form, "organisation": found}, title=title)


@require_http_methods(["GET", "HEAD", "POST"])
def end_organisation(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(administered_organisations(access), pk=pk)
    require(can_administer_organisation(access, found))
    held, is_needed = open_at(access, found), needs_successor(found, access.on)
    places = administered_organisations(access).current(access.on).filter(kind=found.kind)
    form = EndOrganisationForm(
        request.POST if request.method == "POST" else None,
        places=places.exclude(path__startswith=found.path),
        items=held.items,
        needs_successor=is_needed,
        initial={"version": found.version},
    )

    do = partial(successions.end_organisation, found)
    if done(request, form, do, by=Actor(request.user), said=_("Organisation ended.")):
        return redirect(request, reverse("people:organisations"))
    found.refresh_from_db()
    context = {"form": form, "organisation": found, "held": held, "is_needed": is_needed}
    return _organisation_form_page(request, "end_organisation", context, title=_("End %(name)s") % {"name": found})


@require_http_methods(["GET", "HEAD", "POST"])
def undo_end(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    found = get_object_or_404(visible_endings(access), pk=pk)
    form = Form(request.POST if request.method == "POST" else None)

    do = partial(successions.undo_end, found)
    if done(request, form, do, by=Actor(request.user), said=_("The organisation exists again.")):
        return redirect(request, reverse("people:organisations"))
    context = {"form": form, "ending": found, "is_own": found.ended_by_id == request.user.pk}
    title = _("Undo the end of %(name)s") % {"name": found.organisation}
    return _organisation_form_page(request, "undo_end", context, title=title)
