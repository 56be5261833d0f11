"""Operations on organisations, roles and covers."""

import datetime
import uuid

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.dateformat import format as format_date
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tracker.accounts.models import Alias, Cover, Membership, Organisation, User
from tracker.accounts.policies import upwards
from tracker.accounts.queries import overlapping
from tracker.history.operations import Actor, Operation, operation, save_changes, snapshot

Kind = Organisation.Kind
# The kind that each kind is part of.
ABOVE: dict[str, str | None] = {Kind.NATIONAL: None, Kind.REGION: Kind.NATIONAL, Kind.PDU: Kind.REGION}


def add_organisation(
    name: str,
    *,
    kind: str,
    parent: Organisation | None,
    by: Actor | None,
    at: datetime.datetime,
    other_names: list[str] | None = None,
    key: uuid.UUID | None = None,
) -> Organisation:
    """Raises ValidationError if the name or path is taken."""
    with operation(by=by, at=at, key=key) as op:
        name = " ".join(name.split())
        for one in (name, *(other_names or [])):
            _refuse_known_name(one)
        if not slugify(name):
            raise ValidationError({"name": _("The name must include a letter or a number.")})
        if ABOVE[kind] != (parent.kind if parent else None):
            raise ValidationError({"kind": _("A region is part of the national service, a PDU is part of a region.")})
        path = Organisation.path_for(name, parent)
        if Organisation.objects.filter(path=path).exists():
            raise ValidationError({"name": _("There is already an organisation with a very similar name.")})
        organisation = Organisation.objects.create(name=name, kind=kind, parent=parent, path=path)
        Alias.objects.bulk_create(Alias(organisation=organisation, name=other) for other in other_names or [])
        op.record("organisation.added", organisation)
    return organisation


def rename_organisation(
    organisation: Organisation,
    name: str,
    *,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    key: uuid.UUID | None = None,
) -> Organisation:
    """Rename it and keep the old name as an alias, so that reports that print it still find it."""
    with operation(by=by, at=at, key=key) as op:
        before = snapshot(organisation)
        old, name = organisation.name, " ".join(name.split())
        if old.casefold() != name.casefold():
            _refuse_known_name(name, but_of=organisation)
            organisation.aliases.filter(name__iexact=name).delete()
        save_changes(organisation, seen_version, {"name": name})
        if old.casefold() != name.casefold():
            Alias.objects.get_or_create(name=old, defaults={"organisation": organisation})
        op.record("organisation.renamed", organisation, before=before)
    return organisation


def _refuse_known_name(name: str, but_of: Organisation | None = None) -> None:
    taken = organisation_named(name)
    if taken is not None and taken != but_of:
        raise ValidationError({"name": _("%(name)s already has this name.") % {"name": taken}})


def organisation_called(name: str) -> Organisation | None:
    """The organisation of that name or, if it has ended, its successor."""
    found = organisation_named(name)
    while found is not None and found.successor is not None:
        found = found.successor
    return found


def organisation_named(name: str) -> Organisation | None:
    """The organisation with this name or alias, ignoring case and white space. It may have ended."""
    name = " ".join(name.split())
    found = Organisation.objects.filter(name__iexact=name).first()
    if found is None:
        alias = Alias.objects.filter(name__iexact=name).select_related("organisation").first()
        found = alias.organisation if alias else None
    return found


