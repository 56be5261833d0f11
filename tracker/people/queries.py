"""Queries about people, their roles and open items, removals, role requests and ended organisations."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from tracker.accounts.models import Cover, Membership, Organisation, User, UserQuerySet
from tracker.accounts.policies import Access, administered_organisations, administered_people, can_administer, upwards
from tracker.accounts.queries import covered_by, covering_later
from tracker.history.models import Event, FreeText
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, Reading
from tracker.measures.policies import published
from tracker.people.models import Removal, RoleRequest, Succession
from tracker.people.policies import (
    can_confirm_role,
    decidable_removals,
    visible_endings,
    visible_removals,
    visible_role_requests,
)
from tracker.recommendations.models import (
    Action,
    ActionPlan,
    Ask,
    Recommendation,
)
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.queries import events_of
from tracker.recommendations.task.left import RESPONSIBLE, open_work
from tracker.recommendations.timeline.queries import Entry, entries_of

# Replaces permanently removed text, in every language.
REMOVED = "[removed]"
# Prefixes of the value of a passage: text, or a file or link.
WORDS, FILE = "w", "e"


@dataclass(frozen=True)
class PersonRow:
    person: User
    roles: list[Membership]


def people_rows(access: Access, words: str) -> list[PersonRow]:
    """People whose name or email address contains every word, with their roles here; at most 500."""
    people = administered_people(access)
    for word in words.split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    found = list(people.order_by("-is_active", "name", "pk")[:500])
    roles: dict[int, list[Membership]] = {}
    here = Membership.objects.active(access.on).filter(
        organisation__in=administered_organisations(access), user__in=found
    )
    for role in here.select_related("organisation"):
        roles.setdefault(role.user_id, []).append(role)
    return [PersonRow(person, roles.get(person.pk, [])) for person in found]


def roles_here(access: Access, person: User) -> QuerySet[Membership]:
    """Including ended roles, current ones first."""
    return (
        Membership.objects.filter(user=person, organisation__in=administered_organisations(access))
        .select_related("organisation", "user")
        .order_by(F("ends_on").desc(nulls_first=True), "organisation__path", "role")
    )


def all_roles(person: User, on: datetime.date) -> QuerySet[Membership]:
    return Membership.objects.active(on).filter(user=person).select_related("organisation", "user")


@dataclass(frozen=True)
class Owned:
    """Unfinished recommendations of a person that the administrator can see, and how many more there are."""

    rows: list[Recommendation]
    unseen: int


def owned_by(person: User, access: Access) -> Owned:
    mine = Recommendation.objects.unfinished().filter(owner=person)
    seen = visible_recommendations(access).unfinished().filter(owner=person)
    return Owned(list(seen.for_rows(on=access.on).order_by("due_on", "pk")[:50]), mine.count() - seen.count())


@dataclass(frozen=True)
class Holdings:
    """All open items of a person, in the order in which the rows are locked."""

    recommendations: list[Recommendation]
    actions: list[Action]
    measures: list[Measure]
    asks: list[Ask]

    @property
    def count(self) -> int:
        return sum(len(group) for group in self.groups)

    @property
    def groups(self) -> tuple[list[Recommendation], list[Action], list[Measure], list[Ask]]:
        return self.recommendations, self.actions, self.measures, self.asks

    @property
    def fingerprint(self) -> str:
        """A hash of these rows, which changes when a row is added or removed."""
        ids = [sorted(row.pk for row in group) for group in self.groups]
        return hashlib.sha256(repr(ids).encode()).hexdigest()


def holdings_of(person: User, *, led_by: Access | None = None) -> Holdings:
    """Unfinished recommendations, open actions, measures to supply and open requests. Four queries.

    `led_by` as in open_work().
    """
    recommendations, actions, measures, asks = open_work(led_by)
    recommendations, actions = recommendations.filter(owner=person), actions.filter(owner=person)
    measures, asks = measures.filter(supplier=person), asks.filter(person=person)
    return Holdings(
        list(recommendations.select_related("inspection__organisation", "addressee", "owner").order_by("due_on", "pk")),
        list(actions.select_related("words", "addressee", "inspection").order_by("due_on", "pk")),
        list(measures.select_related("organisation").order_by("pk")),
        list(asks.select_related("words", "asked_of").order_by("wanted_on", "pk")),
    )


@dataclass(frozen=True)
class Shown:
    """The items that the viewer can see, and how many more there are."""

    seen: Holdings
    unseen: int


def shown_to(access: Access, holdings: Holdings) -> Shown:
    """Leads and administrators also reassign items they cannot see. Of those only the number is shown."""
    asked = [*(item.pk for item in holdings.recommendations), *(ask.recommendation_id for ask in holdings.asks)]
    mine = Q(pk__in=asked) | Q(actions__in=holdings.actions)
    visible = set(visible_recommendations(access).filter(mine).values_list("pk", flat=True))
    answered = set(Action.objects.filter(recommendations__in=visible).values_list("pk", flat=True))
    here = set(access.organisation_ids)
    seen = Holdings(
        [item for item in holdings.recommendations if item.pk in visible],
        [action for action in holdings.actions if action.pk in answered],
        [one for one in holdings.measures if access.sees_everything or one.organisation_id in here],
        [ask for ask in holdings.asks if ask.recommendation_id in visible],
    )
    return Shown(seen, holdings.count - seen.count)


def holders(access: Access) -> list[tuple[User, int]]:
    """People with open items where this person leads, and how many. A constant number of queries."""
    counts: Counter[int] = Counter()
    for rows, (column, _place) in zip(open_work(access), RESPONSIBLE, strict=True):
        named = rows.exclude(**{column: None}).order_by().values_list(column)
        counts.update(dict(named.annotate(Count("pk"))))
    people = User.objects.filter(pk__in=counts).order_by("name", "pk")[:100]
    return [(person, counts[person.pk]) for person in people]


def usual_place(person: User) -> Organisation:
    """The organisation whose people are suggested first to take over from this person."""
    role = Membership.objects.filter(user=person).select_related("organisation").order_by("-ends_on", "pk").first()
    return role.organisation if role else Organisation.objects.order_by("path").first() or Organisation()


def to_cover(person: User, on: datetime.date) -> list[Cover]:
    """Covers by this person: current ones first, then future ones."""
    return [*covered_by(person, on), *covering_later(person, on)]


def led_rows(people: UserQuerySet, on: datetime.date) -> list[tuple[User, Cover | None]]:
    """Each with the cover that holds or comes next; at most 200. Two queries."""
    found = list(people.active().order_by("name", "pk")[:200])
    covers = {one.person_id: one for one in reversed(Cover.objects.not_over(on).filter(person__in=found))}
    return [(person, covers.get(person.pk)) for person in found]


def cover_history(person: User) -> list[Entry]:
    """The history of their covers, newest first."""
    covers = list(Cover.objects.filter(person=person).values_list("pk", flat=True))
    events = Event.objects.filter(subject_type="cover", subject_id__in=covers)
    return entries_of(list(events.select_related("actor", "in_place_of", "why").newest_first()[:20]))


@dataclass(frozen=True)
class Passage:
    """A text or file on a recommendation's page that can be removed."""

    value: str
    where: str
    text: str
    by: str
    day: datetime.date

    def __str__(self) -> str:
        text = self.text if len(self.text) <= 400 else f"{self.text[:400]}…"
        return f"{self.where}, {self.by}, {format_date(self.day, 'j F Y')}: “{text}”"


