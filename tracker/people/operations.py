"""Joining and leaving."""

import datetime
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import finish_role, start_role
from tracker.history.models import Words
from tracker.history.operations import Conflict, Operation, operation, save_changes, snapshot
from tracker.measures.models import Measure
from tracker.people.queries import Holdings, holdings_of
from tracker.recommendations.models import Action, Ask, Recommendation
from tracker.recommendations.operations.verb import alter, hold_all


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
        owned = holdings_of(person).count
        if owned:
            raise ValidationError(
                _("%(person)s still answers for %(count)s open things. Hand them over first.")
                % {"person": person, "count": owned}
            )
        for role in Membership.objects.active(op.day).filter(user=person).select_related("organisation", "user"):
            finish_role(role, seen_version=role.version, op=op)
        before = snapshot(person)
        save_changes(person, seen_version, {"is_active": False})
        op.record("person.account_closed", person, before=before)
    return person


def hand_over(
    person: User,
    *,
    to: User,
    by: User,
    at: datetime.datetime,
    reason: str,
    fingerprint: str,
    within: set[int] | None = None,
    key: uuid.UUID | None = None,
) -> int:
    """Everything that `person` answers for becomes `to`'s, or nothing; gives how many things.

    `fingerprint` is that of the holdings that were shown: Conflict when they are others by now. `within` as in
    holdings_of().
    """
    with operation(by=by, at=at, key=key) as op:
        hold_all(_pages_of(holdings_of(person, within=within)))
        held = holdings_of(person, within=within)
        if held.fingerprint != fingerprint:
            raise Conflict
        if not held.count:
            raise ValidationError(_("%(person)s answers for nothing open.") % {"person": person})
        if to == person or not Membership.objects.may_own(op.day).filter(user=to).exists():
            raise ValidationError({"to": _("%(name)s cannot take it over. Name somebody else.") % {"name": to}})
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Say why it is handed over.")})
        for item in held.recommendations:
            alter(item, op, "recommendation.handed_over", why=why, owner=to, quiet_since=op.day)
        _hand_over_the_rest(held, to, op, why)
    return held.count


def _pages_of(held: Holdings) -> set[int]:
    """The recommendations on whose pages any of it stands."""
    answered = Recommendation.objects.filter(actions__in=held.actions)
    measured = Recommendation.objects.filter(measure_links__measure__in=held.measures)
    return {
        *(item.pk for item in held.recommendations),
        *(ask.recommendation_id for ask in held.asks),
        *answered.values_list("pk", flat=True),
        *measured.values_list("pk", flat=True),
    }


def _hand_over_the_rest(held: Holdings, to: User, op: Operation, why: Words) -> None:
    rest: tuple[tuple[Sequence[Action | Measure | Ask], str, str], ...] = (
        (held.actions, "owner", "action.handed_over"),
        (held.measures, "supplier", "measure.changed"),
        (held.asks, "person", "ask.handed_over"),
    )
    for rows, column, verb in rest:
        for row in rows:
            before = snapshot(row)
            save_changes(row, row.version, {column: to})
            op.record(verb, row, before=before, why=why)
