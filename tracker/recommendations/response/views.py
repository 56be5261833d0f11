"""The page of the response."""

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import allow
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.response import operations
from tracker.recommendations.response.forms import RespondForm
from tracker.recommendations.response.policies import can_respond
from tracker.recommendations.response.versions import response_versions
from tracker.recommendations.verb.views import Verb, carry_out, found, page_of
from tracker.web.http import Request


def plan_or_page(request: Request, item: Recommendation, anchor: str) -> str:
    """Back to the action plan, if the person came from there."""
    if request.GET.get("to") == "plan":
        return reverse("recommendations:plan", args=[item.inspection_id, item.addressee_id])
    return page_of(item, anchor)


@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: Request, pk: int) -> HttpResponse:
    item = found(request, pk)
    by = allow(request, can_respond, item)
    form = RespondForm(request.POST if request.method == "POST" else None, item=item)

    verb = Verb(
        heading=_("Record your response"),
        button=_("Save response"),
        item=item,
        back=plan_or_page(request, item, "response"),
        refused=lambda: response_versions(item, form),
    )
    said = _("Response to %(title)s saved.") % {"title": item.title.lower()}
    return carry_out(
        request,
        verb,
        form,
        partial(operations.respond, item),
        by=by,
        said=said,
        to=plan_or_page(request, item, "response"),
    )
