"""Who can see, edit and approve an action plan."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tracker.accounts.models import Membership, Organisation
from tracker.accounts.policies import Access
from tracker.recommendations.decision.policies import Role
from tracker.recommendations.participation.models import Participation
from tracker.recommendations.plan.models import ActionPlan


def sees_plan(access: Access, plan: ActionPlan) -> bool:
    """Whoever sees every recommendation in it; the inspection itself is seen already.

    An owner from elsewhere is shown what they own and no more, so not the plan. An inspector sees it once it was sent.
    """
    if not access.sees_drafts and (plan._state.adding or not plan.sent_versions.exists()):
        return False
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
    had_part = _parts_in(OuterRef("inspection_id"), OuterRef("addressee_id")).filter(person__in=access.persons)
    return here & ~Q(addressee__in=access.leading) & Q(~Exists(had_part))


def _parts_in(inspection: Any, addressee: Any) -> QuerySet[Participation]:
    return Participation.objects.filter(
        recommendation__inspection_id=inspection, recommendation__addressee_id=addressee
    )


def can_clear(access: Access, plan: ActionPlan) -> bool:
    """A reviewer above the addressee, or the independent one, who neither leads it nor has had a part in it."""
    path = plan.addressee.path
    reach = any(
        path.startswith(held.path) and path != held.path
        if held.role == Role.REVIEWER
        else held.role == Role.INDEPENDENT and held.path == path and held.kind == Organisation.Kind.NATIONAL
        for held in access.held
    )
    if plan.state != ActionPlan.State.DRAFT or not reach or plan.addressee_id in access.leading:
        return False
    return not _parts_in(plan.inspection_id, plan.addressee_id).filter(person__in=access.persons).exists()
