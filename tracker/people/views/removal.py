"""Permanent removal, requested by an administrator and decided by a reviewer."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow, require
from tracker.history.operations import Actor
from tracker.people import operations
from tracker.people.forms import AskRemovalForm, DecideRemovalForm
from tracker.people.models import Removal
from tracker.people.policies import can_ask_removal, can_decide_removal, can_see_removals, visible_removals
from tracker.people.queries import redactable_texts, removal_rows, removals_waiting
from tracker.people.views.form import done, form_page
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.web.http import Request, redirect, titled

SHOWN = ("recommendation__inspection", "recommendation__addressee", "words", "evidence__caption", "asked_by")


@require_safe
def removals(request: Request) -> HttpResponse:
    access = access_of(request)
    require(can_see_removals(access))
    mine = set(removals_waiting(access).values_list("pk", flat=True))
    context = {"rows": removal_rows(access), "mine": mine}
    return titled(request, "people/_removals.html", context, title=_("Text and files to remove"))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_removal(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    item = get_object_or_404(visible_recommendations(access).for_rows(on=access.on), pk=pk)
    require(can_ask_removal(access, item))
    passages = redactable_texts(item)
    form = AskRemovalForm(request.POST if request.method == "POST" else None, passages=passages)

    if done(
        request,
        form,
        partial(operations.ask_removal, item),
        by=Actor(request.user),
        said=_("Removal request sent to a reviewer."),
    ):
        return redirect(request, reverse("people:removals"))
    return form_page(
        request,
        "ask_removal",
        {"form": form, "item": item, "passages": passages},
        title=_("Request removal of text or a file"),
        back=reverse("recommendations:detail", args=[item.pk]),
        back_text=_("Back to the recommendation"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decide_removal(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    removal = get_object_or_404(visible_removals(access).select_related(*SHOWN), pk=pk)
    by = allow(request, can_decide_removal, removal)
    form = DecideRemovalForm(request.POST if request.method == "POST" else None)

    if done(request, form, partial(_decide, removal), by=by, said=_("Decision recorded.")):
        return redirect(request, reverse("people:removals"))
    return form_page(
        request,
        "decide_removal",
        {"form": form, "removal": removal},
        title=_("Remove this permanently?"),
        back=reverse("people:removals"),
        back_text=_("Back to removal requests"),
    )


def _decide(removal: Removal, *, decision: str, **rest: Any) -> Removal:
    remove = decision == DecideRemovalForm.REMOVE
    return (operations.agree_removal if remove else operations.refuse_removal)(removal, **rest)
