"""The page of a verb: 404, 403, form or its errors, the operation or why not, and on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tracker.accounts.http import access_of
from tracker.history.operations import Actor, attempt
from tracker.recommendations.conflict.queries import happened_since
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.unsent.forms import fill
from tracker.recommendations.unsent.operations import discard_unsent
from tracker.recommendations.unsent.queries import unsent_of
from tracker.web.forms import Form
from tracker.web.http import Request, redirect, safe_next, titled
from tracker.web.today import now


def found(request: Request, pk: int) -> Recommendation:
    """404 for what this person may not see."""
    access = access_of(request)
    return get_object_or_404(with_findings(visible_recommendations(access).for_rows(on=access.on), access), pk=pk)


def page_of(item: Recommendation, anchor: str = "") -> str:
    return reverse("recommendations:detail", args=[item.pk]) + (f"#{anchor}" if anchor else "")


@dataclass
class Verb:
    """What the page of one verb shows.

    `template` names the part, under recommendations/: "decision/_submit" for decision/_submit.html. `warning` is what
    cannot be undone; `refused` builds what a conflict shows (conflict.queries), in place of what has happened since.
    `unsent` is where the server keeps what is typed until it is sent (unsent.queries.place_of).
    """

    heading: str
    button: str
    item: Recommendation | None = None
    lead: str = ""
    warning: str = ""
    back: str = ""
    is_destructive: bool = False
    multipart: bool = False
    template: str = "verb/_verb"
    context: dict[str, Any] = field(default_factory=dict)
    refused: Callable[[], dict[str, Any]] | None = None
    unsent: str = ""


def carry_out(
    request: Request, verb: Verb, form: Form, do: Callable[..., Any], *, by: Actor, said: str, to: str
) -> HttpResponse:
    """GET shows the form. A valid POST calls the operation `do` with what the form holds, and leads on to `to`.

    `said` is the message shown there.

    Whoever came from elsewhere, as the address says in `next`, is led back there in place of `to`.
    """
    if request.method != "POST":
        return _show(request, verb, form, 200, _unsent(request, verb, form))
    if not form.is_valid():
        return _show(request, verb, form, 422)
    tried = attempt(lambda: do(by=by, at=now(), key=form.key, **form.values()))
    if tried.is_conflict:
        return _show(request, verb, form, 409, _refused(verb, form))
    if tried.refusal:
        form.add_errors(tried.refusal)
        return _show(request, verb, form, 422)
    if verb.unsent:
        discard_unsent(request.user, verb.unsent)
    messages.success(request, said)
    return redirect(request, safe_next(request) or to)


def _unsent(request: Request, verb: Verb, form: Form) -> dict[str, Any]:
    """Fill the form with the person's draft."""
    kept = unsent_of(request.user, verb.unsent) if verb.unsent else None
    if kept is not None:
        fill(form, kept)
    return {"unsent": kept}


def _refused(verb: Verb, form: Form) -> dict[str, Any]:
    if verb.refused is not None:
        return verb.refused()
    assert verb.item is not None
    return happened_since(verb.item, form)


def _show(request: Request, verb: Verb, form: Form, status: int, more: dict[str, Any] | None = None) -> HttpResponse:
    back = safe_next(request) or verb.back or (page_of(verb.item) if verb.item else "/")
    context = {"verb": verb, "form": form, "item": verb.item, "back": back, "here": request.get_full_path()}
    context |= verb.context | (more or {})
    return titled(
        request, f"recommendations/{verb.template}.html", context, title=verb.heading, back=back, status=status
    )
