"""Whose task it is: the person's own, or that of a person they cover for."""

from tracker.accounts.models import Membership, Organisation
from tracker.accounts.policies import Access, Covering
from tracker.measures.models import Measure
from tracker.recommendations.action.models import Action
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.task.left import LeftWork
from tracker.recommendations.task.queries import Reason, Waiting
from tracker.recommendations.task.roles import EmptyRole

Role = Membership.Role

DECISIONS = (Reason.TO_DECIDE, Reason.EXTENSION, Reason.PLAN_TO_CLEAR, Reason.SUSTAINED, Reason.ESCALATED)


def instead_of(access: Access, waiting: Waiting) -> Covering | None:
    """Whom the person covers for in it; None where it waits for them in their own right. Without a query of its own."""
    if not access.covering:
        return None
    pk = next((pk for pk, half in access.capacities if _waits_for(half, waiting)), None)
    return access.covering[pk] if pk is not None else None


def _waits_for(half: Access, waiting: Waiting) -> bool:
    """Of something that waits for the person or for one whom they cover, whether it does for this half of them."""
    subject = waiting.subject
    if isinstance(subject, EmptyRole):
        # An administrator's, whom nobody covers in that.
        return True
    if isinstance(subject, LeftWork):
        return not subject.place_ids.isdisjoint(half.led_ids)
    if isinstance(subject, Measure):
        return subject.supplier_id in half.owners
    if isinstance(subject, Ask):
        places = {subject.asked_of_id, subject.recommendation.addressee_id}
        return subject.person_id in half.owners or not places.isdisjoint(half.led_ids)
    place = subject.addressee if isinstance(subject, ActionPlan) else waiting.recommendation.addressee
    if waiting.reason in DECISIONS:
        return half.has_above(Role.REVIEWER, place) or half.has(Role.INDEPENDENT, place)
    if waiting.reason == Reason.PROMISED:
        return _is_promised_to(half, place)
    owner = subject.owner_id if isinstance(subject, Action) else waiting.item.owner_id if waiting.item else None
    return owner in half.owners or place.pk in half.led_ids


def _is_promised_to(half: Access, place: Organisation) -> bool:
    """The person leads an organisation above."""
    return any(held.role == Role.LEAD and not place.path.startswith(held.path) for held in half.held)
