"""The meeting pack: choosing it, the printable page, and requesting the Word document."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import get_script_prefix, reverse
from django.views.decorators.http import require_POST, require_safe

from tracker.accounts.http import access_of
from tracker.accounts.models import Organisation
from tracker.exchange.forms import PackForm, WordForm
from tracker.exchange.operations.pack import wanted
from tracker.exchange.policies import pack_organisations
from tracker.exchange.queries.pack import Pack, body, closing, pack
from tracker.jobs import operations as jobs
from tracker.reviews.policies import can_review
from tracker.reviews.queries.region import first_day
from tracker.web.http import Request, number_in, page, redirect
from tracker.web.today import now, today

# Recommendations on one page. The Word document has all of them.
PART = 50


@require_safe
def choose_pack(request: Request) -> HttpResponse:
    access, chosen = access_of(request), "organisation" in request.GET
    organisations = pack_organisations(access)
    form = PackForm(request.GET if chosen else None, organisations=organisations, on=today(), first=first_day())
    if form.is_valid():
        url = reverse("exchange:pack", args=[form.cleaned_data["organisation"].pk])
        day = form.cleaned_data["day"]
        return redirect(request, f"/as-at/{day}{url}" if day else url)
    context = {"form": form, "can_review": can_review(access), "has_any": organisations.exists()}
    return page(
        request, "exchange/choose_pack.html", "exchange/_choose_pack.html", context, status=422 if chosen else 200
    )


@require_safe
def pack_page(request: Request, pk: int) -> HttpResponse:
    """The pack as a page. For a past day the middleware has set up the tables of that day."""
    access, past = access_of(request), getattr(request, "past", None)
    organisation = _found(request, pk)
    made_at = past["at"] if past else now()
    found = pack(access, organisation, by=request.user, at=made_at, is_past=past is not None)
    form = WordForm(initial={"day": access.on if past else None}, on=access.on, first=None)
    context = _part(request, found) | {
        "pack": found,
        "form": form,
        "can_review": can_review(access),
        "word_url": _of_today(reverse("exchange:word", args=[pk])),
        "choose_url": _of_today(reverse("exchange:choose_pack")),
    }
    return page(request, "exchange/pack.html", "exchange/_pack.html", context)


def _part(request: Request, found: Pack) -> dict[str, Any]:
    """One part of a long pack. The first has the summary."""
    pks = found.pks
    parts = max(-(-len(pks) // PART), 1)
    part = min(max(number_in(request.GET.get("part", "1")), 1), parts)
    shown = body(access_of(request), found, pks[(part - 1) * PART : part * PART])
    return {
        "blocks": [*(found.head if part == 1 else []), *shown, *(closing() if part == parts else [])],
        "part": part,
        "parts": parts,
        "next_part": part + 1 if part < parts else 0,
        "previous_part": part - 1,
    }


@require_POST
def word(request: Request, pk: int) -> HttpResponse:
    """Queue the document and redirect to the page that shows its progress."""
    organisation = _found(request, pk)
    form = WordForm(request.POST, on=today(), first=first_day())
    if not form.is_valid():
        return _again(request, organisation, form)
    what = wanted(organisation, form.cleaned_data["day"] or today())
    try:
        made = jobs.ask("pack", by=request.user, at=now(), key=form.cleaned_data["request_key"], **what)
    except ValidationError as refused:
        form.add_errors(refused)
        return _again(request, organisation, form)
    return redirect(request, reverse("jobs:job", args=[made.pk]))


def _again(request: Request, organisation: Organisation, form: WordForm) -> HttpResponse:
    back = reverse("exchange:pack", args=[organisation.pk])
    context = {"form": form, "organisation": organisation, "back": back}
    return page(request, "exchange/refused.html", "exchange/_refused.html", context, status=422)


def _found(request: Request, pk: int) -> Organisation:
    return get_object_or_404(pack_organisations(access_of(request)), pk=pk)


def _of_today(url: str) -> str:
    """The request on today's tables, also from a page of a past day."""
    return "/" + url.removeprefix(get_script_prefix())
