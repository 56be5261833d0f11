"""One meeting: the agenda, each item, and the outcome."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.comment.policies import visible_comments
from tracker.recommendations.decision.progress_by_source import Voices, voices
from tracker.recommendations.decision.queries import wait_of
from tracker.recommendations.due.queries import extensions_of
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.listing.queries import Row, row_of
from tracker.recommendations.models import Action, Comment, Recommendation
from tracker.recommendations.page.steps import Step, steps_of
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.queries import RATED_EARLY
from tracker.recommendations.timeline.queries import TITLES, Entry, entry_of, history_of, names_in
from tracker.reviews.models import ReviewSession, SessionItem, SessionNote
from tracker.reviews.policies import visible_notes
from tracker.reviews.queries.meeting import Why, in_words, meeting_before

# Verbs that are not decisions of a meeting.
NOT_DECIDED = {RATED_EARLY, "recommendation.printed", "recommendation.rated", "recommendation.words_removed"}
MOST_CHANGES = 8
MOST_COMMENTS = 2


def items_of(access: Access, session: ReviewSession) -> QuerySet[SessionItem]:
    """The items whose recommendation this person can see, in order."""
    seen = visible_recommendations(access).values("pk")
    rows = session.items.filter(recommendation__in=seen).order_by("position")
    return rows.select_related("recommendation__inspection__organisation", "recommendation__addressee")


@dataclass
class Talked:
    """A line of the meeting's page. Owner, due date and status as they stood when it was closed, or stand now."""

    item: SessionItem
    why: list[Why]
    notes: list[SessionNote] = field(default_factory=list)
    decisions: list[Entry] = field(default_factory=list)
    owner: str = ""
    due: str = ""
    status: str = ""

    @property
    def was_talked_about(self) -> bool:
        return bool(self.item.talked_at or self.notes or self.decisions)


def talked(access: Access, session: ReviewSession) -> list[Talked]:
    """All items with notes and decisions. A constant number of queries."""
    lines = {
        item.recommendation_id: Talked(item, in_words(item.reasons, item.days)) for item in items_of(access, session)
    }
    for note in _notes(access, session):
        if note.item.recommendation_id in lines:
            lines[note.item.recommendation_id].notes.append(note)
    for pk, entry in _decisions(session, lines):
        lines[pk].decisions.append(entry)
    _stand(session, lines)
    return list(lines.values())


def _notes(access: Access, session: ReviewSession) -> QuerySet[SessionNote]:
    rows = visible_notes(access).filter(item__session=session)
    return rows.select_related("item", "comment__author", "comment__words").order_by("pk")


def _decisions(session: ReviewSession, pks: Iterable[int]) -> list[tuple[int, Entry]]:
    """What people did to these while it was open, in order; to what is answered by one of their actions as well."""
    steps: dict[int, list[int]] = {}
    answers = Action.recommendations.through.objects.filter(recommendation__in=list(pks))
    for action, item in answers.values_list("action_id", "recommendation_id"):
        steps.setdefault(action, []).append(item)
    about = Q(recommendation_id__in=list(pks)) | Q(subject_type="action", subject_id__in=list(steps))
    until = {"at__lte": session.closed_at} if session.closed_at else {}
    events = list(
        Event.objects.filter(about, verb__in=set(TITLES) - NOT_DECIDED, at__gte=session.opened_at, **until)
        .exclude(actor=None)
        .select_related("actor", "in_place_of", "why")
        .order_by("pk")
    )
    names = names_in(events)
    found = []
    for event in events:
        owners = [event.recommendation_id] if event.recommendation_id else steps.get(event.subject_id, [])
        found += [(pk, entry_of(event, names)) for pk in owners]
    return found


def _stand(session: ReviewSession, lines: dict[int, Talked]) -> None:
    """Owner, due date and status, from the history: of a closed meeting as they stood then."""
    until = {"at__lte": session.closed_at} if session.closed_at else {}
    last = Event.objects.filter(subject_type="recommendation", subject_id=OuterRef("pk"), **until).order_by("-pk")
    rows = Recommendation.objects.filter(pk__in=list(lines)).annotate(then=Subquery(last.values("after")[:1]))
    stood = {row.pk: _then(row) for row in rows}
    owners = User.objects.filter(pk__in={row.owner_id for row in stood.values()} - {None})
    names = dict(owners.values_list("pk", "name"))
    for pk, line in lines.items():
        line.owner = names.get(stood[pk].owner_id or 0, "")
        line.due, line.status = stood[pk].due, str(stood[pk].get_status_display())


