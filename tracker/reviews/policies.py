"""Who can see review pages, and who can hold meetings."""

import datetime
from dataclasses import replace

from django.db.models import Q, QuerySet

from tracker.accounts.models import Membership, Organisation, OrganisationQuerySet
from tracker.accounts.policies import Access, can_administer_organisation, upwards
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.reviews.models import ReviewSession, SavedView, SessionNote

Role = Membership.Role
# Who sits in a meeting: reviewers of organisations below theirs, and who leads the one that is talked about.
MEETING = (Role.LEAD, Role.REVIEWER)


def can_review(access: Access) -> bool:
    """Anyone with a role at a region or nationally."""
    return any(held.kind != Organisation.Kind.PDU for held in access.held)


def can_review_nationally(access: Access) -> bool:
    """Anyone with a role at the national service."""
    return access.sees_everything


def onlooker(present: Access, on: datetime.date, at: datetime.datetime, places: list[int]) -> Access:
    """Access for a past day: what the person's current roles show, without owning or changing anything."""
    access = Access(present.user, on, at)
    role = Role.INSPECTOR if present.is_inspector else Role.READER
    access.held = [replace(held, role=role) for held in present.held]
    access.covering, access.owners = {}, frozenset()
    access.organisation_ids = places
    return access


# The page on which a past day is chosen.
AS_AT = "/as-at/"
# Pages that are read, by name: they are also shown as they stood at the end of a past day. All else is today's.
SHOWN_AS_AT = {
    "reviews:region",
    "reviews:national",
    "reviews:assurance",
    "reviews:press",
    "reviews:press_statement",
    "reviews:since",
    "exchange:pack",
    "reviews:trend",
    "reviews:themes",
    "recommendations:list",
    "recommendations:detail",
    "recommendations:inspections",
    "recommendations:inspection",
    "recommendations:plan",
    "recommendations:sent_plan",
    "recommendations:action",
    "recommendations:asks",
    "recommendations:ask_page",
    "recommendations:measure",
    "exchange:record",
}


def sees_meetings(access: Access) -> bool:
    """Leads and reviewers. Meetings are internal: nobody else, including readers, sees them."""
    return any(held.role in MEETING for held in access.held)


def visible_meetings(access: Access) -> QuerySet[ReviewSession]:
    """Meetings of the organisations where the person leads or reviews, and of those below."""
    paths = {held.path for held in access.held if held.role in MEETING}
    return ReviewSession.objects.filter(organisation__in=Organisation.objects.below(*paths).values("pk"))


def can_hold_meeting(access: Access, organisation: Organisation) -> bool:
    """Can open and close it: a reviewer of an organisation above."""
    return access.has_above(Role.REVIEWER, organisation)


def organisations_to_meet(access: Access) -> OrganisationQuerySet:
    """The organisations with which the person can hold a meeting."""
    paths = access.paths(Role.REVIEWER)
    return Organisation.objects.below(*paths).exclude(path__in=paths).current(access.on)


def visible_notes(access: Access) -> QuerySet[SessionNote]:
    """Notes are internal comments, so readers of a recommendation never see them."""
    notes = SessionNote.objects.filter(item__session__in=visible_meetings(access).values("pk"))
    if not access.may_own:
        return notes.none()
    is_read_only_somewhere = any(access.has(role) for role in Membership.READ_ONLY)
    seen = visible_recommendations(access.without(*Membership.READ_ONLY) if is_read_only_somewhere else access)
    return notes.filter(item__recommendation__in=seen.values("pk"))


def visible_views(access: Access) -> QuerySet[SavedView]:
    """The person's own views, and those shared in the region or service where they have a role."""
    rows = SavedView.objects.select_related("person", "organisation")
    own = Q(person=access.user)
    if access.sees_everything:
        return rows.filter(own | Q(organisation__isnull=False))
    above = {path for held in access.held for path in upwards(held.path)}
    return rows.filter(own | Q(organisation__path__in=above) | Q(organisation__in=access.organisation_ids))


def can_change_view(access: Access, view: SavedView) -> bool:
    return view.person_id == access.user.pk


def can_delete_view(access: Access, view: SavedView) -> bool:
    """The owner and, for a shared view, an administrator there, as the owner may have left."""
    shared_with = view.organisation
    return can_change_view(access, view) or (
        shared_with is not None and can_administer_organisation(access, shared_with)
    )
