"""The actions of a recommendation, and those that are a person's tasks."""

import datetime
import uuid
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.action.models import Action, ActionQuerySet, is_worked_on
from tracker.recommendations.action.policies import can_add_action, can_mark
from tracker.recommendations.recommendation.drafts import sent_with_plans, told_events
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.timeline.queries import Entry, entries_of

SHOWN_AT_ONCE = 5


@dataclass(frozen=True)
class ActionRow:
    """What is shown of one action. Permissions are decided here, not in the template."""

    action: Action
    days_overdue: int
    due: str
    was_moved: bool
    can_mark: bool
    # The owner has the buttons in the row. A lead opens the action first, to keep the list short.
    is_mine: bool
    # Names the one filling-in of its buttons.
    key: uuid.UUID


def action_row(action: Action, access: Access, *, is_worked_on: bool) -> ActionRow:
    """`is_worked_on`: whether it can still be done, as is_worked_on() gives of what it answers."""
    return ActionRow(
        action=action,
        days_overdue=action.days_overdue(access.on) if is_worked_on else 0,
        due=due_in_words(action),
        was_moved=action.original_due_on is not None and action.due_on != action.original_due_on,
        can_mark=is_worked_on and action.state == Action.State.OPEN and can_mark(access, action),
        is_mine=action.owner_id in access.owners,
        key=uuid.uuid4(),
    )


def due_in_words(action: Action) -> str:
    return format_date(action.due_on, "F Y" if action.due_is_month else "j F Y") if action.due_on else ""


def with_words(rows: ActionQuerySet) -> ActionQuerySet:
    return rows.select_related("words", "done_by", "owner", "stuck_because", "inspection__organisation", "addressee")


def section(access: Access, item: Recommendation) -> Section:
    is_open = item.status == Recommendation.Status.OPEN and item.carried_by_id is None
    actions = with_words(sent_with_plans(access, item.actions.all())).order_by(F("due_on").asc(nulls_last=True), "pk")
    rows = [action_row(action, access, is_worked_on=is_worked_on([item])) for action in actions]
    to_do = [row for row in rows if row.action.state == Action.State.OPEN]
    done = [row for row in rows if row.action.state == Action.State.DONE]
    dropped = [row for row in rows if row.action.state == Action.State.DROPPED]
    counts = {"done": len(done), "all": len(to_do) + len(done)}
    late = sum(bool(row.days_overdue) for row in to_do)
    summary = _("%(done)s of %(all)s done") % counts if counts["all"] else _("none yet")
    if late:
        summary += ", " + _("%(late)s overdue") % {"late": late}
    data = {
        "to_do": to_do[:SHOWN_AT_ONCE],
        "more": to_do[SHOWN_AT_ONCE:],
        "done": done,
        "dropped": dropped,
        "can_add": is_open and can_add_action(access, item),
    }
    return Section("action", _("Actions"), summary, data)


def answerable(item: Recommendation) -> RecommendationQuerySet:
    """What an action that answers `item` may answer too."""
    rows = Recommendation.objects.open().filter(inspection=item.inspection_id, addressee=item.addressee_id)
    return rows.order_by("is_previous", "position")


def answered_seen(access: Access, action: Action) -> list[Recommendation]:
    """The recommendations of the action that the person can see."""
    rows = visible_recommendations(access).filter(actions=action).select_related("owner", "carried_by__inspection")
    return list(rows.select_related("inspection__organisation", "addressee").order_by("is_previous", "position"))


def may_answer(action: Action) -> list[Recommendation]:
    """What it answers, open or not, and what else it may."""
    answered = list(action.recommendations.select_related("inspection__organisation", "addressee"))
    others = answerable(answered[0]).exclude(pk__in=[item.pk for item in answered])
    return sorted([*answered, *others], key=lambda item: (item.is_previous, item.position))


def action_history(action: Action, access: Access) -> list[Entry]:
    events = told_events(access, Event.objects.about(action))
    return entries_of(list(events.select_related("actor", "in_place_of", "why").newest_first()))


@dataclass(frozen=True)
class WaitingAction:
    """An action that waits for a person: `reason` is one of queries.waiting.Reason."""

    reason: str
    action: Action
    since: datetime.date
    days_overdue: int = 0


def actions_waiting(access: Access, days_ahead: int) -> list[WaitingAction]:
    """Open actions that the person owns and that are overdue or due within `days_ahead`, and those overdue or without
    anybody to do them where they lead; each once, the most late first. Two queries and no more.
    """
    if not access.may_own:
        return []
    mine = Q(owner__in=access.owners)
    soon = Q(due_on__lte=access.on + datetime.timedelta(days=days_ahead))
    nobodys = Q(owner=None, done_by=None)
    here = Q(addressee__in=access.led_ids) & (Q(due_on__lt=access.on) | nobodys)
    # Both are sides from which the person sees what the action answers, unless an embargo hides it.
    rows = Action.objects.open().filter((mine & soon) | here, may_be_seen(access, "inspection__"))
    answered = Prefetch(
        "recommendations", Recommendation.objects.select_related("inspection__organisation").order_by("pk")
    )
    may_own = Membership.objects.may_own(access.on).filter(user=OuterRef("owner"))
    rows = rows.annotate(has_no_owner=~Exists(may_own))  # type: ignore[no-redef]
    rows = with_words(rows).prefetch_related(answered).order_by(F("due_on").asc(nulls_last=True), "pk")
    return [_why(action, access) for action in rows]


def _why(action: Action, access: Access) -> WaitingAction:
    late = action.days_overdue(access.on)
    mine = action.owner_id in access.owners
    reason = ("overdue" if mine else "overdue_here") if late else ("due_soon" if mine else "unowned")
    return WaitingAction(reason, action, action.due_on or access.on, late)
