"""Saved views: one's own and those shared in one's region; each opens the list with its filter."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, require
from tracker.history.operations import Actor, attempt
from tracker.reviews.forms.saved_view import SavedViewForm
from tracker.reviews.models import SavedView
from tracker.reviews.operations import saved_view as operations
from tracker.reviews.policies import can_change_view, can_delete_view, visible_views
from tracker.reviews.queries.saved_view import can_be_asked, in_words, kept, places_to_share, query_for
from tracker.web.forms import Form
from tracker.web.http import Request, page, redirect
from tracker.web.today import now

WRITES = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def views(request: Request) -> HttpResponse:
    access = access_of(request)
    rows = list(visible_views(access))
    context = {
        "mine": [view for view in rows if view.person_id == request.user.pk],
        "shared": [(view, can_delete_view(access, view)) for view in rows if view.person_id != request.user.pk],
        "address": request.build_absolute_uri("/"),
    }
    return page(request, "reviews/views.html", "reviews/_views.html", context)


@require_safe
def view(request: Request, pk: int) -> HttpResponse:
    """The list as this person may see it through the filter."""
    access = access_of(request)
    saved = get_object_or_404(visible_views(access), pk=pk)
    query = query_for(access, saved)
    if can_be_asked(access, query):
        return redirect(request, f"{reverse('recommendations:list')}?{query}")
    return page(request, "reviews/view_nothing.html", "reviews/_view_nothing.html", {"view": saved})


@WRITES
def save_view(request: Request) -> HttpResponse:
    access = access_of(request)
    query, places = kept(request.GET), list(places_to_share(access))
    form = SavedViewForm(request.POST if request.method == "POST" else None, places=places)
    can_be = can_be_asked(access, query)
    context = {"form": form, "can_be": can_be, "used": in_words(access, query), "heading": _("Save this view")}

    def work(values: dict[str, Any]) -> None:
        operations.save_view(query, by=Actor(request.user), at=now(), **values)

    if request.method == "POST" and can_be and _done(form, work):
        messages.success(request, _("View saved."))
        return redirect(request, f"{reverse('recommendations:list')}?{query}")
    return _form_page(request, context)


@WRITES
def change_view(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    saved = get_object_or_404(visible_views(access), pk=pk)
    require(can_change_view(access, saved))
    initial = {"name": saved.name, "shared_with": str(saved.organisation_id or "")}
    posted = request.POST if request.method == "POST" else None
    form = SavedViewForm(posted, places=list(places_to_share(access)), initial=initial)
    used = in_words(access, saved.query)
    context = {"form": form, "can_be": True, "used": used, "heading": _("Change this view")}

    def work(values: dict[str, Any]) -> None:
        operations.change_view(saved, by=Actor(request.user), at=now(), **values)

    if request.method == "POST" and _done(form, work):
        messages.success(request, _("View changed."))
        return redirect(request, reverse("reviews:views"))
    return _form_page(request, context)


@WRITES
def delete_view(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    saved: SavedView = get_object_or_404(visible_views(access), pk=pk)
    require(can_delete_view(access, saved))
    if request.method == "POST":
        operations.delete_view(saved, by=Actor(request.user), at=now())
        messages.success(request, _("View deleted."))
        return redirect(request, reverse("reviews:views"))
    context = {"view": saved, "form": Form(), "here": request.path}
    return page(request, "reviews/delete_view.html", "reviews/_delete_view.html", context)


def _done(form: SavedViewForm, work: Any) -> bool:
    if not form.is_valid():
        return False
    values = {
        "name": form.cleaned_data["name"],
        "shared_with": form.organisation,
        "key": form.cleaned_data["request_key"],
    }
    at_once = ValidationError({"name": _("You already have a view with this name. Enter a different name.")})
    tried = attempt(lambda: work(values), at_once=at_once)
    if tried.refusal:
        form.add_errors(tried.refusal)
        return False
    return True


def _form_page(request: Request, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context["here"] = request.get_full_path()
    return page(request, "reviews/view_form.html", "reviews/_view_form.html", context, status=status)
