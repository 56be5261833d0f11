"""Pages of measures, and the page on which an analyst supplies all figures of a month."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow, allow_each, require
from tracker.history.operations import attempt
from tracker.history.queries import as_of_version
from tracker.measures.models import Measure, trimmed
from tracker.measures.policies import can_supply
from tracker.recommendations.conflict.queries import Compared, three_versions
from tracker.recommendations.measure import operations
from tracker.recommendations.measure.forms import (
    AddMeasureForm,
    ChangeMeasureForm,
    EndMeasureForm,
    FiguresForm,
    LinkMeasureForm,
)
from tracker.recommendations.measure.policies import can_add_measure, can_change_measure
from tracker.recommendations.measure.queries import (
    boxes_for,
    led_through,
    linkable,
    measures_seen,
    names_of,
    shown,
    spoken_for,
)
from tracker.recommendations.timeline.queries import in_words
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.http import Request, page, redirect
from tracker.web.today import now

METHODS = ["GET", "HEAD", "POST"]


@require_safe
def measure(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    held = _seen(request, pk)
    context = {
        "one": shown(held),
        "measure": held,
        "items": spoken_for(access, held),
        "can_change": held.ended_on is None and can_change_measure(access, held),
        "can_supply": held.ended_on is None and can_supply(access, held),
    }
    return page(request, "recommendations/measure/measure.html", "recommendations/measure/_measure.html", context)


def _seen(request: Request, pk: int) -> Measure:
    return get_object_or_404(measures_seen(access_of(request)), pk=pk)


def _page_of(held: Measure) -> str:
    return reverse("recommendations:measure", args=[held.pk])


@require_http_methods(METHODS)
def add_measure(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_add_measure, item)
    form = AddMeasureForm(request.POST if request.method == "POST" else None, item=item, on=access.on)
    verb = Verb(
        heading=_("Add a measure"),
        button=_("Add measure"),
        item=item,
        lead=_("A figure that shows if the actions are making a difference."),
        back=page_of(item, "measures"),
    )

    return carry_out(
        request,
        verb,
        form,
        partial(operations.add_measure, item),
        by=by,
        said=_("Measure added."),
        to=page_of(item, "measures"),
    )


@require_http_methods(METHODS)
def link_measure(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_add_measure, item)
    form = LinkMeasureForm(request.POST if request.method == "POST" else None, measures=linkable(access, item))
    verb = Verb(
        heading=_("Link a measure"),
        button=_("Link measure"),
        item=item,
        lead=_("One measure can apply to several recommendations. Its figures are added once."),
        back=page_of(item, "measures"),
    )

    return carry_out(
        request,
        verb,
        form,
        partial(operations.link_measure, item),
        by=by,
        said=_("Measure linked."),
        to=page_of(item, "measures"),
    )


@require_http_methods(METHODS)
def change_measure(request: Request, pk: int) -> HttpResponse:
    access, held = access_of(request), _seen(request, pk)
    by = allow(request, can_change_measure, held)
    data, item = request.POST if request.method == "POST" else None, led_through(access, held)
    form = ChangeMeasureForm(data, measure=held, item=item, on=access.on)
    verb = Verb(
        heading=_("Change: %(name)s") % {"name": held.name},
        button=_("Save measure"),
        back=_page_of(held),
        refused=lambda: _versions(_seen(request, pk), form),
    )

    return carry_out(
        request,
        verb,
        form,
        partial(operations.change_measure, held),
        by=by,
        said=_("Measure saved."),
        to=_page_of(held),
    )


COLUMNS = {"better": "better", "target": "target", "supplier": "supplier_id", "rhythm": "rhythm"}


def _versions(held: Measure, form: ChangeMeasureForm) -> dict[str, Any]:
    """What a lead may set, in its three versions."""
    base, typed = as_of_version(held, form.cleaned_data["version"]) or {}, form.columns
    mine = {column: getattr(typed[name], "pk", typed[name]) for name, column in COLUMNS.items()}
    names = names_of(base.get("supplier_id"), held.supplier_id, mine["supplier_id"])
    present = {
        "better": held.better,
        "target": trimmed(held.target) if held.target is not None else "",
        "supplier": held.supplier.label if held.supplier else "",
        "rhythm": held.rhythm,
    }
    fields = [
        Compared(
            field=name,
            name=str(form.fields[name].label),
            before=in_words(column, base.get(column), names),
            theirs=in_words(column, getattr(held, column), names),
            mine=in_words(column, mine[column], names),
            typed=present[name],
        )
        for name, column in COLUMNS.items()
    ]
    return three_versions(held, form, fields, version=held.version)


@require_http_methods(METHODS)
def end_measure(request: Request, pk: int) -> HttpResponse:
    held = _seen(request, pk)
    by = allow(request, can_change_measure, held)
    form = EndMeasureForm(request.POST if request.method == "POST" else None)
    verb = Verb(
        heading=_("End: %(name)s") % {"name": held.name},
        button=_("End measure"),
        warning=_("No more figures can be added or will be asked for. Existing figures stay visible."),
        back=_page_of(held),
        is_destructive=True,
    )

    return carry_out(
        request, verb, form, partial(operations.end_measure, held), by=by, said=_("Measure ended."), to=_page_of(held)
    )


@require_http_methods(METHODS)
def figures(request: Request) -> HttpResponse:
    """All that this person supplies; the second button puts a pasted column into the boxes and saves nothing."""
    access = access_of(request)
    boxes = boxes_for(access)
    if request.method != "POST":
        return _figures(request, FiguresForm(boxes=boxes, on=access.on))
    require(bool(boxes))
    by = allow_each(request, lambda half, subject: can_supply(half, getattr(subject, "measure", subject)))
    form = FiguresForm(request.POST, boxes=boxes, on=access.on)
    if "fill" in request.POST:
        return _figures(request, form.filled(), is_filled=True)
    if not form.is_valid():
        return _figures(request, form, status=422)
    key = form.cleaned_data["request_key"]
    tried = attempt(lambda: operations.supply(form.readings, by=by, at=now(), key=key))
    if tried.refusal:
        form.add_errors(tried.refusal)
        return _figures(request, form, status=422)
    count = len(form.readings)
    messages.success(request, ngettext("%(n)s figure saved.", "%(n)s figures saved.", count) % {"n": count})
    return redirect(request, reverse("recommendations:figures"))


def _figures(request: Request, form: FiguresForm, *, status: int = 200, is_filled: bool = False) -> HttpResponse:
    context = {"form": form, "is_filled": is_filled, "on": access_of(request).on}
    return page(
        request, "recommendations/measure/figures.html", "recommendations/measure/_figures.html", context, status=status
    )
