"""Links repeat recommendations, and carries earlier ones forward."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.history.models import FreeText
from tracker.history.operations import Actor, Conflict, Operation, operation, save_changes, snapshot
from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.lineage.policies import may_be_repeated
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.operations import (
    lock_all,
    refuse_embargoed,
    refuse_unless_open,
    update_and_record,
)
from tracker.recommendations.recommendation.progress import SaidBy

State = Lineage.State


def propose(
    earlier: Recommendation, later: Recommendation, *, said_by: str, op: Operation, why: FreeText | None = None
) -> Lineage:
    """A link that whoever leads the later one has yet to confirm; one that is held already stays as it is."""
    link, is_new = Lineage.objects.get_or_create(earlier=earlier, later=later, defaults={"said_by": said_by})
    if is_new:
        op.record("lineage.linked", link, why=why)
    return link


def link_earlier(
    later: Recommendation,
    *,
    by: Actor,
    at: datetime.datetime,
    earlier: Recommendation,
    said_by: str = SaidBy.OURS,
    reason: str = "",
    key: uuid.UUID | None = None,
) -> Lineage:
    with operation(by=by, at=at, key=key) as op:
        _before, current = _both(earlier.pk, later.pk)
        refuse_unless_open(current)
        if not may_be_repeated(Access(by.user, op.day, op.at), current).filter(pk=earlier.pk).exists():
            raise ValidationError(
                {"earlier": _("This recommendation cannot repeat that one, or is already linked to it.")}
            )
        why = op.words(reason)
        link = Lineage.objects.filter(earlier=earlier, later=current).first()
        if link is None:
            return propose(earlier, current, said_by=said_by, op=op, why=why)
        # It was rejected before and is proposed again.
        before = snapshot(link)
        again = {"state": State.PROPOSED, "said_by": said_by, "decided_by": None, "decided_on": None}
        save_changes(link, link.version, again)
        op.record("lineage.linked", link, before=before, why=why)
    return link


def confirm_lineage(
    link: Lineage,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    state: str,
    carried: bool = False,
    key: uuid.UUID | None = None,
) -> Lineage:
    """Confirm or reject the link. Once confirmed, the later one can carry the earlier one forward."""
    with operation(by=by, at=at, key=key) as op:
        earlier, later = _both(link.earlier_id, link.later_id)
        current = Lineage.objects.get(pk=link.pk)
        if current.version != seen_version:
            raise Conflict
        refuse_unless_open(later)
        if state == current.state:
            raise ValidationError({"state": _("No change to save")})
        if state == State.REJECTED and earlier.carried_by_id == later.pk:
            raise ValidationError(
                {"state": _("The earlier one is carried forward in this one. Track it separately first.")}
            )
        _decide(current, state, op, by)
        if carried and state == State.CONFIRMED:
            if earlier.addressee_id not in Access(by.user, op.day, op.at).led_ids:
                raise ValidationError({"carried": who_must(earlier)})
            _carry(earlier, later, current, op)
    return current


def _decide(link: Lineage, state: str, op: Operation, by: Actor) -> None:
    before = snapshot(link)
    save_changes(link, link.version, {"state": state, "decided_by": by.user, "decided_on": op.day})
    op.record("lineage.confirmed" if state == State.CONFIRMED else "lineage.rejected", link, before=before)


def carry(link: Lineage, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> Recommendation:
    """Carry the earlier one forward. Its lead decides that."""
    with operation(by=by, at=at, key=key) as op:
        earlier, later = _both(link.earlier_id, link.later_id)
        current = Lineage.objects.get(pk=link.pk)
        if current.state != State.CONFIRMED:
            raise ValidationError(
                _("The lead of %(place)s must first confirm that it is a repeat.") % {"place": later.addressee}
            )
        _carry(earlier, later, current, op)
    return earlier


def _carry(earlier: Recommendation, later: Recommendation, link: Lineage, op: Operation) -> None:
    """Neither may be carried already, so there is no cycle."""
    refuse_unless_open(later)
    refuse_unless_open(earlier)
    if earlier.inspection_id != later.inspection_id:
        refuse_embargoed(later, op, "carried")
    update_and_record(earlier, op, "recommendation.carried", carried_by=later)
    # Shown on the later one's page too, so that its reviewer knows.
    op.record("lineage.carried", link, before=snapshot(link))


def unlink_successor(
    item: Recommendation, *, by: Actor, at: datetime.datetime, reason: str, key: uuid.UUID | None = None
) -> Recommendation:
    """Stop carrying it: it has its own owner and due date again."""
    with operation(by=by, at=at, key=key) as op:
        current = next(row for row in lock_all([item.pk, item.carried_by_id or item.pk]) if row.pk == item.pk)
        if current.carried_by is None:
            raise ValidationError(_("This recommendation is not carried forward in another one."))
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Enter why you are tracking it separately")})
        for link in Lineage.objects.filter(earlier=current, later=current.carried_by):
            op.record("lineage.let_go", link, before=snapshot(link))
        update_and_record(current, op, "recommendation.let_go", why=why, carried_by=None)
    return current


def who_must(earlier: Recommendation) -> str:
    return _("%(title)s is addressed to %(place)s. Its lead decides if it is carried forward.") % {
        "title": earlier.title,
        "place": earlier.addressee,
    }


def _both(earlier: int, later: int) -> tuple[Recommendation, Recommendation]:
    rows = {row.pk: row for row in lock_all([earlier, later])}
    return rows[earlier], rows[later]
