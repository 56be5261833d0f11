"""Who is written to, and what the mail page shows."""

import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, QuerySet

from tracker.accounts.models import Membership, User
from tracker.accounts.policies import upwards
from tracker.recommendations.models import Recommendation
from tracker.recommendations.queries.waiting import DIGEST_DAYS_AHEAD
from tracker.reminders.emails import Told
from tracker.reminders.models import Delivery


def digest_candidates(*, on: datetime.date) -> list[User]:
    """Everybody who owns something overdue or due, and every lead and reviewer at or above what is overdue.

    Some of the last two may turn out to have nothing to be told.
    """
    soon = Recommendation.objects.open().filter(due_on__lte=on + datetime.timedelta(days=DIGEST_DAYS_AHEAD))
    may_own = Membership.objects.may_own(on).values("user")
    owners = set(soon.filter(owner__in=may_own).values_list("owner", flat=True))
    late = Recommendation.objects.overdue(on=on).values_list("addressee__path", flat=True).distinct()
    places = {above for path in late for above in upwards(path)}
    hearing = Membership.objects.active(on).filter(
        role__in=[Membership.Role.LEAD, Membership.Role.REVIEWER], organisation__path__in=places
    )
    people = owners | set(hearing.values_list("user", flat=True))
    return list(User.objects.active().filter(pk__in=people).order_by("pk"))


def last_told(person: User, *, before: datetime.date) -> Told | None:
    """What their last digest that was sent told, however long ago; None for whoever had none."""
    digests = Delivery.objects.filter(
        kind=Delivery.Kind.DIGEST, state=Delivery.State.SENT, person=person, day__lt=before
    )
    row = digests.order_by("-day").values_list("day", "told").first()
    return Told(row[0], frozenset(row[1])) if row else None


def people_to_invite() -> QuerySet[User]:
    """Given an account without a password by an administrator, and never written to."""
    written = Delivery.objects.filter(person=OuterRef("pk"), kind=Delivery.Kind.INVITATION)
    has_a_role = Exists(Membership.objects.filter(user=OuterRef("pk")))
    people = User.objects.active().filter(~Exists(written), has_a_role, last_login=None, is_demo=False)
    return people.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def deliveries_of(day: datetime.date) -> QuerySet[Delivery]:
    return Delivery.objects.filter(day=day).select_related("person")
