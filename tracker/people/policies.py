"""Who can name covers, request and agree removals, confirm roles, and see ended organisations."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from tracker.accounts.models import Cover, Membership, Organisation, User, UserQuerySet
from tracker.accounts.policies import (
    Access,
    administered_organisations,
    administered_people,
    can_administer,
    can_administer_organisation,
    upwards,
)
from tracker.history.models import Event
from tracker.people.models import Removal, RoleRequest, Succession
from tracker.recommendations.decision.policies import DECIDING, reviewable_by
from tracker.recommendations.evidence.policies import can_ask_removal
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations

__all__ = ["can_ask_removal", "can_decide_removal", "can_see_removals", "decidable_removals", "visible_removals"]

Role = Membership.Role
# Roles of people for whom a lead can name a cover.
OWNERS = (Role.CONTRIBUTOR, Role.SUPPLIER)


def people_led(access: Access) -> UserQuerySet:
    """Contributors and analysts of the organisations the person leads."""
    here = Membership.objects.active(access.on).filter(organisation__in=access.led_ids, role__in=OWNERS)
    return User.objects.filter(pk__in=here.values("user")).exclude(pk=access.user.pk)


def people_to_cover(access: Access) -> UserQuerySet:
    """People whose covers the person can see: their own, those of people they lead, and those of people they
    administer."""
    people = Q(pk=access.user.pk) | Q(pk__in=people_led(access).values("pk"))
    if can_administer(access):
        people |= Q(pk__in=administered_people(access).values("pk"))
    return User.objects.filter(people)


def can_name_cover(access: Access, person: User, roles: Iterable[Membership]) -> bool:
    """`roles` are all roles the person has today. Naming a cover must not pass on rights one could not give.

    Allowed: the person themself, if their role can be covered; the lead of all organisations where the person has
    roles, if those are roles of owners only; and whoever administers all these organisations.
    """
    held = [role for role in roles if role.role not in Membership.READ_ONLY]
    if not held:
        return False
    if person == access.user:
        return True
    leads = all(role.role in OWNERS and role.organisation_id in access.led_ids for role in held)
    return leads or all(can_administer_organisation(access, role.organisation) for role in held)


def can_change_cover(access: Access, cover: Cover, roles: Iterable[Membership]) -> bool:
    return can_name_cover(access, cover.person, roles)


def can_end_cover(access: Access, cover: Cover, roles: Iterable[Membership]) -> bool:
    """The covering person too, as nobody can be made to cover."""
    return cover.cover == access.user or can_name_cover(access, cover.person, roles)


def visible_covers(access: Access) -> QuerySet[Cover]:
    rows = Cover.objects.select_related("person", "cover")
    return rows.filter(Q(cover=access.user) | Q(person__in=people_to_cover(access).values("pk")))


def can_see_removals(access: Access) -> bool:
    return any(held.role in (*DECIDING, "administrator") for held in access.held)


def visible_removals(access: Access) -> QuerySet[Removal]:
    """Visible to administrators of the addressee or above, and to those who can decide about the recommendation."""
    decided = Recommendation.objects.filter(reviewable_by(access)).values("pk")
    here = Q(recommendation__addressee__in=administered_organisations(access)) | Q(recommendation__in=decided)
    return Removal.objects.filter(here, recommendation__in=visible_recommendations(access).values("pk"))


def decidable_removals(access: Access) -> QuerySet[Removal]:
    """Removals that wait for a decision that the person can give."""
    return _theirs_to_decide(access).filter(state=Removal.State.ASKED)


def _theirs_to_decide(access: Access) -> QuerySet[Removal]:
    """Without removals that the person, or somebody they cover for, requested."""
    decided = Recommendation.objects.filter(reviewable_by(access)).values("pk")
    rows = visible_removals(access).filter(_reviewed_before(access), recommendation__in=decided)
    return rows.exclude(asked_by__in=access.persons)


def _given_after(asked_at: Any) -> Exists:
    """For roles: whether they were given at or after this time."""
    return Exists(
        Event.objects.filter(verb="role.given", subject_type="membership", subject_id=OuterRef("pk"), at__gte=asked_at)
    )


def _reviewed_before(access: Access) -> Q:
    """Removals requested when they, or somebody they cover, were already reviewers there."""
    path = ExpressionWrapper(OuterRef("recommendation__addressee__path"), output_field=CharField())
    roles = Membership.objects.active(access.on).filter(user__in=access.persons, role__in=DECIDING)
    roles = roles.annotate(outer_path=path).filter(
        ~_given_after(OuterRef(OuterRef("asked_at"))), outer_path__startswith=F("organisation__path")
    )
    return Q(Exists(roles))


def can_decide_removal(access: Access, removal: Removal) -> bool:
    return _theirs_to_decide(access).filter(pk=removal.pk).exists()


def administrators_to_confirm(request: RoleRequest, *, on: datetime.date) -> UserQuerySet:
    """Administrators there or above, other than the two people of the request, with a role older than the request."""
    above = upwards(request.organisation.path)
    roles = Membership.objects.active(on).filter(role=Role.ADMINISTRATOR, organisation__path__in=above)
    roles = roles.filter(~_given_after(request.asked_at))
    return User.objects.filter(pk__in=roles.values("user")).exclude(pk__in=_parties(request))


def people_to_name(request: RoleRequest, *, on: datetime.date) -> UserQuerySet:
    """People at the nearest level above, who can be named to confirm it without a second administrator."""
    for path in upwards(request.organisation.path)[1:]:
        roles = Membership.objects.may_own(on).filter(organisation__path=path)
        people = User.objects.filter(pk__in=roles.values("user")).exclude(pk__in=_parties(request))
        if people.exists():
            return people
    return User.objects.none()


def _parties(request: RoleRequest) -> list[int]:
    """Who asked for the role, and who gets it."""
    return [pk for pk in (request.asked_by_id, request.user_id) if pk]


def administers_nationally(person: User, *, on: datetime.date) -> bool:
    roles = Membership.objects.active(on).filter(user=person, role=Role.ADMINISTRATOR)
    return roles.filter(organisation__kind=Organisation.Kind.NATIONAL).exists()


def visible_role_requests(access: Access) -> QuerySet[RoleRequest]:
    """Requests at organisations they administer, those they made, and those they are named to confirm."""
    mine = Q(confirmer=access.user) | Q(asked_by=access.user)
    if can_administer(access):
        mine |= Q(organisation__in=administered_organisations(access))
    return RoleRequest.objects.filter(mine)


def can_confirm_role(access: Access, request: RoleRequest) -> bool:
    """The named person, or otherwise a second administrator. A cover does not confirm."""
    if request.state != RoleRequest.State.WAITING or access.user.pk in _parties(request):
        return False
    if request.confirmer_id is not None:
        return request.confirmer_id == access.user.pk
    return administrators_to_confirm(request, on=access.on).filter(pk=access.user.pk).exists()


def can_withdraw_role_request(access: Access, request: RoleRequest) -> bool:
    """The person who asked, and administrators there or above."""
    is_open = request.state in RoleRequest.OPEN
    return is_open and (
        request.asked_by_id == access.user.pk or can_administer_organisation(access, request.organisation)
    )


def visible_endings(access: Access) -> QuerySet[Succession]:
    """Ends of organisations that the person administers."""
    rows = Succession.objects.filter(organisation__in=administered_organisations(access))
    return rows.select_related("organisation", "successor", "ended_by")