def redactable_texts(item: Recommendation) -> list[Passage]:
    """All text and files on its page, each once, newest of each kind first."""
    places: dict[int, str] = {}
    for where, rows, columns in _written(item):
        for row in rows.values_list(*columns):
            for pk in row:
                if pk is not None:
                    places.setdefault(pk, where)
    words = FreeText.objects.exclude(text=REMOVED).select_related("written_by").in_bulk(places)
    found = []
    for pk, where in places.items():
        if (one := words.get(pk)) is not None:
            day = one.written_at.astimezone(settings.LONDON).date()
            found.append(Passage(f"{WORDS}{pk}", where, one.text, str(one.written_by), day))
    for file in item.evidence.filter(is_removed=False).select_related("author", "caption"):
        text = f"{file.name or file.link}: {file.caption}"
        found.append(Passage(f"{FILE}{file.pk}", _("Evidence file or link"), text, str(file.author), file.day))
    return found


def _written(item: Recommendation) -> list[tuple[str, QuerySet[Any], tuple[str, ...]]]:
    """The columns that point to text people wrote. Text printed in the report is not included."""
    reasons = ("response_reason", "response_part", "outlook_reason")
    measures = item.measure_links.values("measure")
    return [
        (_("Response or forecast"), Recommendation.objects.filter(pk=item.pk), reasons),
        (_("Update"), item.updates.order_by("-pk"), ("what_changed", "outlook_reason")),
        (_("Evidence caption"), item.evidence.order_by("-pk"), ("caption",)),
        (_("Action"), item.actions.order_by("-pk"), ("words", "done_by", "stuck_because")),
        (_("Request"), item.asks.order_by("-pk"), ("words", "answer")),
        (_("Comment"), item.comments.order_by("-pk"), ("words",)),
        (_("Check"), item.checks.order_by("-pk"), ("found",)),
        (_("Submission"), item.submissions.order_by("-pk"), ("statement", "decision")),
        (_("Extension request"), item.extensions.order_by("-pk"), ("reason", "decision")),
        (_("Caution on a figure"), Reading.objects.filter(measure__in=measures).order_by("-pk"), ("caution",)),
        (_("Reason in the history"), events_of(item).newest_first(), ("why",)),
    ]


