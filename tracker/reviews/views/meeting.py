"""Meetings: their list, opening one, walking through it, and what came of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.http import access_of, allow, require
from tracker.accounts.models import Organisation
from tracker.accounts.policies import visible_organisations
from tracker.history.operations import Actor, attempt
from tracker.recommendations.comment.forms import CommentForm
from tracker.recommendations.comment.policies import can_comment
from tracker.recommendations.unsent.forms import fill
from tracker.recommendations.unsent.operations import discard_unsent
from tracker.recommendations.unsent.queries import place_of, unsent_of
from tracker.reviews.forms.meeting import NoteForm
from tracker.reviews.models import ReviewSession, SessionItem
from tracker.reviews.operations import session as operations
from tracker.reviews.policies import can_hold_meeting, can_review, sees_meetings, visible_meetings
from tracker.reviews.queries.meeting import (
    last_meeting,
    meeting_before,
    meeting_rows,
    open_meeting_about,
    open_meetings,
    past_meetings,
    talks,
)
from tracker.reviews.queries.meeting_item import closed_words, go_on_at, items_of, talked, walk
from tracker.web.forms import Form
from tracker.web.http import Request, number_in, page, redirect
from tracker.web.paging import By, page_of
from tracker.web.today import now

NEWEST_FIRST = (By("id", descending=True),)


def _found(request: Request, pk: int) -> ReviewSession:
    rows = visible_meetings(access_of(request)).select_related("organisation", "opened_by", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _url(session: ReviewSession, item: SessionItem | None = None) -> str:
    if item is None:
        return reverse("reviews:meeting", args=[session.pk])
    return reverse("reviews:talk", args=[session.pk, item.pk])


@require_safe
def meetings(request: Request) -> HttpResponse:
    access = access_of(request)
    require(sees_meetings(access))
    asked = number_in(request.GET.get("organisation", ""))
    organisation = visible_organisations(access).filter(pk=asked).first() if asked else None
    found = page_of(past_meetings(access, organisation), NEWEST_FIRST, cursor=request.GET.get("page", ""))
    context = {
        "rows": meeting_rows(access),
        "under_way": open_meetings(access),
        "found": found,
        "organisation": organisation,
        "can_review": can_review(access),
    }
    return page(request, "reviews/meetings.html", "reviews/_meetings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_meeting(request: Request, pk: int) -> HttpResponse:
    """What will be talked about; and the meeting, once it is opened. One that is open already goes on."""
    access = access_of(request)
    organisation = get_object_or_404(visible_organisations(access).current(access.on), pk=pk)
    by = allow(request, can_hold_meeting, organisation)
    form = Form(request.POST if request.method == "POST" else None)
    under_way = open_meeting_about(access, organisation)
    if under_way is not None:
        return redirect(request, _where_it_stopped(request, under_way))
    if request.method == "POST" and form.is_valid():
        tried = attempt(lambda: _open(request, by, organisation, form))
        if not tried.refusal:
            opened = tried.result
            return redirect(request, _where_it_stopped(request, opened) if opened else reverse("reviews:meetings"))
        form.add_errors(tried.refusal)
    context = {
        "form": form,
        "organisation": organisation,
        "talks": talks(access, organisation),
        "last": last_meeting(access, organisation),
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "reviews/open_meeting.html", "reviews/_open_meeting.html", context, status=status)


def _open(request: Request, by: Actor, organisation: Organisation, form: Form) -> ReviewSession:
    about, key = talks(access_of(request), organisation), form.cleaned_data["request_key"]
    return operations.open_meeting(organisation, talks=about, by=by, at=now(), key=key)


def _where_it_stopped(request: Request, session: ReviewSession) -> str:
    return _url(session, go_on_at(list(items_of(access_of(request), session))))


@require_safe
def meeting(request: Request, pk: int) -> HttpResponse:
    """The list, while it is open; what was agreed, once it is closed: the page that is printed."""
    access, session = access_of(request), _found(request, pk)
    lines = talked(access, session)
    context = {
        "session": session,
        "lines": [line for line in lines if line.was_talked_about or session.is_open],
        "left": [line for line in lines if not line.was_talked_about],
        "talked": sum(line.was_talked_about for line in lines),
        "total": len(lines),
        "goes_on_at": go_on_at([line.item for line in lines]),
        "last": meeting_before(session),
        "form": Form() if session.is_open and can_hold_meeting(access, session.organisation) else None,
        "can_review": can_review(access),
    }
    return page(request, "reviews/meeting.html", "reviews/_meeting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: Request, pk: int, item: int) -> HttpResponse:
    """One recommendation of the list. A POST notes something about it, and goes on to the next."""
    access, session = access_of(request), _found(request, pk)
    shown = get_object_or_404(items_of(access, session), pk=item)
    if request.method != "POST":
        return _show(request, session, shown) if session.is_open else redirect(request, _url(session))
    by = allow(request, can_comment, shown.recommendation)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show(request, session, shown, form, status=422)
    typed, key = form.cleaned_data["words"], form.cleaned_data["request_key"]
    tried = attempt(lambda: operations.note(shown, typed, by=by, at=now(), key=key))
    if tried.is_conflict:
        return _closed(request, session, shown, typed)
    if tried.refusal:
        form.add_errors(tried.refusal)
        return _show(request, session, shown, form, status=422)
    discard_unsent(request.user, place_of("note", shown.recommendation))
    title = shown.recommendation.title
    said = _("Note on %(title)s saved.") if typed else _("%(title)s marked as discussed.")
    messages.success(request, said % {"title": title})
    if "stay" in request.POST:
        return redirect(request, _url(session, shown))
    following = [one for one in items_of(access, session) if one.position > shown.position]
    return redirect(request, _url(session, following[0] if following else None))


def _show(
    request: Request, session: ReviewSession, shown: SessionItem, form: NoteForm | None = None, *, status: int = 200
) -> HttpResponse:
    place, unsent = place_of("note", shown.recommendation), None
    if form is None:
        form, unsent = NoteForm(), unsent_of(request.user, place)
        if unsent is not None:
            fill(form, unsent)
    here = request.get_full_path()
    context = _around(request, session, shown) | {
        "form": form,
        "unsent": unsent,
        "verb": {"unsent": place},
        "here": here,
    }
    return page(request, "reviews/talk.html", "reviews/_talk.html", context, status=status)


def _around(request: Request, session: ReviewSession, shown: SessionItem) -> dict[str, Any]:
    found = walk(access_of(request), session, shown, request.path)
    return {"session": session, "shown": shown, "walk": found, "item": found.item, "row": found.row}


def _closed(request: Request, session: ReviewSession, shown: SessionItem, typed: str) -> HttpResponse:
    """Somebody has closed it meanwhile: what was typed can still be sent, as a comment."""
    session = _found(request, session.pk)
    form = CommentForm(initial={"words": typed, "is_internal": True})
    context = _around(request, session, shown) | {"closed": closed_words(session), "comment_form": form}
    return page(request, "reviews/talk.html", "reviews/_talk.html", context, status=409)


@require_POST
def close_meeting(request: Request, pk: int) -> HttpResponse:
    session = _found(request, pk)
    by = allow(request, can_hold_meeting, session.organisation)
    form = Form(request.POST)
    if form.is_valid():
        key = form.cleaned_data["request_key"]
        tried = attempt(lambda: operations.close_meeting(session, by=by, at=now(), key=key))
        if tried.is_conflict:
            messages.info(request, _("The meeting is already closed."))
        elif tried.result:
            messages.success(request, _("Meeting closed. You can print this page, or find it again under Meetings."))
    return redirect(request, _url(session))
