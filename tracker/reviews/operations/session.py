"""Opens and closes meetings and adds notes. Decisions are made by the ordinary operations."""

import datetime
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Organisation
from tracker.history.operations import Actor, Conflict, operation, snapshot
from tracker.recommendations.comment.operations import comment
from tracker.reviews.models import ReviewSession, SessionItem, SessionNote
from tracker.reviews.queries.meeting import Talk


def open_meeting(
    organisation: Organisation,
    *,
    talks: Sequence[Talk],
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> ReviewSession:
    """With this list. Where one is open already, whoever opened it, that one goes on, with its own."""
    with operation(by=by, at=at, key=key) as op:
        held = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if held.ended_on is not None and held.ended_on <= op.day:
            raise ValidationError(_("%(name)s has ended.") % {"name": held})
        under_way = ReviewSession.objects.filter(organisation=held, closed_at=None).first()
        if under_way is not None:
            return under_way
        session = ReviewSession.objects.create(organisation=held, day=op.day, opened_by=by.user, opened_at=at)
        SessionItem.objects.bulk_create(
            SessionItem(session=session, recommendation=talk.item, position=place, reasons=talk.reasons, days=talk.days)
            for place, talk in enumerate(talks, start=1)
        )
        op.record("session.opened", session)
    return session


def note(
    item: SessionItem, text: str, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> SessionNote | None:
    """Mark an item as discussed. A note, which is optional, becomes an internal comment."""
    with operation(by=by, at=at, key=key) as op:
        session = _hold_open(item.session_id)
        made = None
        if text:
            said = comment(item.recommendation, text, is_internal=True, by=by, at=at)
            made = SessionNote.objects.create(item=item, comment=said)
        item.talked_at = at
        item.save(update_fields=["talked_at"])
        op.record("session.talked_about", session, before=snapshot(session))
    return made


def close_meeting(
    session: ReviewSession, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None
) -> ReviewSession:
    """Raises Conflict if somebody else was faster."""
    with operation(by=by, at=at, key=key) as op:
        held = _hold_open(session.pk)
        before = snapshot(held)
        held.closed_by, held.closed_at = by.user, at
        held.save(update_fields=["closed_by", "closed_at"])
        op.record("session.closed", held, before=before)
    return held


def _hold_open(pk: int) -> ReviewSession:
    """The meeting, locked, so that no note is added while it is being closed."""
    held = ReviewSession.objects.select_for_update(of=("self",)).select_related("closed_by").get(pk=pk)
    if held.closed_at is not None:
        raise Conflict
    return held
