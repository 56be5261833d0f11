"""Links to what was recommended before, and what lives on in a later one."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow
from tracker.history.queries import as_of_version, was_sent
from tracker.recommendations.conflict.queries import Compared, three_versions
from tracker.recommendations.lineage import operations
from tracker.recommendations.lineage.forms import ConfirmLineageForm, LinkEarlierForm, UnlinkSuccessorForm
from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.lineage.policies import (
    can_carry,
    can_confirm_lineage,
    can_link_earlier,
    can_unlink_successor,
    may_be_repeated,
    visible_lineage,
)
from tracker.recommendations.recommendation.policies import leads
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.forms import Form
from tracker.web.http import Request, redirect

METHODS = ["GET", "HEAD", "POST"]


def _link(request: Request, pk: int) -> Lineage:
    rows = visible_lineage(access_of(request))
    ends = ("earlier__inspection__organisation", "earlier__addressee", "later__inspection__organisation")
    return get_object_or_404(rows.select_related(*ends, "later__addressee"), pk=pk)


@require_http_methods(METHODS)
def link_earlier(request: Request, pk: int) -> HttpResponse:
    access, item = access_of(request), found(request, pk)
    by = allow(request, can_link_earlier, item)
    data = request.POST if request.method == "POST" else None
    form = LinkEarlierForm(data, rows=may_be_repeated(access, item))
    verb = Verb(
        heading=_("Link to an earlier recommendation"),
        button=_("Link recommendations"),
        item=item,
        lead=_("Select the earlier recommendation that this one repeats. You confirm the link afterwards."),
    )

    said = _("Recommendations linked. Confirm the link to choose if the earlier one is carried forward.")
    return carry_out(
        request, verb, form, partial(operations.link_earlier, item), by=by, said=said, to=page_of(item, "lineage")
    )


@require_http_methods(METHODS)
def confirm_lineage(request: Request, pk: int) -> HttpResponse:
    access, link = access_of(request), _link(request, pk)
    by = allow(request, can_confirm_lineage, link)
    here = leads(access, link.earlier)
    data = request.POST if request.method == "POST" else None
    form = ConfirmLineageForm(data, link=link, may_carry=here)
    verb = Verb(
        heading=_("Does it repeat an earlier recommendation?"),
        button=_("Save"),
        item=found(request, link.later_id),
        template="lineage/_confirm_lineage",
        context={"link": link, "who_must": "" if here else operations.who_must(link.earlier)},
        refused=lambda: _versions(_link(request, pk), form),
    )

    return carry_out(
        request,
        verb,
        form,
        partial(operations.confirm_lineage, link),
        by=by,
        said=_("Link saved."),
        to=page_of(link.later, "lineage"),
    )


def _versions(current: Lineage, form: ConfirmLineageForm) -> dict[str, Any]:
    base: dict[str, Any] = as_of_version(current, form.cleaned_data["version"]) or {}
    names = dict(Lineage.State.choices)
    before, mine = str(names.get(base.get("state", ""), "")), str(names[form.cleaned_data["state"]])
    fields = [Compared("state", _("The link"), before, current.get_state_display(), mine, current.state)]
    return three_versions(current, form, fields, version=current.version)


@require_http_methods(METHODS)
def carry(request: Request, pk: int) -> HttpResponse:
    link = _link(request, pk)
    by = allow(request, can_carry, link)
    form = Form(request.POST if request.method == "POST" else None)
    verb = Verb(
        heading=_("Carry forward in the later recommendation"),
        button=_("Carry forward"),
        item=found(request, link.earlier_id),
        lead=_("It will be carried forward in %(later)s (%(report)s): one owner, one due date and one update for both.")
        % {"later": link.later.title, "report": link.later.inspection},
    )

    said = _("Carried forward in %(later)s.") % {"later": link.later.title}
    return carry_out(
        request, verb, form, partial(operations.carry, link), by=by, said=said, to=page_of(link.earlier, "lineage")
    )


@require_http_methods(METHODS)
def unlink_successor(request: Request, pk: int) -> HttpResponse:
    item = found(request, pk)
    form = UnlinkSuccessorForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and was_sent(request.user, form.cleaned_data["request_key"]):
        # The lead of the later one can no longer do this.
        return redirect(request, page_of(item))
    by = allow(request, can_unlink_successor, item)
    verb = Verb(
        heading=_("Track it separately again"),
        button=_("Track separately"),
        item=item,
        lead=_("It will have its own owner, due date and reminders again, and will be counted separately."),
    )

    said = _("%(title)s is now tracked separately.") % {"title": item.title}
    return carry_out(
        request, verb, form, partial(operations.unlink_successor, item), by=by, said=said, to=page_of(item)
    )
