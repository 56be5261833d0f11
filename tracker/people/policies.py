"""Who names a cover for whom; and who asks for words and files to be removed, and who agrees."""

from collections.abc import Iterable

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from tracker.accounts.models import Cover, Membership, User, UserQuerySet
from tracker.accounts.policies import (
    Access,
    administered_organisations,
    administered_people,
    can_administer,
    can_administer_organisation,
)
from tracker.history.models import Event
from tracker.people.models import Removal
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
    """`roles` are all roles the person has today. Nobody can pass on rights by this that they could not give.

    Whoever has a role that may be covered, for themself; the lead of every place where the person has a role, if they
    are an owner there and no more; who administers every such place.
    """
    held = [role for role in roles if role.role != Role.READER]
    if not held:
        return False
    if person == access.user:
        return True
    leads = all(role.role in OWNERS and role.organisation_id in access.led_ids for role in held)
    return leads or all(can_administer_organisation(access, role.organisation) for role in held)


def can_change_cover(access: Access, cover: Cover, roles: Iterable[Membership]) -> bool:
    return can_name_cover(access, cover.person, roles)


def can_end_cover(access: Access, cover: Cover, roles: Iterable[Membership]) -> bool:
    """The covering person as well, as nobody can be made to cover."""
    return cover.cover == access.user or can_name_cover(access, cover.person, roles)


def visible_covers(access: Access) -> QuerySet[Cover]:
    rows = Cover.objects.select_related("person", "cover")
    return rows.filter(Q(cover=access.user) | Q(person__in=people_to_cover(access).values("pk")))


def can_see_removals(access: Access) -> bool:
    return any(held.role in (*DECIDING, "administrator") for held in access.held)


def visible_removals(access: Access) -> QuerySet[Removal]:
    """For administrators of the addressee or above, and for who may decide about the recommendation."""
    decided = Recommendation.objects.filter(reviewable_by(access)).values("pk")
    here = Q(recommendation__addressee__in=administered_organisations(access)) | Q(recommendation__in=decided)
    return Removal.objects.filter(here, recommendation__in=visible_recommendations(access).values("pk"))


def decidable_removals(access: Access) -> QuerySet[Removal]:
    """Those that wait for a decision which the person can give."""
    return _theirs_to_decide(access).filter(state=Removal.State.ASKED)


def _theirs_to_decide(access: Access) -> QuerySet[Removal]:
    """Never what the person, or somebody they cover for, requested: it takes two people."""
    decided = Recommendation.objects.filter(reviewable_by(access)).values("pk")
    rows = visible_removals(access).filter(_reviewed_before(access), recommendation__in=decided)
    return rows.exclude(asked_by__in=access.persons)


def _reviewed_before(access: Access) -> Q:
    """Removals asked for when they, or whom they cover, reviewed there already: nobody is given the role to agree."""
    since = Event.objects.filter(
        verb="role.given", subject_type="membership", subject_id=OuterRef("pk"), at__gte=OuterRef(OuterRef("asked_at"))
    )
    path = ExpressionWrapper(OuterRef("recommendation__addressee__path"), output_field=CharField())
    roles = Membership.objects.active(access.on).filter(user__in=access.persons, role__in=DECIDING)
    roles = roles.annotate(outer_path=path).filter(~Exists(since), outer_path__startswith=F("organisation__path"))
    return Q(Exists(roles))


def can_decide_removal(access: Access, removal: Removal) -> bool:
    return _theirs_to_decide(access).filter(pk=removal.pk).exists()
