"""When it is due: setting the date, correcting a mistyped original, and later due dates."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow
from tracker.history.queries import as_of_version
from tracker.recommendations.conflict.queries import Compared, three_versions
from tracker.recommendations.decision.policies import can_decide, can_extend
from tracker.recommendations.due import operations
from tracker.recommendations.due import operations as extensions
from tracker.recommendations.due.forms import (
    AskExtensionForm,
    CorrectDateForm,
    DecideExtensionForm,
    SetDueForm,
    present,
)
from tracker.recommendations.due.models import Extension
from tracker.recommendations.due.policies import (
    can_ask_extension,
    can_set_due,
    can_withdraw_extension,
    extension_deciders,
)
from tracker.recommendations.due.queries import visible_extensions
from tracker.recommendations.recommendation.forms import Due
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.unsent.queries import place_of
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.forms import Form
from tracker.web.http import Request

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
def set_due(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_set_due, item)
    form = SetDueForm(request.POST if request.method == "POST" else None, item=item, on=access.on)
    ask = reverse("recommendations:ask_extension", args=[item.pk])
    verb = Verb(
        heading=_("Set the due date"),
        button=_("Save the due date"),
        item=item,
        lead=_draft_or_fixed(item),
        template="due/_set_due",
        context={"ask_url": ask, "is_fixed": item.original_due_on is not None},
        refused=lambda: _versions(found(request, pk), form),
    )

    said = _("Due date of %(title)s saved.") % {"title": item.title}
    return carry_out(request, verb, form, partial(operations.set_due, item), by=by, said=said, to=page_of(item))


def _draft_or_fixed(item: Recommendation) -> str:
    if item.original_due_on is not None:
        return _("This due date is confirmed. You can make it earlier. To make it later, request an extension.")
    return _("This date is provisional. You can change it until due dates for this inspection are confirmed.")


def _versions(current: Recommendation, form: SetDueForm) -> dict[str, Any]:
    """The date in its three versions, and who set it."""
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    data, now_held, due = form.cleaned_data, present(current), form.due
    seen = Recommendation(
        due_on=_day(base.get("due_on")),
        due_is_month=base.get("due_is_month", False),
        review_on=_day(base.get("review_on")),
    )
    typed = Recommendation(
        due_on=due.on if due else None, due_is_month=bool(due and due.is_month), review_on=form.looked_at_on
    )
    names = dict(form.fields["due_set_by"].choices)  # type: ignore[attr-defined]
    none = _("no date")
    when = Compared("kind", _("Due date"), seen.due or none, current.due or none, typed.due or none, now_held["kind"])
    by = Compared(
        "due_set_by",
        _("Who set this date?"),
        str(names.get(base.get("due_set_by"), "")),
        str(current.get_due_set_by_display()),
        str(names[data["due_set_by"]]),
        current.due_set_by,
    )
    if when.mine == when.before:
        form.refill(
            {
                "due_on": str(now_held["due_on"] or ""),
                "review_on": current.review_on.isoformat() if current.review_on else "",
            }
        )
    return three_versions(current, form, [when, by], version=current.version)


def _day(text: str | None) -> Any:
    return text and Recommendation._meta.get_field("due_on").to_python(text)


@require_http_methods(METHODS)
def correct_date(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_decide, item)
    data = request.POST if request.method == "POST" else None
    form = CorrectDateForm(data, item=item, on=access.on, seen_event=last_event_id(item))
    verb = Verb(
        heading=_("Correct the original due date"),
        button=_("Correct the date"),
        item=item,
        lead=_("The original due date is %(day)s. A correction does not count as an extension or as a missed date.")
        % {"day": _shown(item)},
    )

    said = _("Original due date of %(title)s corrected.") % {"title": item.title}
    return carry_out(request, verb, form, partial(operations.correct_date, item), by=by, said=said, to=page_of(item))


def _shown(item: Recommendation) -> str:
    if item.original_due_on is None:
        return _("not confirmed yet")
    return str(Due(item.original_due_on, item.due_is_month and item.due_on == item.original_due_on))


@require_http_methods(METHODS)
def ask_extension(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_ask_extension, item)
    data = request.POST if request.method == "POST" else None
    form = AskExtensionForm(data, item=item, on=access.on, asked_for=request.GET.get("to", "")[:20])
    waits = extension_deciders(access, item)
    verb = Verb(
        heading=_("Request an extension"),
        button=_("Send request"),
        item=item,
        lead=_("It is due: %(due)s. The request goes to %(place)s. The due date stays the same until it is granted.")
        % {"due": item.due or _("no date"), "place": waits.organisation or _("nobody yet, as nobody can decide it")},
        unsent=place_of("ask_extension", item),
    )

    said = _("Extension requested.")
    return carry_out(
        request, verb, form, partial(extensions.ask_extension, item), by=by, said=said, to=page_of(item, "extensions")
    )


@require_http_methods(METHODS)
def withdraw_extension(request: Request, pk: int) -> HttpResponse:
    extension = get_object_or_404(visible_extensions(access_of(request)), pk=pk)
    item = found(request, extension.recommendation_id)
    by = allow(request, can_withdraw_extension, extension)
    form = Form(request.POST if request.method == "POST" else None)
    verb = Verb(
        heading=_("Withdraw the extension request"),
        button=_("Withdraw request"),
        item=item,
        lead=_told(extension),
    )

    said = _("Extension request withdrawn.")
    return carry_out(
        request,
        verb,
        form,
        partial(extensions.withdraw_extension, extension),
        by=by,
        said=said,
        to=page_of(item, "extensions"),
    )


def _told(extension: Extension) -> str:
    return _("Requested by %(name)s: from %(before)s to %(after)s. “%(reason)s”") % {
        "name": extension.asked_by,
        "before": extension.before,
        "after": extension.after,
        "reason": extension.reason,
    }


@require_http_methods(METHODS)
def decide_extension(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    extension = get_object_or_404(visible_extensions(access), pk=pk)
    item = found(request, extension.recommendation_id)
    by = allow(request, can_extend, item)
    data = request.POST if request.method == "POST" else None
    form = DecideExtensionForm(data, initial={"seen_event": last_event_id(item)})
    verb = Verb(
        heading=_("Decide the extension request"),
        button=_("Save the decision"),
        item=item,
        lead=_told(extension),
    )
    granted = request.POST.get("decision") == "grant"

    said = _("Extension granted.") if granted else _("Extension declined.")
    return carry_out(
        request,
        verb,
        form,
        partial(extensions.decide_extension, extension),
        by=by,
        said=said,
        to=page_of(item, "extensions"),
    )
