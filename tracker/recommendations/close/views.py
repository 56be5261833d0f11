"""Closes recommendations that will not be done, and corrects printed text."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow
from tracker.history.queries import as_of_version
from tracker.recommendations.close import operations
from tracker.recommendations.conflict.queries import Compared, three_versions
from tracker.recommendations.decision.forms import CloseForm, TextForm
from tracker.recommendations.decision.policies import can_correct_text
from tracker.recommendations.decision.queries import successors_of
from tracker.recommendations.decision.views import METHODS, decide, posted, to_decide
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.http import Request


@require_http_methods(METHODS)
def close(request: Request, pk: int) -> HttpResponse:
    item, seen, by = to_decide(request, pk)
    successors = successors_of(access_of(request), item)
    form = CloseForm(posted(request), item=item, successors=successors, seen_event=seen)

    return decide(
        request,
        item,
        form,
        partial(operations.close, item),
        by=by,
        said=_("%(title)s closed.") % {"title": item.title},
        heading=_("Close recommendation"),
        button=_("Close recommendation"),
        lead=_("It stays visible but you will get no more reminders about it. It can be reopened."),
        needs=(Recommendation.Status.OPEN,),
    )


@require_http_methods(METHODS)
def correct_text(request: Request, pk: int) -> HttpResponse:
    item = found(request, pk)
    by = allow(request, can_correct_text, item)
    form = TextForm(posted(request), item=item)
    verb = Verb(
        heading=_("Correct the printed text"),
        button=_("Save the correction"),
        item=item,
        lead=_("Only correct text that differs from the report. The previous text stays in the history."),
        refused=lambda: _text_versions(item, form),
    )

    said = _("Printed text of %(title)s corrected.") % {"title": item.title}
    return carry_out(request, verb, form, partial(operations.correct_text, item), by=by, said=said, to=page_of(item))


def _text_versions(item: Recommendation, form: TextForm) -> dict[str, Any]:
    current = found_again(item)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    fields = [
        Compared(
            field=name,
            name=str(form.fields[name].label),
            before=str(base.get(name, "")),
            theirs=getattr(current, name),
            mine=form.cleaned_data[name],
            typed=getattr(current, name),
        )
        for name in form.printed
    ]
    return three_versions(current, form, fields, version=current.version)


def found_again(item: Recommendation) -> Recommendation:
    """The current row, which the person can already see."""
    item.refresh_from_db(fields=["text", "number", "place", "version"])
    return item
