"""Which actions a person sees, and what they may do with each."""

from tracker.accounts.policies import Access
from tracker.recommendations.action.models import Action, ActionQuerySet
from tracker.recommendations.recommendation.drafts import sent_with_plans
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import leads, visible_recommendations


def visible_actions(access: Access) -> ActionQuerySet:
    """Actions for a recommendation that the person can see."""
    links = Action.recommendations.through.objects.filter(recommendation__in=visible_recommendations(access))
    return sent_with_plans(access, Action.objects.filter(pk__in=links.values("action")))


def can_add_action(access: Access, item: Recommendation) -> bool:
    return leads(access, item) and item.carried_by_id is None


def leads_action(access: Access, action: Action) -> bool:
    return action.addressee_id in access.led_ids


can_edit_action = can_move_action = can_drop_action = leads_action


def can_mark(access: Access, action: Action) -> bool:
    """May say how far the action is: done, not yet, stuck, or not done after all."""
    return leads_action(access, action) or (action.owner_id in access.owners)


can_mark_done = can_mark_not_done = can_mark_blocked = can_open_action = can_mark
