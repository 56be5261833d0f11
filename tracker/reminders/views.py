"""Pages: the preview of a digest, and the emails of the embedded mode."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.http import access_of, require
from tracker.accounts.policies import Access, administered_people, can_administer
from tracker.reminders import emails, mailfolder
from tracker.reminders.operations import queueing
from tracker.reminders.queries import deliveries_of, last_told, seen_by
from tracker.web.forms import Form
from tracker.web.http import Request, page, redirect
from tracker.web.today import now, today


@require_http_methods(["GET", "HEAD", "POST"])
def digest(request: Request) -> HttpResponse:
    """The person's own digest as of now, with a button to send it."""
    access = access_of(request)
    last = last_told(request.user, before=access.on)
    found = emails.preview(access, last=last)
    form = Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _asked_for(form, request, found):
        said = _("Your email summary is on its way to %(address)s.")
        messages.success(request, said % {"address": request.user.email})
        return redirect(request, reverse("reminders:digest"))
    context = {"preview": found, "last": last, "may_own": access.may_own, "form": form}
    status = 422 if request.method == "POST" else 200
    return page(request, "reminders/digest.html", "reminders/_digest.html", context, status=status)


def _asked_for(form: Form, request: Request, found: emails.Preview) -> bool:
    if not form.is_valid():
        return False
    if not found.number:
        form.add_error(None, _("You have no tasks for your email summary today, so there is nothing to send."))
        return False
    try:
        queueing.request_digest(request.user, key=form.cleaned_data["request_key"], on=today(), at=now())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@require_safe
def digest_of(request: Request, pk: int) -> HttpResponse:
    """For administrators: the digest of a person they administer, without what the administrator cannot see."""
    access = access_of(request)
    require(can_administer(access))
    person = get_object_or_404(administered_people(access).active(), pk=pk)
    theirs, last = Access(person, access.on, access.at), last_told(person, before=access.on)
    found = emails.preview(theirs, last=last, seen=partial(seen_by, access))
    context = {"preview": found, "last": last, "shown": person, "may_own": theirs.may_own}
    return page(request, "reminders/digest_of.html", "reminders/_digest_of.html", context)


def _embedded_only(request: HttpRequest) -> None:
    """Emails contain sign-in links, so only requests from this machine see them."""
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
    """Queue digests, also on a day without digests. The worker sends them at its next tick."""
    _embedded_only(request)
    queued = queueing.queue_changed_digests(on=today(), at=now())
    if queued.now:
        said = ngettext("%(n)s email summary is being sent.", "%(n)s email summaries are being sent.", queued.now)
        messages.success(request, said % {"n": queued.now})
    elif queued.before:
        said = ngettext(
            "Nothing to send. %(n)s person already has their email for today and nobody else has anything new.",
            "Nothing to send. %(n)s people already have their email for today and nobody else has anything new.",
            queued.before,
        )
        messages.info(request, said % {"n": queued.before})
    else:
        messages.info(request, _("Nothing to send. Nobody has anything new that is overdue or due in the next 7 days."))
    return redirect(request, reverse("reminders:mail"))