def removals_waiting(access: Access) -> QuerySet[Removal]:
    """Removals that this person is asked to decide, oldest first."""
    return decidable_removals(access).select_related("recommendation__inspection", "asked_by").order_by("pk")


def removal_rows(access: Access) -> QuerySet[Removal]:
    """Waiting removals first, then decided ones; at most 200."""
    rows = visible_removals(access).select_related(
        "recommendation__inspection", "recommendation__addressee", "asked_by", "decided_by"
    )
    return rows.order_by(F("decided_on").desc(nulls_first=True), "-pk")[:200]


# Roles that need a successor.
FOLLOWED = (Membership.Role.LEAD, Membership.Role.REVIEWER, Membership.Role.INDEPENDENT)


def roles_nobody_else_holds(person: User, on: datetime.date) -> list[Membership]:
    """Roles as lead or reviewer that nobody else has at the same organisation."""
    active = Membership.objects.active(on)
    others = active.filter(role=OuterRef("role"), organisation=OuterRef("organisation")).exclude(user=person)
    return list(active.filter(~Exists(others), user=person, role__in=FOLLOWED).select_related("organisation"))


def roles_left_empty(access: Access, person: User) -> list[Membership]:
    """Roles as lead or reviewer that they had here and that nobody has today, each once."""
    holders = Membership.objects.active(access.on).filter(role=OuterRef("role"), organisation=OuterRef("organisation"))
    places = administered_organisations(access).current(access.on)
    rows = Membership.objects.filter(~Exists(holders), user=person, role__in=FOLLOWED, organisation__in=places)
    empty = {(role.organisation_id, role.role): role for role in rows.select_related("organisation").order_by("pk")}
    return sorted(empty.values(), key=lambda role: (role.organisation.path, role.role))


def left_unowned(person: User, roles: Iterable[Membership]) -> int:
    """The number of open items of a person whose `roles` of today let them own none."""
    may_own = any(role.role not in Membership.READ_ONLY for role in roles)
    return 0 if may_own else holdings_of(person).count


def role_requests_waiting(access: Access) -> list[RoleRequest]:
    """Requests that this person can confirm, oldest first. Without a role above the PDUs only administrators can."""
    if not can_administer(access) and all(held.kind == Organisation.Kind.PDU for held in access.held):
        return []
    rows = visible_role_requests(access).filter(state=RoleRequest.State.WAITING)
    rows = rows.select_related("user", "organisation", "asked_by").order_by("pk")[:100]
    return [one for one in rows if can_confirm_role(access, one)]


