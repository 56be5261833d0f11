"""What one level asks of the next: the list, one ask, and what is done with it."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow
from tracker.history.queries import as_of_version, was_sent
from tracker.recommendations.ask import operations
from tracker.recommendations.ask.forms import AnswerForm, AskForm, PassUpForm, WithdrawAskForm
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.ask.policies import (
    asked_organisations,
    can_answer,
    can_ask,
    can_pass_up,
    can_withdraw_ask,
    leads_asked,
    visible_asks,
)
from tracker.recommendations.ask.queries import (
    asked_by_person,
    asked_of_person,
    asks_seen,
    events_about,
    row_of,
    with_names,
)
from tracker.recommendations.conflict.queries import Compared, three_versions
from tracker.recommendations.listing.queries import RecommendationList
from tracker.recommendations.timeline.queries import entries_of
from tracker.recommendations.unsent.queries import place_of
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.forms import Form
from tracker.web.http import Request, page, redirect

METHODS = ["GET", "HEAD", "POST"]


@require_safe
def asks(request: Request) -> HttpResponse:
    access = access_of(request)
    if request.GET.get("which") == "seen":
        return _asks_seen(request)
    context = {"of_you": asked_of_person(access), "by_you": asked_by_person(access)}
    return page(request, "recommendations/ask/asks.html", "recommendations/ask/_asks.html", context)


def _asks_seen(request: Request) -> HttpResponse:
    """Whoever asked: about the recommendations that the filter in the address asks for."""
    access = access_of(request)
    asked_for = RecommendationList(access, request.GET)
    context = {"found": asks_seen(access, asked_for.rows), "used": asked_for.form.used}
    return page(request, "recommendations/ask/asks_seen.html", "recommendations/ask/_asks_seen.html", context)


@require_safe
def ask_page(request: Request, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    context = {
        "row": row_of(access_of(request), asked),
        "item": asked.recommendation,
        "history": entries_of(events_about(asked)),
    }
    return page(request, "recommendations/ask/ask_page.html", "recommendations/ask/_ask_page.html", context)


def _asked(request: Request, pk: int) -> Ask:
    return get_object_or_404(with_names(visible_asks(access_of(request))), pk=pk)


def _address(asked: Ask) -> str:
    return reverse("recommendations:ask_page", args=[asked.pk])


@require_http_methods(METHODS)
def ask(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_ask, item)
    data = request.POST if request.method == "POST" else None
    form = AskForm(data, item=item, organisations=asked_organisations(item, access.on), on=access.on)
    verb = Verb(
        heading=_("Send a request to another organisation"),
        button=_("Send request"),
        item=item,
        lead=_("The request is recorded and followed up until it is answered."),
        unsent=place_of("ask", item),
    )

    return carry_out(
        request, verb, form, partial(operations.ask, item), by=by, said=_("Request sent."), to=page_of(item, "asks")
    )


@require_http_methods(METHODS)
def answer(request: Request, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    by = allow(request, can_answer, asked)
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"version": asked.version})
    verb = _verb(request, asked, form, _("Answer request"), _("Send answer"))

    return carry_out(
        request, verb, form, partial(operations.answer, asked), by=by, said=_("Answer sent."), to=_address(asked)
    )


@require_http_methods(METHODS)
def pass_up(request: Request, pk: int) -> HttpResponse:
    access, asked = access_of(request), _asked(request, pk)
    form = PassUpForm(request.POST if request.method == "POST" else None, initial={"version": asked.version})
    if form.is_valid() and was_sent(request.user, form.cleaned_data["request_key"]):
        # A person who escalated it may no longer be able to answer it.
        return redirect(request, _address(asked))
    by = allow(request, can_pass_up, asked)
    verb = _verb(request, asked, form, _("Escalate"), _("Escalate"))

    do = partial(operations.pass_up, asked, by_asked=leads_asked(access, asked))
    return carry_out(request, verb, form, do, by=by, said=_("Request escalated."), to=_address(asked))


@require_http_methods(METHODS)
def withdraw_ask(request: Request, pk: int) -> HttpResponse:
    asked = _asked(request, pk)
    by = allow(request, can_withdraw_ask, asked)
    form = WithdrawAskForm(request.POST if request.method == "POST" else None)
    verb = _verb(request, asked, form, _("Withdraw request"), _("Withdraw request"))

    return carry_out(
        request,
        verb,
        form,
        partial(operations.withdraw_ask, asked),
        by=by,
        said=_("Request withdrawn."),
        to=_address(asked),
    )


def _verb(request: Request, asked: Ask, form: Form, heading: str, button: str) -> Verb:
    told = _("%(name)s to %(place)s, needed by %(day)s: “%(words)s”") % {
        "name": asked.recommendation.addressee,
        "place": asked.asked_of,
        "day": format_date(asked.wanted_on, "j F Y"),
        "words": asked.words,
    }
    return Verb(
        heading=heading,
        button=button,
        item=asked.recommendation,
        lead=told,
        back=_address(asked),
        refused=lambda: _versions(_asked(request, asked.pk), form),
    )


def _versions(current: Ask, form: Form) -> dict[str, Any]:
    """What the answer was, is, and would become."""
    base: dict[str, Any] = as_of_version(current, form.cleaned_data["version"]) or {}
    names = dict(Ask.State.choices)
    before = str(names.get(base.get("state", ""), ""))
    mine = str(names[form.cleaned_data["answer"]]) if isinstance(form, AnswerForm) else before
    fields = [Compared("answer", _("Answer"), before, current.get_state_display(), mine, "")]
    if base.get("asked_of_id") != current.asked_of_id:
        fields.append(Compared("asked_of", _("Who needs to answer"), "", str(current.asked_of), "", ""))
    return three_versions(current, form, fields, version=current.version)
