"""Who decides: nobody about their own work, and the nearest organisation with somebody eligible."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from tracker.accounts.models import Cover, Membership, Organisation, User
from tracker.accounts.policies import Access, upwards
from tracker.recommendations.participation.models import Part, Participation
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import leads
from tracker.recommendations.recommendation.progress import DateSetBy

Role = Membership.Role

DECIDING = (Role.REVIEWER, Role.INDEPENDENT)

Status = Recommendation.Status


def _of(people: Any, *columns: str) -> Q:
    """One of the columns holds one of these: people by id, a subquery of them, or an OuterRef to one."""
    lookup = "exact" if isinstance(people, OuterRef) else "in"
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__{lookup}": people})
    return found


def has_part(people: Any) -> Q:
    """Recommendations in which one of these people has had a part since they were last opened."""
    rows = Participation.objects.barring().filter(_of(people, "person"), recommendation=OuterRef("pk"))
    return Q(Exists(rows))


def reviewable_by(access: Access) -> Q:
    """The recommendations about which this person may decide, whatever their status.

    Not where they, or who they cover, have had a part in it.
    """
    here = Q()
    for held in access.held:
        if held.role in DECIDING:
            here |= _below(held.path) if held.role == Role.REVIEWER else _at_the_top(held.path)
    if not here:
        return Q(pk__in=[])
    mine = Q(owner__in=access.persons) | Q(submitted_by__in=access.persons) | Q(addressee__in=access.leading)
    return here & ~mine & ~has_part(access.persons)


def pending_review_for(access: Access) -> Q:
    """Those of `reviewable_by` for which no organisation nearer to the addressee has somebody eligible."""
    found = Q(pk__in=[])
    reviewers = Membership.objects.active(access.on).filter(role=Role.REVIEWER)
    for held in access.held:
        if held.role == Role.REVIEWER:
            nearer = reviewers.filter(organisation__path__startswith=held.path).exclude(organisation__path=held.path)
            found |= _below(held.path) & _unless_taken(nearer, held.path, access)
        elif held.role == Role.INDEPENDENT:
            found |= _at_the_top(held.path)
    return reviewable_by(access) & found


def _unless_taken(nearer: QuerySet[Membership], path: str, access: Access) -> Q:
    """Nobody nearer is eligible. Without any nearer reviewer, no condition is needed.

    Most regions have none: without it the condition is short, and to put it together costs more than to run it.
    """
    if "reviewed_from" not in access.request_cache:
        everywhere = Membership.objects.active(access.on).filter(role=Role.REVIEWER).order_by()
        access.request_cache["reviewed_from"] = set(everywhere.values_list("organisation__path", flat=True))
    if not any(other.startswith(path) and other != path for other in access.request_cache["reviewed_from"]):
        return Q()
    return Q(~Exists(_eligible(nearer, access.on, are_covered=_anybody_is_covered(access))))


def _anybody_is_covered(access: Access) -> bool:
    """On most days nobody is, and then the conditions about covers are left out."""
    if "is_anybody_covered" not in access.request_cache:
        access.request_cache["is_anybody_covered"] = Cover.objects.holding(access.on).exists()
    return bool(access.request_cache["is_anybody_covered"])


def _below(path: str) -> Q:
    return Q(addressee__path__startswith=path) & ~Q(addressee__path=path)


def _at_the_top(path: str) -> Q:
    """What is addressed to the national service itself: for the independent reviewer it has named."""
    return Q(addressee__path=path, addressee__kind=Organisation.Kind.NATIONAL)


def _eligible(reviewers: QuerySet[Membership], on: datetime.date, *, are_covered: bool) -> QuerySet[Membership]:
    """Of these, as a subquery of recommendations, those who may decide about the outer one, or whose cover may."""
    path = ExpressionWrapper(OuterRef("addressee__path"), output_field=CharField())
    rows = reviewers.annotate(outer_path=path).filter(outer_path__startswith=F("organisation__path"))
    eligible = _has_no_part("user", on, depth=1, are_covered=are_covered)
    if are_covered:
        unbiased = _has_no_part("cover", on, depth=2, are_covered=True)
        eligible |= Q(Exists(Cover.objects.holding(on).filter(unbiased, person=OuterRef("user"))))
    return rows.exclude(organisation__path=F("outer_path")).filter(eligible)


def _has_no_part(person: str, on: datetime.date, *, depth: int, are_covered: bool) -> Q:
    """Neither `person` of the row nor whom that one covers has had a part in the recommendation so many queries out."""

    def outer(column: str) -> OuterRef:
        ref = OuterRef(column)
        for _step in range(depth):
            ref = OuterRef(ref)
        return ref

    who = OuterRef(person)
    mine, theirs, had = _of(who, "owner", "submitted_by"), _of(who, "user"), _of(who, "person")
    if are_covered:
        covered = Cover.objects.holding(on).filter(cover=OuterRef(who)).values("person")
        mine, theirs = mine | _of(covered, "owner", "submitted_by"), theirs | _of(covered, "user")
        had |= _of(covered, "person")
    leading = Membership.objects.active(on).filter(theirs, role=Role.LEAD)
    return (
        ~Q(Exists(leading.filter(organisation=outer("addressee"))))
        & ~Q(Exists(Recommendation.objects.filter(mine, pk=outer("pk"))))
        & ~Q(Exists(Participation.objects.barring().filter(had, recommendation=outer("pk"))))
    )


def decides(access: Access) -> bool:
    """Has any deciding role. Without one no query is needed."""
    return any(held.role in DECIDING for held in access.held)


def can_decide(access: Access, item: Recommendation) -> bool:
    """May check it, sign it off or return it, and so on, when its status allows that. One query a page."""
    if not decides(access):
        return False
    key = ("can_decide", item.pk, item.version)
    if key not in access.request_cache:
        rows = Recommendation.objects.filter(reviewable_by(access), pk=item.pk, carried_by=None)
        access.request_cache[key] = rows.exists()
    return bool(access.request_cache[key])


def why_barred(access: Access, item: Recommendation) -> list[str]:
    """The parts because of which this reviewer does not decide about it, in words after "you"; none if they may.

    Two queries, and none for whoever does not review here.
    """
    path = item.addressee.path
    reviews = any(
        path.startswith(held.path) and path != held.path
        if held.role == Role.REVIEWER
        else held.role == Role.INDEPENDENT and held.path == path
        for held in access.held
    )
    if not reviews or can_decide(access, item):
        return []
    rows = Participation.objects.barring().filter(recommendation=item, person__in=access.persons)
    parts = set(rows.values_list("part", flat=True))
    parts |= {Part.OWNED} if item.owner_id in access.persons else set()
    parts |= {Part.SUBMITTED} if item.submitted_by_id in access.persons else set()
    parts |= {Part.LED} if item.addressee_id in access.leading else set()
    return [str(part.label) for part in Part if part in parts]


def can_check(access: Access, item: Recommendation) -> bool:
    return item.status in Recommendation.UNFINISHED and can_decide(access, item)


def can_sign_off(access: Access, item: Recommendation) -> bool:
    return item.status == Status.SUBMITTED and can_decide(access, item)


def can_return(access: Access, item: Recommendation) -> bool:
    return can_sign_off(access, item)


def can_sustain(access: Access, item: Recommendation) -> bool:
    """May say whether it is sustained, once the day has come on which that is asked."""
    is_asked = item.sustain_ask_on is not None and item.sustain_ask_on <= access.on
    return item.status == Status.SIGNED_OFF and is_asked and can_decide(access, item)


def can_reopen(access: Access, item: Recommendation) -> bool:
    return item.status not in Recommendation.UNFINISHED and can_decide(access, item)


def can_close(access: Access, item: Recommendation) -> bool:
    """As not agreed, no longer applying, or superseded by another."""
    return item.status == Status.OPEN and can_decide(access, item)


def can_submit(access: Access, item: Recommendation) -> bool:
    return item.status == Status.OPEN and item.carried_by_id is None and leads(access, item)


def can_withdraw(access: Access, item: Recommendation) -> bool:
    """Take back a submission that nobody has decided about yet."""
    return item.status == Status.SUBMITTED and leads(access, item)


def can_correct_text(access: Access, item: Recommendation) -> bool:
    """What the report prints is corrected by an administrator at or above the organisation that was inspected."""
    return access.has_at_or_above(Role.ADMINISTRATOR, item.inspection.organisation)


def can_correct_date(access: Access, item: Recommendation) -> bool:
    """A mistyped original due date; one that HMPPS or the report set only by who may extend it."""
    return item.status == Status.OPEN and item.original_due_on is not None and can_extend(access, item)


def can_extend(access: Access, item: Recommendation) -> bool:
    """May answer those who ask for a later due date of it, now or later.

    A date that HMPPS or the report set is extended by a reviewer of HMPPS only.
    """
    return can_decide(access, item) and (item.due_set_by == DateSetBy.LEAD or decides_nationally(access))


def decides_nationally(access: Access) -> bool:
    return any(held.role in DECIDING and held.kind == Organisation.Kind.NATIONAL for held in access.held)


@dataclass(frozen=True)
class Deciders:
    """Who a decision is waiting for. Without people, nobody can decide yet."""

    organisation: Organisation | None
    people: list[User]


def deciders_of(item: Recommendation, on: datetime.date, *, nationally: bool = False) -> Deciders:
    """The nearest organisation that has somebody eligible, and who they are. A handful of queries.

    `nationally`: only the national organisation, as for a date that it or the report has set.
    """
    path = item.addressee.path
    national = item.addressee.kind == Organisation.Kind.NATIONAL
    role = Role.INDEPENDENT if national else Role.REVIEWER
    above = [path] if national else upwards(path)[-1:] if nationally else upwards(path)[1:]
    rows = Membership.objects.active(on).filter(role=role, organisation__path__in=above)
    held = [(row.organisation, row.user) for row in rows.select_related("user", "organisation")]
    covers = _covers_around([person.pk for _place, person in held], on)
    if not national:
        held += [(place, one.cover) for place, person in held for one in covers if one.person_id == person.pk]
    parts = _had_a_part(item, on)
    barred = parts | {one.cover_id for one in covers if one.person_id in parts}
    eligible = [(place, person) for place, person in held if person.pk not in barred]
    if not eligible:
        return Deciders(None, [])
    nearest = max((place for place, _person in eligible), key=lambda place: len(place.path))
    people = {person.pk: person for place, person in eligible if place == nearest}
    return Deciders(nearest, sorted(people.values(), key=lambda person: (person.name, person.pk)))


def _covers_around(people: list[int], on: datetime.date) -> list[Cover]:
    """By whom these are covered, and whom they and their covers cover."""
    theirs = Cover.objects.holding(on).filter(person__in=people).values("cover")
    rows = Cover.objects.holding(on).filter(Q(cover__in=people) | Q(cover__in=theirs))
    return list(rows.select_related("cover"))


def _had_a_part(item: Recommendation, on: datetime.date) -> set[int | None]:
    """Who owns it, leads it, has submitted it, or has had another part since it was last opened."""
    leading = Membership.objects.active(on).filter(role=Role.LEAD, organisation=item.addressee)
    people = set(Participation.objects.barring().filter(recommendation=item).values_list("person", flat=True))
    return people | {item.owner_id, item.submitted_by_id} | set(leading.values_list("user", flat=True))
