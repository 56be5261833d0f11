"""Absence and cover."""

from functools import partial
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts import operations
from tracker.accounts.http import access_of, allow
from tracker.accounts.models import Cover, User
from tracker.accounts.policies import people_by_nearness
from tracker.accounts.queries import covers_of
from tracker.people.forms import CoverDaysForm, CoverForm
from tracker.people.policies import (
    can_change_cover,
    can_end_cover,
    can_name_cover,
    people_led,
    people_to_cover,
    visible_covers,
)
from tracker.people.queries import all_roles, cover_history, led_rows, to_cover, usual_place
from tracker.people.views.form import done, form_page
from tracker.recommendations.recommendation.forms import matching
from tracker.web.forms import VersionedForm, clean_text
from tracker.web.http import Request, redirect, titled

METHODS = ["GET", "HEAD", "POST"]


@require_safe
def own_absence(request: Request) -> HttpResponse:
    access = access_of(request)
    context = _absence(request, request.user) | {
        "is_self": True,
        "covering": to_cover(request.user, access.on),
        "led": led_rows(people_led(access), access.on),
    }
    return titled(request, "people/_absence.html", context, title=_("Absence and cover"))


@require_safe
def absence(request: Request, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if person == request.user:
        return redirect(request, reverse("people:own_absence"))
    title = _("Absence and cover: %(name)s") % {"name": person}
    back, back_text = reverse("people:own_absence"), _("Back to absence and cover")
    context = _absence(request, person)
    return titled(request, "people/_absence.html", context, title=title, back=back, back_text=back_text)


def _person(request: Request, pk: int) -> User:
    return get_object_or_404(people_to_cover(access_of(request)).active(), pk=pk)


def _absence(request: Request, person: User) -> dict[str, Any]:
    access = access_of(request)
    return {
        "shown": person,
        "covers": list(covers_of(person, access.on)),
        "may_name": can_name_cover(access, person, all_roles(person, access.on)),
        "history": cover_history(person),
        "on": access.on,
    }


@require_http_methods(METHODS)
def name_cover(request: Request, pk: int) -> HttpResponse:
    access, person = access_of(request), _person(request, pk)
    by = allow(request, can_name_cover, person, all_roles(person, access.on))
    data = request.POST if request.method == "POST" else None
    form = CoverForm(data, person=person, near=usual_place(person), on=access.on)

    if done(request, form, partial(operations.name_cover, person), by=by, said=_("Cover arranged.")):
        return redirect(request, _page_of(request, person))
    context = {"form": form, "shown": person, "is_self": person == request.user}
    title = _("Arrange cover for %(name)s") % {"name": person}
    return form_page(request, "name_cover", context, title=title, back=_page_of(request, person))


def _page_of(request: Request, person: User) -> str:
    """The page of a person's covers. The covering person goes back to their own page."""
    if person == request.user or not people_to_cover(access_of(request)).filter(pk=person.pk).exists():
        return reverse("people:own_absence")
    return reverse("people:absence", args=[person.pk])


@require_safe
def people(request: Request, pk: int) -> JsonResponse:
    """Suggestions for the cover of that person, people of their organisation first."""
    access, person = access_of(request), _person(request, pk)
    allow(request, can_name_cover, person, all_roles(person, access.on))
    typed = clean_text(request.GET.get("q", ""), lines=False)[:100]
    near = people_by_nearness(usual_place(person), access.on).exclude(pk__in=[person.pk, request.user.pk])
    found = matching(near, typed)[:10] if typed else []
    return JsonResponse([{"label": one.label, "hint": ""} for one in found], safe=False)


def _cover(request: Request, pk: int) -> Cover:
    return get_object_or_404(visible_covers(access_of(request)), pk=pk)


@require_http_methods(METHODS)
def change_cover(request: Request, pk: int) -> HttpResponse:
    access, cover = access_of(request), _cover(request, pk)
    by = allow(request, can_change_cover, cover, all_roles(cover.person, access.on))
    form = CoverDaysForm(request.POST if request.method == "POST" else None, cover=cover)

    back = _page_of(request, cover.person)
    if done(request, form, partial(operations.change_cover, cover), by=by, said=_("Cover dates changed.")):
        return redirect(request, back)
    current = _cover(request, pk)
    if form.has_error(NON_FIELD_ERRORS, "conflict"):
        # The current days are shown above what was typed. Sending it again saves it.
        form.refill({"version": str(current.version)})
    context = {"form": form, "cover": current}
    return form_page(request, "change_cover", context, title=_("Change cover dates"), back=back)


@require_http_methods(METHODS)
def end_cover(request: Request, pk: int) -> HttpResponse:
    access, cover = access_of(request), _cover(request, pk)
    by = allow(request, can_end_cover, cover, all_roles(cover.person, access.on))
    form = VersionedForm(request.POST if request.method == "POST" else None, initial={"version": cover.version})

    back = _page_of(request, cover.person)
    if done(request, form, partial(operations.end_cover, cover), by=by, said=_("Cover ended.")):
        return redirect(request, back)
    context = {"form": form, "cover": _cover(request, pk), "on": access.on}
    return form_page(request, "end_cover", context, title=_("End cover"), back=back)