def role_request_rows(access: Access) -> QuerySet[RoleRequest]:
    """Open ones first, then the newest; at most 200."""
    is_over = Case(When(state__in=RoleRequest.OPEN, then=0), default=1)
    rows = visible_role_requests(access).select_related("user", "organisation", "asked_by", "confirmer", "decided_by")
    return rows.order_by(is_over, "-pk")[:200]


def open_role_requests(access: Access, person: User) -> QuerySet[RoleRequest]:
    rows = visible_role_requests(access).filter(user=person, state__in=RoleRequest.OPEN)
    return rows.select_related("organisation").order_by("pk")


def people_to_notify(request: RoleRequest, *, on: datetime.date) -> UserQuerySet:
    """Everybody with a say: who decides there or above, the leads there, and the people of the request.

    If nobody had to confirm it, also everybody who decides below.
    """
    above = Q(organisation__path__in=upwards(request.organisation.path), role__in=Membership.TWO_PERSON_ROLES)
    say = above | Q(organisation=request.organisation, role=Membership.Role.LEAD)
    if request.state == RoleRequest.State.GIVEN and request.decided_by_id is None:
        say |= Q(organisation__path__startswith=request.organisation.path, role__in=Membership.TWO_PERSON_ROLES)
    roles = Membership.objects.active(on).filter(say)
    parties = [pk for pk in (request.user_id, request.asked_by_id, request.confirmer_id) if pk]
    return User.objects.active().filter(Q(pk__in=roles.values("user")) | Q(pk__in=parties)).order_by("pk")


@dataclass(frozen=True)
class OpenAt:
    """What is still open at an organisation that is to end, as far as the person sees it."""

    items: list[Recommendation]
    actions: int
    asks: int
    measures: int
    plans: int
    reports: int
    roles: list[Membership]


def open_at(access: Access, organisation: Organisation) -> OpenAt:
    """Seven queries."""
    seen = may_be_seen(access, "inspection__")
    items = Recommendation.objects.unfinished().exclude_carried().filter(seen, addressee=organisation)
    asks = Ask.objects.filter(may_be_seen(access, "recommendation__inspection__"), asked_of=organisation)
    unsent = ActionPlan.objects.filter(seen, addressee=organisation).exclude(state=ActionPlan.State.SENT)
    measures = Measure.objects.current().filter(organisation=organisation, pk__in=published(access).values("pk"))
    roles = Membership.objects.active(access.on).filter(organisation=organisation).select_related("user")
    return OpenAt(
        items=list(items.select_related("inspection", "owner").order_by("inspection", "is_previous", "position")),
        actions=Action.objects.open().filter(seen, addressee=organisation).count(),
        asks=asks.filter(state__in=(Ask.State.OPEN, Ask.State.BY_A_DAY)).count(),
        measures=measures.count(),
        plans=unsent.count(),
        reports=organisation.inspections.filter(may_be_seen(access)).count(),
        roles=list(roles.order_by("role", "user__name")),
    )


def needs_successor(organisation: Organisation, on: datetime.date) -> bool:
    """Something is addressed to it, asked of it, measured or printed about it, or somebody has a role there."""
    unfinished = Recommendation.objects.unfinished().exclude_carried().filter(addressee=organisation)
    asks = Ask.objects.filter(asked_of=organisation, state__in=(Ask.State.OPEN, Ask.State.BY_A_DAY))
    rows = (
        Membership.objects.active(on).filter(organisation=organisation),
        organisation.inspections.all(),
        unfinished,
        ActionPlan.objects.filter(addressee=organisation).exclude(state=ActionPlan.State.SENT),
        Action.objects.open().filter(addressee=organisation),
        Measure.objects.current().filter(organisation=organisation),
        asks,
    )
    return any(one.exists() for one in rows)


def endings(access: Access) -> list[Succession]:
    """Ends that were not undone, of organisations that the person administers; the newest first."""
    rows = visible_endings(access).filter(undone_at=None)
    return list(rows.order_by("-pk")[:200])
