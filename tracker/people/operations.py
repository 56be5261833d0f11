"""Joining and leaving."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import finish_role, start_role
from tracker.history.operations import operation, save_changes, snapshot
from tracker.recommendations.models import Recommendation


def add_person(
    email: str,
    *,
    name: str,
    role: str,
    organisation: Organisation,
    ends_on: datetime.date | None = None,
    by: User | None,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> User:
    """An account with its first role. It has no password: the invitation says how to choose one.

    Whoever has an account already, perhaps in another region, keeps it and their name, and gets the role.
    """
    with operation(by=by, at=at, key=key) as op:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            person = User.objects.create_user(email, name)
            op.record("person.added", person)
        elif person == by:
            raise ValidationError(_("You cannot give yourself a role. Ask another administrator."))
        start_role(person, role=role, organisation=organisation, ends_on=ends_on, op=op)
    return person


def close_account(
    person: User, *, by: User, at: datetime.datetime, seen_version: int, key: uuid.UUID | None = None
) -> User:
    """The person can no longer sign in and has no role; what they did stays.

    Not while they own something open: that would be left without an owner.
    """
    with operation(by=by, at=at, key=key) as op:
        if not person.is_active:
            raise ValidationError(_("This account is closed already."))
        owned = Recommendation.objects.unfinished().filter(owner=person).count()
        if owned:
            raise ValidationError(
                _("%(person)s still owns %(count)s open recommendations. Give each another owner first.")
                % {"person": person, "count": owned}
            )
        for role in Membership.objects.active(op.day).filter(user=person).select_related("organisation", "user"):
            finish_role(role, seen_version=role.version, op=op)
        before = snapshot(person)
        save_changes(person, seen_version, {"is_active": False})
        op.record("person.account_closed", person, before=before)
    return person
