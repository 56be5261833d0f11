"""The page on which updates are sent, for one recommendation or several."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow, allow_each
from tracker.history.models import Tracked
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_report, leads_from_above
from tracker.recommendations.unsent.queries import place_of
from tracker.recommendations.update import operations
from tracker.recommendations.update.forms import ReportForm
from tracker.recommendations.update.models import Update
from tracker.recommendations.update.policies import can_correct
from tracker.recommendations.update.queries import also_reportable, reportable_measures
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.http import Request, number_in


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: Request, pk: int) -> HttpResponse:
    access = access_of(request)
    item = found(request, pk)
    allow(request, can_report, item)
    corrects = _corrected(request, item)
    others = also_reportable(access, item, corrects)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    measures = reportable_measures(access, item)
    form = ReportForm(*posted, item=item, also=others, corrects=corrects, measures=measures, on=access.on)
    verb = Verb(
        heading=_("Correct an update") if corrects else _("Send an update"),
        button=_("Send correction") if corrects else _("Send update"),
        item=item,
        template="update/_report",
        multipart=True,
        unsent=place_of("correct" if corrects else "report", item),
        context={"corrects": corrects, "from_above": leads_from_above(access, item)},
    )

    by = allow_each(request, lambda half, subject: can_report(half, _meant(form, subject)))
    return carry_out(request, verb, form, operations.report, by=by, said=_required_text(form), to=page_of(item))


def _meant(form: ReportForm, subject: Tracked) -> Recommendation:
    """Of those reported on, the one that this row belongs to; the one of the page, where it belongs to none."""
    pk = subject.audit_scope().get("recommendation_id")
    return next((item for item in form.items if item.pk == pk), form.item)


def _corrected(request: Request, item: Recommendation) -> Update | None:
    """The update that the address says was mistaken."""
    if "corrects" not in request.GET:
        return None
    rows = item.updates.select_related("author", "what_changed")
    update = get_object_or_404(rows, pk=number_in(request.GET["corrects"]))
    allow(request, can_correct, item, update)
    return update


def _required_text(form: ReportForm) -> str:
    if not form.is_bound or not form.is_valid():
        return ""
    count = len(form.items)
    said = ngettext("%(title)s: update sent.", "Update sent for %(count)s recommendations.", count)
    return said % {"title": form.item.title, "count": count}
