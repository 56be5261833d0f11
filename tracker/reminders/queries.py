"""Who gets emails, and the rows of the mail page."""

import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, QuerySet

from tracker.accounts.models import Membership, User, UserQuerySet
from tracker.accounts.policies import Access
from tracker.measures.models import Measure
from tracker.measures.policies import published
from tracker.recommendations.action.policies import visible_actions
from tracker.recommendations.models import Action, ActionPlan, Lineage
from tracker.recommendations.plan.policies import sees_plan
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations
from tracker.recommendations.task.left import LeftWork
from tracker.recommendations.task.queries import Waiting
from tracker.recommendations.task.roles import EmptyRole
from tracker.reminders.emails import PreviousDigest
from tracker.reminders.models import Delivery


def digest_candidates(*, on: datetime.date) -> UserQuerySet:
    """Everybody for whom anything may wait: with a role that is not only the reader's. One cheap query.

    Most of them turn out to have nothing to be told; that is found out when each letter is composed.
    """
    roles = Membership.objects.may_own(on)
    return User.objects.active().filter(pk__in=roles.values("user")).order_by("pk")


def last_told(person: User, *, before: datetime.date) -> PreviousDigest | None:
    """The content of the last digest that was sent to this person. Failed digests do not count."""
    digests = Delivery.objects.filter(
        kind=Delivery.Kind.DIGEST, state=Delivery.State.SENT, person=person, day__lt=before
    )
    row = digests.order_by("-day").values_list("day", "told").first()
    return PreviousDigest(row[0], frozenset(row[1])) if row else None


def seen_by(access: Access, waiting: list[Waiting]) -> list[bool]:
    """For each task of somebody else, whether this person can see it. A constant number of queries."""
    asked = {one.item.pk for one in waiting if one.item}
    asked |= {one.subject.earlier_id for one in waiting if isinstance(one.subject, Lineage)}
    items = set(visible_recommendations(access).filter(pk__in=asked).values_list("pk", flat=True))
    actions = {one.subject.pk for one in waiting if isinstance(one.subject, Action)}
    actions &= set(visible_actions(access).filter(pk__in=actions).values_list("pk", flat=True))
    figures = {one.subject.pk for one in waiting if isinstance(one.subject, Measure)}
    figures &= set(published(access).filter(pk__in=figures).values_list("pk", flat=True))
    places = set(access.organisation_ids)
    reports = set(visible_inspections(access).values_list("pk", flat=True))

    def is_seen(one: Waiting) -> bool:
        subject = one.subject
        if isinstance(subject, ActionPlan):
            return subject.inspection_id in reports and sees_plan(access, subject)
        if isinstance(subject, Measure):
            return subject.pk in figures and (access.sees_everything or subject.organisation_id in places)
        if isinstance(subject, EmptyRole):
            return subject.organisation.pk in places
        if isinstance(subject, LeftWork):
            return subject.place_ids <= places
        if isinstance(subject, Action) and subject.pk not in actions:
            return False
        if isinstance(subject, Lineage) and subject.earlier_id not in items:
            return False
        return one.recommendation.pk in items

    return [is_seen(one) for one in waiting]


def people_to_invite() -> QuerySet[User]:
    """People whose account has no password yet and who were never sent an invitation."""
    written = Delivery.objects.filter(person=OuterRef("pk"), kind=Delivery.Kind.INVITATION)
    has_a_role = Exists(Membership.objects.filter(user=OuterRef("pk")))
    people = User.objects.active().filter(~Exists(written), has_a_role, last_login=None, is_demo=False)
    return people.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def deliveries_of(day: datetime.date) -> QuerySet[Delivery]:
    return Delivery.objects.filter(day=day).select_related("person")
