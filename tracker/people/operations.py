"""Adding people, closing accounts, reassigning work, and permanent removal."""

import datetime
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import finish_covers, finish_role
from tracker.accounts.policies import Access
from tracker.history.models import Event, FreeText
from tracker.history.operations import Actor, Conflict, Operation, operation, save_changes, snapshot
from tracker.jobs.operations import forget_what_tells_of
from tracker.measures.models import Measure
from tracker.people.models import Removal
from tracker.people.queries import REMOVED, WORDS, Holdings, holdings_of, redactable_texts
from tracker.people.role_requests import Terms, give, give_role, give_roles_that_start
from tracker.recommendations.due.operations import refuse_owner
from tracker.recommendations.evidence.operations import remove_evidence
from tracker.recommendations.models import Action, Ask, Evidence, Recommendation, Unsent
from tracker.recommendations.recommendation.operations import lock, lock_all, update_and_record

__all__ = ["give_role", "give_roles_that_start"]


def add_person(
    email: str,
    *,
    name: str,
    role: str,
    organisation: Organisation,
    from_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
    confirmer: User | None = None,
    is_known: bool = False,
    by: Actor | None,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> User:
    """Create an account without a password and with its first role, or a request for that role.

    An existing account, perhaps of another region, keeps its name and gets the role if `is_known`: somebody confirmed
    whose it is. A closed account is reopened without its password.
    """
    with operation(by=by, at=at, key=key) as op:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            person = User.objects.create_user(email, name)
            op.record("person.added", person)
        elif by is not None and person == by.user:
            raise ValidationError(_("You cannot give yourself a role. Ask another administrator."))
        elif by is not None and not is_known:
            raise ValidationError({"email": ValidationError(_whose(person), code="known")})
        elif not person.is_active:
            _reopen(person, op)
        give(person, Terms(role, organisation, from_on, ends_on, confirmer), op=op)
    return person


def _whose(person: User) -> str:
    if person.is_active:
        return _("This address belongs to %(person)s, who has an account. Confirm below that you mean them.") % {
            "person": person
        }
    return _("This address belongs to %(person)s, whose account is closed. Confirm below to reopen it.") % {
        "person": person
    }


def _reopen(person: User, op: Operation) -> None:
    """Reopen the account with its history. The person sets a new password like a new one."""
    before = snapshot(person)
    person.set_unusable_password()
    values = {"is_active": True, "password": person.password, "last_login": None}
    save_changes(person, person.version, values)
    op.record("person.account_reopened", person, before=before)


def close_account(
    person: User, *, by: Actor, at: datetime.datetime, seen_version: int, key: uuid.UUID | None = None
) -> User:
    """Close the account and end its roles and covers. The history is kept.

    Their open items count as without owner and can be reassigned before or after. Access ends at once.
    """
    with operation(by=by, at=at, key=key) as op:
        if not person.is_active:
            raise ValidationError(_("This account is already closed."))
        for role in Membership.objects.active(op.day).filter(user=person).select_related("organisation", "user"):
            finish_role(role, seen_version=role.version, op=op)
        finish_covers(person, op=op)
        before = snapshot(person)
        save_changes(person, seen_version, {"is_active": False})
        op.record("person.account_closed", person, before=before)
    return person


def hand_over(
    person: User,
    *,
    to: User,
    by: Actor,
    at: datetime.datetime,
    reason: str,
    fingerprint: str,
    led_by: Access | None = None,
    key: uuid.UUID | None = None,
) -> int:
    """Reassign all open items of `person` to `to`, or none. Returns how many.

    Raises Conflict if `fingerprint`, that of the holdings shown, no longer matches. `led_by` as in holdings_of().
    """
    with operation(by=by, at=at, key=key) as op:
        lock_all(_pages_of(holdings_of(person, led_by=led_by)))
        held = holdings_of(person, led_by=led_by)
        if held.fingerprint != fingerprint:
            raise Conflict
        if not held.count:
            raise ValidationError(_("%(person)s has no open work to reassign.") % {"person": person})
        if to == person or not Membership.objects.may_own(op.day).filter(user=to).exists():
            raise ValidationError({"to": _("%(name)s cannot take over this work. Choose someone else.") % {"name": to}})
        if held.recommendations:
            refuse_owner(to, "to", op.day)
        why = op.words(reason)
        if why is None:
            raise ValidationError({"reason": _("Enter a reason.")})
        for item in held.recommendations:
            update_and_record(item, op, "recommendation.handed_over", why=why, owner=to, quiet_since=op.day)
        _hand_over_the_rest(held, to, op, why)
    return held.count


def _pages_of(held: Holdings) -> set[int]:
    """Recommendations whose pages show any of the items."""
    answered = Recommendation.objects.filter(actions__in=held.actions)
    measured = Recommendation.objects.filter(measure_links__measure__in=held.measures)
    return {
        *(item.pk for item in held.recommendations),
        *(ask.recommendation_id for ask in held.asks),
        *answered.values_list("pk", flat=True),
        *measured.values_list("pk", flat=True),
    }


def _hand_over_the_rest(held: Holdings, to: User, op: Operation, why: FreeText) -> None:
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


def ask_removal(
    item: Recommendation,
    what: str,
    *,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> Removal:
    """Request a removal. `what` is a Passage.value. Nothing is removed until a reviewer agrees."""
    with operation(by=by, at=at, key=key) as op:
        current = lock(item.pk)
        if what not in {passage.value for passage in redactable_texts(current)}:
            raise ValidationError({"what": _("This is no longer on the page. Select something else.")})
        column = "words_id" if what[0] == WORDS else "evidence_id"
        wanted = {column: int(what[1:])}
        if Removal.objects.filter(state=Removal.State.ASKED, **wanted).exists():
            raise ValidationError({"what": _("Its removal has already been requested and is with a reviewer.")})
        removal = Removal.objects.create(recommendation=current, asked_by=by.user, asked_at=op.at, **wanted)
        op.record("removal.asked", removal)
    return removal


def agree_removal(removal: Removal, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> Removal:
    """Permanently replace the text with "[removed]", or delete the file. Events are not changed.

    Packs and downloads that may contain it are deleted too.
    """
    with operation(by=by, at=at, key=key) as op:
        current = _held(removal, by)
        touched = {current.recommendation_id, *_pages_with(current.words_id)}
        if current.evidence is not None:
            for one in remove_evidence(current.evidence, op=op):
                _remove_words(one.caption, current, op)
                touched |= {one.recommendation_id, *_pages_with(one.caption_id)}
        if current.words is not None:
            _remove_words(current.words, current, op)
        inspections = Recommendation.objects.filter(pk__in=touched).values_list("inspection_id", flat=True)
        forget_what_tells_of(set(inspections))
        _decide(current, Removal.State.REMOVED, "removal.agreed", op, by)
    return current


def refuse_removal(removal: Removal, *, by: Actor, at: datetime.datetime, key: uuid.UUID | None = None) -> Removal:
    with operation(by=by, at=at, key=key) as op:
        current = _held(removal, by)
        _decide(current, Removal.State.REFUSED, "removal.refused", op, by)
    return current


def _held(removal: Removal, by: Actor) -> Removal:
    """Lock the removal and all recommendations whose pages show the text or file, in a fixed order."""
    items = {removal.recommendation_id, *_pages_with(removal.words_id)}
    if removal.evidence is not None and removal.evidence.file:
        sharing = Evidence.objects.filter(file=removal.evidence.file.name)
        items |= set(sharing.values_list("recommendation_id", flat=True))
    lock_all(items)
    current = Removal.objects.select_related("recommendation", "words", "evidence__caption").get(pk=removal.pk)
    if current.state != Removal.State.ASKED:
        raise ValidationError(_("This has already been decided."))
    if current.asked_by_id == by.user.pk:
        raise ValidationError(_("You requested this removal, so someone else must decide."))
    return current


def _pages_with(words_id: int | None) -> set[int]:
    """Recommendations with an event that points to this text."""
    events = Event.objects.filter(why=words_id, recommendation_id__isnull=False) if words_id else Event.objects.none()
    return {pk for pk in events.values_list("recommendation_id", flat=True) if pk is not None}


def _remove_words(words: FreeText, removal: Removal, op: Operation) -> None:
    """Remove the text from its row and from drafts of its author."""
    for unsent in Unsent.objects.filter(person=words.written_by_id):
        if any(words.text in str(value) for value in unsent.values.values()):
            unsent.delete()
    FreeText.objects.filter(pk=words.pk).update(text=REMOVED)
    others = Recommendation.objects.filter(pk__in=_pages_with(words.pk)).exclude(pk=removal.recommendation_id)
    for item in others.order_by("pk"):
        op.record("recommendation.words_removed", item, before=snapshot(item))


def _decide(removal: Removal, state: str, verb: str, op: Operation, by: Actor) -> None:
    before = snapshot(removal)
    removal.state, removal.decided_by, removal.decided_on = state, by.user, op.day
    removal.save(update_fields=["state", "decided_by", "decided_on"])
    op.record(verb, removal, before=before)
