"""Who sees an action plan, who keeps it and who approves it."""

from django.db.models import Exists, OuterRef, Q

from tracker.accounts.models import Membership, Organisation
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.recommendations.decision.policies import ACTING, ACTING_BY_ACTIONS, Role, events_by
from tracker.recommendations.plan.models import ActionPlan


def sees_plan(access: Access, plan: ActionPlan) -> bool:
    """Whoever sees every recommendation in it; the inspection itself is seen already.

    An owner from elsewhere is shown what they own and no more, so not the plan.
    """
    if access.sees_everything:
        return True
    here = access.organisation_ids
    return plan.addressee_id in here or plan.inspection.organisation_id in here


def leads_plan(access: Access, plan: ActionPlan) -> bool:
    """Is a lead of exactly the addressee, or of the nearest one above where the addressee has none."""
    return plan.addressee_id in access.led_ids


can_set_plan_due = can_fix_dates = can_send_plan = can_revise_plan = leads_plan


def clearable(access: Access) -> Q:
    """Those for which can_clear would say yes as far as the person is concerned, for many at once."""
    here = Q()
    for held in access.held:
        if held.role == Membership.Role.REVIEWER:
            here |= Q(addressee__path__startswith=held.path) & ~Q(addressee__path=held.path)
        elif held.role == Membership.Role.INDEPENDENT and held.kind == Organisation.Kind.NATIONAL:
            here |= Q(addressee__path=held.path)
    if not here:
        return Q(pk__in=[])
    acted = Event.objects.filter(
        events_by(access.persons),
        verb__in=ACTING + ACTING_BY_ACTIONS,
        inspection_id=OuterRef("inspection_id"),
        organisation_id=OuterRef("addressee_id"),
    )
    return here & ~Q(addressee__in=access.leading) & Q(~Exists(acted))


def can_clear(access: Access, plan: ActionPlan) -> bool:
    """A reviewer above the addressee, or the independent one, who neither leads it nor has acted in this plan."""
    path = plan.addressee.path
    reach = any(
        path.startswith(held.path) and path != held.path
        if held.role == Role.REVIEWER
        else held.role == Role.INDEPENDENT and held.path == path and held.kind == Organisation.Kind.NATIONAL
        for held in access.held
    )
    if plan.state != ActionPlan.State.DRAFT or not reach or plan.addressee_id in access.leading:
        return False
    return not Event.objects.filter(
        events_by(access.persons),
        verb__in=ACTING + ACTING_BY_ACTIONS,
        inspection_id=plan.inspection_id,
        organisation_id=plan.addressee_id,
    ).exists()