def give_role(
    person: User,
    *,
    role: str,
    organisation: Organisation,
    ends_on: datetime.date | None = None,
    by: Actor | None,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> Membership:
    """Raises ValidationError for one's own role, or a role that the person already has there."""
    with operation(by=by, at=at, key=key) as op:
        if by is not None and by.user == person:
            raise ValidationError(_("You cannot give yourself a role. Ask another administrator."))
        return start_role(person, role=role, organisation=organisation, ends_on=ends_on, op=op)


def start_role(
    person: User, *, role: str, organisation: Organisation, ends_on: datetime.date | None, op: Operation
) -> Membership:
    refuse_role(person, role=role, organisation=organisation, ends_on=ends_on, on=op.day)
    membership = Membership.objects.create(user=person, role=role, organisation=organisation, ends_on=ends_on)
    op.record("role.given", membership)
    return membership


def refuse_role(
    person: User,
    *,
    role: str,
    organisation: Organisation,
    from_on: datetime.date | None = None,
    ends_on: datetime.date | None,
    on: datetime.date,
) -> None:
    """Raise ValidationError, keyed by field, if the person cannot get this role there."""
    if not person.is_active:
        raise ValidationError(_("This account is closed."))
    if organisation.ended_on is not None:
        raise ValidationError({"organisation": _("This organisation has ended.")})
    if ends_on is None and role == Membership.Role.INSPECTOR:
        raise ValidationError({"ends_on": _("Enter the date the inspector no longer has access.")})
    if ends_on is not None and ends_on <= on:
        raise ValidationError({"ends_on": _("Enter a date after today, or leave this blank.")})
    if from_on is not None and ends_on is not None and ends_on <= from_on:
        raise ValidationError({"ends_on": _("Enter a date after the role starts, or leave this blank.")})
    if Membership.objects.active(on).filter(user=person, role=role, organisation=organisation).exists():
        raise ValidationError({"role": _("%(person)s already has this role there.") % {"person": person}})


def end_role(
    membership: Membership, *, by: Actor, at: datetime.datetime, seen_version: int, key: uuid.UUID | None = None
) -> Membership:
    """End the role today. Refuses to end the last administrator at or above an organisation."""
    with operation(by=by, at=at, key=key) as op:
        finish_role(membership, seen_version=seen_version, op=op)
    return membership


def finish_role(membership: Membership, *, seen_version: int, op: Operation) -> None:
    if membership.ends_on is not None and membership.ends_on <= op.day:
        raise ValidationError(_("This role has already ended."))
    if membership.role == Membership.Role.ADMINISTRATOR and not _others_administer(membership, op.day):
        raise ValidationError(
            _("%(person)s is the last administrator here. Add another administrator first.")
            % {"person": membership.user}
        )
    close_role(membership, seen_version=seen_version, op=op)


def close_role(membership: Membership, *, seen_version: int, op: Operation) -> None:
    """End the role today, even of the last administrator."""
    before = snapshot(membership)
    save_changes(membership, seen_version, {"ends_on": op.day})
    op.record("role.ended", membership, before=before)


def _others_administer(membership: Membership, on: datetime.date) -> bool:
    """Whether somebody else is an administrator there or above without a last day."""
    # Lock, so that two administrators cannot end each other's role at the same time.
    list(Organisation.objects.select_for_update().filter(parent=None))
    return administrators_at(upwards(membership.organisation.path), on).exclude(user=membership.user).exists()


def administrators_at(paths: list[str], on: datetime.date) -> QuerySet[Membership]:
    roles = Membership.objects.active(on).filter(role=Membership.Role.ADMINISTRATOR, ends_on=None)
    return roles.filter(organisation__path__in=paths)


# For longer absences work is reassigned.
MOST_DAYS = 60
MOST_DAYS_AHEAD = 60


def name_cover(
    person: User,
    cover: User,
    *,
    from_on: datetime.date,
    until_on: datetime.date,
    by: Actor,
    at: datetime.datetime,
    key: uuid.UUID | None = None,
) -> Cover:
    """Name `cover` to act for `person` from `from_on` to `until_on` inclusive.

    Raises ValidationError for `cover`, `from_on` or `until_on`.
    """
    with operation(by=by, at=at, key=key) as op:
        _hold_person(person)
        if cover == person:
            raise ValidationError({"cover": _("A person cannot cover for themselves. Choose someone else.")})
        if cover == by.user:
            raise ValidationError({"cover": _("You cannot choose yourself as the cover. Choose someone else.")})
        for one, field in ((person, "person"), (cover, "cover")):
            if not Membership.objects.may_own(op.day).filter(user=one).exists():
                raise ValidationError(
                    {field: _("%(name)s does not have a role that allows cover. Choose someone else.") % {"name": one}}
                )
        if person != by.user:
            _refuse_passing_on(person, cover, op.day)
        if from_on < op.day:
            raise ValidationError({"from_on": _("First day must be today or in the future.")})
        _refuse_days(person, from_on, until_on, op.day)
        named = Cover.objects.create(person=person, cover=cover, from_on=from_on, until_on=until_on, named_by=by.user)
        op.record("cover.named", named)
    return named


def change_cover(
    cover: Cover,
    *,
    from_on: datetime.date,
    until_on: datetime.date,
    by: Actor,
    at: datetime.datetime,
    seen_version: int,
    key: uuid.UUID | None = None,
) -> Cover:
    """Change the days of a cover. A cover that has started keeps its first day."""
    with operation(by=by, at=at, key=key) as op:
        _hold_person(cover.person)
        current = _not_over(cover, op.day)
        if from_on != current.from_on and current.from_on <= op.day:
            raise ValidationError({"from_on": _("The cover has already started, so you cannot change its first day.")})
        if from_on != current.from_on and from_on < op.day:
            raise ValidationError({"from_on": _("First day must be today or in the future.")})
        if until_on < op.day:
            raise ValidationError({"until_on": _("Last day must be today or in the future. Otherwise, end the cover.")})
        _refuse_days(current.person, from_on, until_on, op.day, but=current)
        before = snapshot(current)
        save_changes(current, seen_version, {"from_on": from_on, "until_on": until_on})
        op.record("cover.changed", current, before=before)
    return current


def end_cover(
    cover: Cover, *, by: Actor, at: datetime.datetime, seen_version: int, key: uuid.UUID | None = None
) -> Cover:
    """End a cover today, or cancel one that has not started."""
    with operation(by=by, at=at, key=key) as op:
        current = _not_over(cover, op.day)
        finish_cover(current, seen_version=seen_version, op=op)
    return current


def finish_covers(person: User, *, op: Operation) -> None:
    """End all covers by or for this person, inside an operation."""
    for cover in Cover.objects.not_over(op.day).filter(Q(person=person) | Q(cover=person)):
        finish_cover(cover, seen_version=cover.version, op=op)


def finish_cover(cover: Cover, *, seen_version: int, op: Operation) -> None:
    before = snapshot(cover)
    save_changes(cover, seen_version, {"ended_on": op.day})
    op.record("cover.ended", cover, before=before)


def _refuse_passing_on(person: User, cover: User, on: datetime.date) -> None:
    """Refuse a cover who is no reviewer for a reviewer, unless the reviewer chooses them."""
    reviewers = Membership.objects.active(on).filter(role__in=(Membership.Role.REVIEWER, Membership.Role.INDEPENDENT))
    if reviewers.filter(user=person).exists() and not reviewers.filter(user=cover).exists():
        said = _("%(name)s is a reviewer. Choose someone who is a reviewer too, or ask them to choose their cover.")
        raise ValidationError({"cover": said % {"name": person}})


def _hold_person(person: User) -> None:
    """Lock the person, so that simultaneous covers cannot overlap."""
    list(User.objects.select_for_update().filter(pk=person.pk))


def _not_over(cover: Cover, on: datetime.date) -> Cover:
    """The current row. Raises ValidationError if the cover is over."""
    current = Cover.objects.not_over(on).select_related("person", "cover").filter(pk=cover.pk).first()
    if current is None:
        raise ValidationError(_("This cover has already ended."))
    return current


def _refuse_days(
    person: User, from_on: datetime.date, until_on: datetime.date, on: datetime.date, but: Cover | None = None
) -> None:
    if until_on < from_on:
        raise ValidationError({"until_on": _("Last day must be the same as or after the first day.")})
    if (until_on - from_on).days >= MOST_DAYS:
        said = _("Cover can last up to %(n)s days. For a longer absence, reassign the work.")
        raise ValidationError({"until_on": said % {"n": MOST_DAYS}})
    if (from_on - on).days > MOST_DAYS_AHEAD:
        said = _("You can arrange cover up to %(n)s days before the first day.")
        raise ValidationError({"from_on": said % {"n": MOST_DAYS_AHEAD}})
    others = overlapping(person, from_on, until_on).select_related("cover")
    other = (others.exclude(pk=but.pk) if but else others).first()
    if other is not None:
        said = _("%(name)s already covers from %(from)s to %(until)s. Choose other dates, or end that cover first.")
        days = {"from": format_date(other.from_on, "j F Y"), "until": format_date(other.until_on, "j F Y")}
        raise ValidationError({"from_on": said % {"name": other.cover, **days}})
