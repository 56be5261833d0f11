"""Actions: the page of one, and its verbs."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.http import access_of, allow
from tracker.history.operations import Actor
from tracker.recommendations.action import operations
from tracker.recommendations.action.forms import (
    AddActionForm,
    DropActionForm,
    EditActionForm,
    MarkBlockedForm,
    MarkDoneForm,
    MarkForm,
    MoveActionForm,
    OpenActionForm,
    due_of,
)
from tracker.recommendations.action.models import Action, is_worked_on
from tracker.recommendations.action.policies import (
    can_add_action,
    can_drop_action,
    can_edit_action,
    can_mark_blocked,
    can_mark_done,
    can_mark_not_done,
    can_move_action,
    can_open_action,
    visible_actions,
)
from tracker.recommendations.action.queries import (
    action_history,
    action_row,
    answerable,
    answered_seen,
    may_answer,
    with_words,
)
from tracker.recommendations.action.versions import action_versions
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.response.views import plan_or_page
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.forms import Form
from tracker.web.http import Request, number_in, page

METHODS = ["GET", "HEAD", "POST"]


def _found(request: Request, pk: int) -> tuple[Action, list[Recommendation]]:
    """With what it answers, as far as this person sees that."""
    access = access_of(request)
    shown = get_object_or_404(with_words(visible_actions(access)), pk=pk)
    return shown, answered_seen(access, shown)


def _data(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _back(request: Request, shown: Action, items: list[Recommendation]) -> str:
    """The recommendation whose page the person came from, or the page of the action."""
    safe_next = number_in(request.GET.get("item", ""))
    item = next((item for item in items if item.pk == safe_next), None)
    return page_of(item, "action") if item else reverse("recommendations:action", args=[shown.pk])


@require_safe
def action(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    shown, items = _found(request, pk)
    is_open = any(item.status == Recommendation.Status.OPEN and item.carried_by_id is None for item in items)
    can_work = is_worked_on(items)
    is_to_do = can_work and shown.state == Action.State.OPEN
    context = {
        "row": action_row(shown, access, is_worked_on=can_work),
        "action": shown,
        "items": items,
        "form": MarkDoneForm(),
        "can_edit": is_open and shown.state != Action.State.DROPPED and can_edit_action(access, shown),
        "can_move": is_to_do and can_move_action(access, shown),
        "can_drop": is_to_do and can_drop_action(access, shown),
        "can_open": can_work and shown.state == Action.State.DONE and can_open_action(access, shown),
        "history": action_history(shown, access),
    }
    return page(request, "recommendations/action/action.html", "recommendations/action/_action.html", context)


@require_http_methods(METHODS)
def add_action(request: Request, pk: int) -> HttpResponse:
    item = found(request, pk)
    by = allow(request, can_add_action, item)
    # A recommendation that is not open is shown alone, and the operation says why not.
    items = list(answerable(item).select_related("inspection", "addressee"))
    items = items if item in items else [item]
    form = AddActionForm(_data(request), items=items, on=access_of(request).on, initial={"answers": [item.pk]})

    to = plan_or_page(request, item, "action")
    verb = Verb(_("Add an action"), _("Add action"), item, back=to, refused=lambda: _newer(form))
    return carry_out(
        request, verb, form, partial(_with_step, operations.add_action), by=by, said=_("Action added."), to=to
    )


def _with_step(do: Callable[..., Action], **values: Any) -> Action:
    """What the form holds of the step goes into one value."""
    step = {field.name: values.pop(field.name) for field in fields(operations.Step)}
    return do(operations.Step(**step), **values)


def _newer(form: Form) -> dict[str, Any]:
    """The form carries no version: sent again it holds."""
    form.add_error(None, _("Someone else has just changed this. Check your entry is still right, then send it again."))
    return {}


@require_http_methods(METHODS)
def edit_action(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_edit_action, shown)
    initial = {
        "text": shown.words.text,
        "owner": shown.owner.label if shown.owner else "",
        "done_by": shown.done_by.text if shown.done_by else "",
        "answers": [item.pk for item in items],
        "version": shown.version,
    }
    form = EditActionForm(
        _data(request), items=may_answer(shown), on=access_of(request).on, initial=initial, present=shown.owner
    )

    verb = _verb(request, shown, items, _("Change action"), _("Save"))
    verb.refused = lambda: action_versions(shown, form)
    return carry_out(
        request,
        verb,
        form,
        partial(_with_step, partial(operations.edit_action, shown)),
        by=by,
        said=_("Action saved."),
        to=_back(request, shown, items),
    )


@require_http_methods(METHODS)
def move_action(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_move_action, shown)
    form = MoveActionForm(_data(request), action=shown, items=items, on=access_of(request).on)

    heading = _("Change due date") if due_of(shown) else _("Set due date")
    verb = _verb(request, shown, items, heading, _("Save"))
    verb.refused = lambda: action_versions(shown, form)
    return carry_out(
        request,
        verb,
        form,
        partial(operations.move_action, shown),
        by=by,
        said=_("Due date saved."),
        to=_back(request, shown, items),
    )


def _verb(request: Request, shown: Action, items: list[Recommendation], heading: str, button: str) -> Verb:
    item = items[0] if len(items) == 1 else None
    return Verb(heading=heading, button=button, item=item, lead=shown.words.text, back=_back(request, shown, items))


@require_http_methods(METHODS)
def drop_action(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_drop_action, shown)
    verb = _verb(request, shown, items, _("Drop action"), _("Drop action"))
    verb.is_destructive = True
    said = _("Action dropped. It stays in the list.")
    return _say(request, shown, items, by, verb, DropActionForm(_data(request)), operations.drop_action, said)


@require_http_methods(METHODS)
def mark_done(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_mark_done, shown)
    verb = _verb(request, shown, items, _("Action done"), _("Done"))
    form = MarkDoneForm(_data(request))
    return _say(request, shown, items, by, verb, form, operations.mark_done, _("Action marked as done."))


@require_http_methods(METHODS)
def mark_not_done(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_mark_not_done, shown)
    verb = _verb(request, shown, items, _("Action not done yet"), _("Not done yet"))
    form = MarkForm(_data(request))
    return _say(request, shown, items, by, verb, form, operations.mark_not_done, _("Noted: action not done yet."))


@require_http_methods(METHODS)
def mark_blocked(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_mark_blocked, shown)
    verb = _verb(request, shown, items, _("Action blocked"), _("Blocked"))
    # The button in a row has no room for a reason, so this page asks for it.
    form = MarkBlockedForm(None if "ask" in request.POST else _data(request))

    def say(action: Action, *, note: str, **rest: Any) -> Action:
        return operations.mark_blocked(action, because=note, **rest)

    return _say(request, shown, items, by, verb, form, say, _("Action marked as blocked. The lead can see why."))


@require_http_methods(METHODS)
def open_action(request: Request, pk: int) -> HttpResponse:
    shown, items = _found(request, pk)
    by = allow(request, can_open_action, shown)
    verb = _verb(request, shown, items, _("Reopen action"), _("Reopen"))
    form = OpenActionForm(_data(request))
    return _say(request, shown, items, by, verb, form, operations.open_action, _("Action reopened."))


def _say(
    request: Request,
    shown: Action,
    items: list[Recommendation],
    by: Actor,
    verb: Verb,
    form: Form,
    operation: Callable[..., Action],
    said: str,
) -> HttpResponse:
    """A verb whose fields are named as the operation names them."""

    verb.refused = lambda: _newer(form)
    return carry_out(request, verb, form, partial(operation, shown), by=by, said=said, to=_back(request, shown, items))
