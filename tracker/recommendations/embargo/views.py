"""For administrators: which inspections are under embargo, until when, and who may see them meanwhile."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, require
from tracker.accounts.policies import can_administer
from tracker.history.operations import Actor
from tracker.inspections import operations
from tracker.inspections.forms import EmbargoForm, NameForm
from tracker.inspections.models import Inspection
from tracker.inspections.policies import administered_inspections, can_name_person, can_set_embargo, can_unname_person
from tracker.inspections.queries import embargo_of, embargo_rows, named_now
from tracker.recommendations.recommendation.policies import visible_inspections
from tracker.recommendations.verb.views import Verb, carry_out
from tracker.web.forms import Form
from tracker.web.http import Request, page, titled


@require_safe
def embargoes(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_administer(access))
    return page(
        request, "people/embargoes.html", "people/_embargoes.html", {"rows": embargo_rows(access), "here": "embargoes"}
    )


@require_safe
def embargo(request: Request, pk: int) -> HttpResponse:
    access, found = access_of(request), _found(request, pk)
    require(can_set_embargo(access, found))
    context = {"inspection": found, "embargo": embargo_of(access, found), "named": named_now(found, access.on)}
    return titled(
        request,
        "people/_embargo.html",
        context,
        title=_("Embargo") + f": {found.title}",
        back=reverse("recommendations:embargoes"),
        back_text=_("Back to embargoes"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def set_embargo(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    require(can_set_embargo(access_of(request), found))
    form = EmbargoForm(request.POST if request.method == "POST" else None, inspection=found)

    def refused() -> dict[str, Any]:
        """What it says now is told; sent again, the form counts it as seen."""
        found.refresh_from_db()
        form.refill({"version": str(found.version)})
        ends = format_date(localtime(found.embargo_until), "j F Y, H:i") if found.embargo_until else ""
        said = _("Someone else has changed this since you opened it. The embargo now ends on %(day)s.")
        form.add_error(None, ValidationError(said % {"day": ends}, code="conflict"))
        return {}

    verb = Verb(_("Set when the embargo ends"), _("Save"), lead=found.title, back=_page_of(found), refused=refused)
    return carry_out(
        request,
        verb,
        form,
        partial(operations.set_embargo, found),
        by=Actor(request.user),
        said=_("Embargo end saved."),
        to=_page_of(found),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def name_person(request: Request, pk: int) -> HttpResponse:
    access, found = access_of(request), _found(request, pk)
    require(can_name_person(access, found))
    form = NameForm(request.POST if request.method == "POST" else None, on=access.on)

    verb = Verb(_("Name a person who can see it"), _("Add person"), lead=found.title, back=_page_of(found))
    return carry_out(
        request,
        verb,
        form,
        partial(operations.name_person, found),
        by=Actor(request.user),
        said=_("Person added."),
        to=_page_of(found),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unname_person(request: Request, pk: int, person: int) -> HttpResponse:
    access, found = access_of(request), _found(request, pk)
    require(can_unname_person(access, found))
    # Also one who has just been taken off the list: the verb says so.
    named = found.named.filter(person=person).select_related("person").last()
    if named is None:
        raise Http404
    form = Form(request.POST if request.method == "POST" else None)

    heading = _("Remove %(person)s from the list") % {"person": named.person}
    verb = Verb(
        heading, _("Remove"), lead=found.title, warning=_("They will not see the report until the embargo ends.")
    )
    verb.back, verb.is_destructive = _page_of(found), True
    do = partial(operations.unname_person, found, person=named.person)
    return carry_out(request, verb, form, do, by=Actor(request.user), said=_("Person removed."), to=_page_of(found))


def _page_of(inspection: Inspection) -> str:
    return reverse("recommendations:embargo", args=[inspection.pk])


def _found(request: Request, pk: int) -> Inspection:
    """What the person administers, also when not named; and what they see, to be told that it is not theirs."""
    access = access_of(request)
    for rows in (administered_inspections(access), visible_inspections(access)):
        if (found := rows.select_related("organisation").filter(pk=pk).first()) is not None:
            return found
    raise Http404
