"""Operations: check, submit, withdraw, return, sign off, sustain, reopen."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow
from tracker.history.operations import Actor
from tracker.recommendations.conflict.queries import happened_since
from tracker.recommendations.decision import operations
from tracker.recommendations.decision.forms import (
    CheckForm,
    ReasonForm,
    ReopenForm,
    SignOffForm,
    SubmitForm,
    SustainForm,
)
from tracker.recommendations.decision.policies import can_decide
from tracker.recommendations.decision.proof import open_actions, preconditions
from tracker.recommendations.decision.queries import decision_on, wait_of
from tracker.recommendations.recommendation.forms import SeenForm
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import leads, leads_from_above
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.unsent.queries import place_of
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.forms import Form
from tracker.web.http import Request

METHODS = ["GET", "HEAD", "POST"]

Status = Recommendation.Status


def shown(request: Request, pk: int) -> tuple[Recommendation, int]:
    """The recommendation and the last event on its page, which is read first.

    Whatever happens between the two is on the screen and not counted as seen, and never the other way round.
    """
    seen = last_event_id(found(request, pk))
    return found(request, pk), seen


def to_decide(request: Request, pk: int) -> tuple[Recommendation, int, Actor]:
    item, seen = shown(request, pk)
    return item, seen, allow(request, can_decide, item)


def to_lead(request: Request, pk: int) -> tuple[Recommendation, int, Actor]:
    item, seen = shown(request, pk)
    return item, seen, allow(request, leads, item)


def posted(request: Request) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def not_now(item: Recommendation, *statuses: str) -> str:
    """Shown at once if the status does not allow this."""
    if item.carried_by is not None:
        return _("It is carried forward in %(later)s, so you cannot do this here.") % {"later": item.carried_by.title}
    if item.status in statuses:
        return ""
    return _("The status is “%(status)s”, so you cannot do this now.") % {"status": item.get_status_display()}


def with_all_to_decide(request: Request, item: Recommendation) -> dict[str, Any]:
    wait = wait_of(access_of(request), item)
    return {"decision": decision_on(item), "wait": wait, "verb_item": item}


def after_conflict(request: Request, item: Recommendation, form: Form) -> Callable[[], dict[str, Any]]:
    """What has happened since, and below it everything to decide on as it is now."""

    def refused() -> dict[str, Any]:
        since = happened_since(item, form)
        newer = found(request, item.pk)
        return since | {"item": newer} | with_all_to_decide(request, newer)

    return refused


def decide(
    request: Request,
    item: Recommendation,
    form: SeenForm,
    do: Callable[..., Any],
    *,
    by: Actor,
    said: str,
    heading: str,
    button: str,
    lead: str,
    needs: tuple[str, ...],
) -> HttpResponse:
    """The page of a decision, with everything needed to decide."""
    assert request.resolver_match is not None
    verb = Verb(
        heading=heading,
        button=button,
        item=item,
        lead=lead,
        warning=not_now(item, *needs),
        template="decision/_decide",
        context=with_all_to_decide(request, item),
        refused=after_conflict(request, item, form),
        unsent=place_of(str(request.resolver_match.url_name), item),
    )
    return carry_out(request, verb, form, do, by=by, said=said, to=page_of(item, "review"))


@require_http_methods(METHODS)
def check(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_decide(request, pk)
    form = CheckForm(posted(request), initial={"seen_event": seen})

    return decide(
        request,
        item,
        form,
        partial(operations.check, item),
        by=by,
        said=_("Check of %(title)s saved.") % {"title": item.title},
        heading=_("Record a check"),
        button=_("Save the check"),
        lead=_("Your judgement is shown next to what is reported. It does not change what is reported or the status."),
        needs=Recommendation.UNFINISHED,
    )


@require_http_methods(METHODS)
def submit(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_lead(request, pk)
    access = access_of(request)
    form = SubmitForm(posted(request), initial={"seen_event": seen})
    verb = Verb(
        heading=_("Submit for sign-off"),
        button=_("Submit for sign-off"),
        item=item,
        warning=not_now(item, Status.OPEN),
        template="decision/_submit",
        context={
            "preconditions": preconditions(item, access.on),
            "open_actions": open_actions(item),
            "days_late": item.days_overdue(access.on),
            "from_above": leads_from_above(access, item),
        },
        unsent=place_of("submit", item),
    )

    said = _("%(title)s submitted for sign-off.") % {"title": item.title}
    return carry_out(
        request, verb, form, partial(operations.submit, item), by=by, said=said, to=page_of(item, "review")
    )


@require_http_methods(METHODS)
def withdraw(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_lead(request, pk)
    form = SeenForm(posted(request), initial={"seen_event": seen})
    verb = Verb(
        heading=_("Withdraw submission"),
        button=_("Withdraw submission"),
        item=item,
        lead=_("It will be open again, and as overdue as if it had never been submitted."),
        warning=not_now(item, Status.SUBMITTED),
    )

    said = _("Submission of %(title)s withdrawn.") % {"title": item.title}
    return carry_out(
        request, verb, form, partial(operations.withdraw, item), by=by, said=said, to=page_of(item, "review")
    )


@require_http_methods(METHODS)
def return_(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_decide(request, pk)
    form = ReasonForm(posted(request), initial={"seen_event": seen})

    return decide(
        request,
        item,
        form,
        partial(operations.return_, item),
        by=by,
        said=_("%(title)s returned.") % {"title": item.title},
        heading=_("Return submission"),
        button=_("Return submission"),
        lead=_(
            "It will be open again, and as overdue as if it had never been submitted. The owner and lead will see why."
        ),
        needs=(Status.SUBMITTED,),
    )


@require_http_methods(METHODS)
def sign_off(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_decide(request, pk)
    form = SignOffForm(posted(request), initial={"seen_event": seen})

    return decide(
        request,
        item,
        form,
        partial(operations.sign_off, item),
        by=by,
        said=_("%(title)s signed off.") % {"title": item.title},
        heading=_("Sign off"),
        button=_("Sign off"),
        lead=_("You are signing off what is shown here. In 3 months you will be asked if progress is sustained."),
        needs=(Status.SUBMITTED,),
    )


@require_http_methods(METHODS)
def sustain(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_decide(request, pk)
    form = SustainForm(posted(request), item=item, on=access_of(request).on, seen_event=seen)

    return decide(
        request,
        item,
        form,
        partial(operations.sustain, item),
        by=by,
        said=_("Answer about %(title)s saved.") % {"title": item.title},
        heading=_("Is it sustained?"),
        button=_("Save the answer"),
        lead=_("This was signed off 3 months ago or more. If progress has not lasted, the recommendation is reopened."),
        needs=(Status.SIGNED_OFF,),
    )


@require_http_methods(METHODS)
def reopen(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_decide(request, pk)
    form = ReopenForm(posted(request), item=item, on=access_of(request).on, seen_event=seen)

    return decide(
        request,
        item,
        form,
        partial(operations.reopen, item),
        by=by,
        said=_("%(title)s reopened.") % {"title": item.title},
        heading=_("Reopen"),
        button=_("Reopen"),
        lead=_("The original due date is still shown next to the new one."),
        needs=operations.CLOSED,
    )