def _then(row: Any) -> Recommendation:
    """The row as of the event, or as it is now if it has no event."""
    if not row.then:
        return row  # type: ignore[no-any-return]
    columns = {name: row.then.get(name) for name in ("owner_id", "due_on", "due_is_month", "review_on", "status")}
    days = {name: _day(columns[name]) for name in ("due_on", "review_on")}
    return Recommendation(**columns | days)


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Walk:
    """One item of the agenda with everything needed to discuss it."""

    item: Recommendation
    row: Row
    why: list[Why]
    place: int
    total: int
    before: SessionItem | None
    after: SessionItem | None
    voices: Voices
    wait: Any
    steps: list[Step]
    since: datetime.datetime | None
    last_day: datetime.date | None
    changes: list[Entry]
    more_changes: int
    notes: list[SessionNote]
    agreed: list[SessionNote]
    comments: list[Comment]


def walk(access: Access, session: ReviewSession, shown: SessionItem, here: str) -> Walk:
    """A constant number of queries. Operations return to the address `here`."""
    rows = visible_recommendations(access).for_rows(on=access.on)
    item = with_findings(rows, access).get(pk=shown.recommendation_id)
    order = list(items_of(access, session))
    at = order.index(shown)
    last = meeting_before(session)
    since = last.closed_at if last else None
    changes = [one for one in history_of(item, access) if since is None or one.at > since]
    mine, agreed = _notes_on(access, session, item)
    told = {note.comment_id for note in (*mine, *agreed)}
    comments = list(visible_comments(access, item).select_related("author", "words")[:10])
    return Walk(
        item=item,
        row=row_of(item, access),
        why=in_words(shown.reasons, shown.days),
        place=at + 1,
        total=len(order),
        before=order[at - 1] if at else None,
        after=order[at + 1] if at + 1 < len(order) else None,
        voices=voices(item),
        wait=wait_of(access, item),
        steps=_steps(access, item, here),
        since=since,
        last_day=last.day if last else None,
        changes=changes[:MOST_CHANGES],
        more_changes=max(len(changes) - MOST_CHANGES, 0),
        notes=mine,
        agreed=agreed,
        comments=[one for one in comments if one.pk not in told][:MOST_COMMENTS],
    )


def _notes_on(
    access: Access, session: ReviewSession, item: Recommendation
) -> tuple[list[SessionNote], list[SessionNote]]:
    """Those of this meeting, and of the last one before it in which anything was noted on this recommendation."""
    notes = visible_notes(access).filter(item__recommendation=item)
    earlier = notes.filter(item__session__lt=session).order_by("-item__session")
    noted_in = earlier.values_list("item__session", flat=True)[:1]
    rows = notes.filter(Q(item__session=session) | Q(item__session__in=noted_in)).order_by("pk")
    found = list(rows.select_related("item__session", "comment__author", "comment__words"))
    return (
        [note for note in found if note.item.session_id == session.pk],
        [note for note in found if note.item.session_id != session.pk],
    )


def _steps(access: Access, item: Recommendation, here: str) -> list[Step]:
    """The verbs that this person may use on it, each of which comes back here. Commenting is what the notes do."""
    found = steps_of(access, item, extensions_of(item, access).asked)
    said = reverse("recommendations:comment", args=[item.pk])
    query = urlencode({"next": here})
    every = ([found.first] if found.first else []) + found.others
    return [Step(step.label, f"{step.url}?{query}") for step in every if step.url != said]


def go_on_at(items: list[SessionItem]) -> SessionItem | None:
    """Where one stopped: after the one that was talked about last; None at the end of the list."""
    last = max((item for item in items if item.talked_at), key=_talked_at, default=None)
    return next((item for item in items if last is None or item.position > last.position), None)


def _talked_at(item: SessionItem) -> datetime.datetime:
    assert item.talked_at is not None
    return item.talked_at


def closed_words(session: ReviewSession) -> str:
    """For a person who was still typing when the meeting was closed."""
    return _("%(name)s has closed the meeting. Your note was not added.") % {"name": session.closed_by}
