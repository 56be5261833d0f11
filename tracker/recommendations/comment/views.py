"""Saying something about a recommendation, in its page or on a page of its own."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.accounts.http import access_of, allow
from tracker.history.operations import attempt
from tracker.recommendations.comment import operations
from tracker.recommendations.comment.forms import CommentForm
from tracker.recommendations.comment.models import Comment
from tracker.recommendations.comment.policies import can_comment
from tracker.recommendations.comment.queries import section
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.verb.views import found, page_of
from tracker.web.http import Request, page, redirect, safe_next, wants_part
from tracker.web.today import now


@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: Request, pk: int) -> HttpResponse:
    item = found(request, pk)
    by = allow(request, can_comment, item)
    if request.method != "POST":
        return _show(request, item)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _show(request, item, form, status=422)
    data = form.cleaned_data

    def work() -> Comment:
        return operations.comment(
            item, data["words"], is_internal=data["is_internal"], by=by, at=now(), key=data["request_key"]
        )

    tried = attempt(work)
    if tried.refusal:
        form.add_errors(tried.refusal)
        return _show(request, item, form, status=422)
    said = _("Comment added.")
    if wants_part(request):
        return _show(request, item, said=said)
    messages.success(request, said)
    return redirect(request, safe_next(request) or page_of(item, "comment"))


def _show(
    request: Request, item: Recommendation, form: CommentForm | None = None, *, status: int = 200, said: str = ""
) -> HttpResponse:
    context = {
        "item": item,
        "section": section(access_of(request), item, form),
        "form": form,
        "back": safe_next(request) or page_of(item, "comment"),
        "came_from": safe_next(request),
        "said": said,
    }
    templates = ("recommendations/comment/comment.html", "recommendations/comment/_section.html")
    return page(request, *templates, context, status=status)
