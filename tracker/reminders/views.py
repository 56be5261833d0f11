"""The mail page of the embedded mode: what would have gone out, for anybody who tries the tracker."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker.reminders import mailfolder
from tracker.reminders.operations import queueing
from tracker.reminders.queries import deliveries_of
from tracker.web.forms import Form
from tracker.web.http import go, page
from tracker.web.today import now, today


def _embedded_only(request: HttpRequest) -> None:
    """Letters hold links that sign people in, so they are shown only to who sits at the machine itself."""
    if not settings.EMBEDDED or request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1"):
        raise Http404


@login_not_required
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    _embedded_only(request)
    context = {
        "letters": mailfolder.letters(),
        "waiting": deliveries_of(today()).filter(state__in=["waiting", "sending"]).count(),
        "form": Form(),
    }
    return page(request, "reminders/mail.html", "reminders/_mail.html", context)


@login_not_required
@require_safe
def letter(request: HttpRequest, name: str) -> HttpResponse:
    _embedded_only(request)
    found = mailfolder.letter(name)
    if found is None:
        raise Http404
    return page(request, "reminders/letter.html", "reminders/letter.html", {"letter": found})


@login_not_required
@require_POST
def send_todays_digests(request: HttpRequest) -> HttpResponse:
    """Queue them, also on a day without digests; the worker sends them at its next tick."""
    _embedded_only(request)
    queued = queueing.queue_news(on=today(), at=now())
    if queued.now:
        said = ngettext("%(n)s digest is being sent.", "%(n)s digests are being sent.", queued.now)
        messages.success(request, said % {"n": queued.now})
    elif queued.before:
        said = ngettext(
            "Nothing to send: %(n)s person has their digest of today, and nobody else has anything new.",
            "Nothing to send: %(n)s people have their digest of today, and nobody else has anything new.",
            queued.before,
        )
        messages.info(request, said % {"n": queued.before})
    else:
        messages.info(request, _("Nothing to send: nothing overdue or due in the next 7 days is new to anybody."))
    return go(request, reverse("reminders:mail"))
