"""Fetches everything recorded about some recommendations in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Count, Prefetch, Q
from django.db.models.query import QuerySet

from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.models import Inspection
from tracker.inspections.policies import may_be_seen
from tracker.measures.models import Measure, Reading
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.models import (
    Action,
    Ask,
    Check,
    Comment,
    Evidence,
    Extension,
    Lineage,
    MeasureLink,
    Recommendation,
    Submission,
    Update,
)
from tracker.recommendations.recommendation.drafts import (
    accepted_submissions,
    answered_asks,
    decided_extensions,
    sent_with_plans,
    told_events,
    without_drafts,
)
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.queries import RATED_EARLY, covered_for
from tracker.recommendations.timeline.queries import TITLES, names_in

Row = TypeVar("Row")
# Verbs in the history of a recommendation. Meetings and comments are not part of it.
TOLD = tuple(
    verb
    for verb in TITLES
    if verb.partition(".")[0]
    in ("recommendation", "extension", "evidence", "action", "ask", "measure", "reading", "lineage", "removal")
)


@dataclass
class Material:
    """Rows of each kind by the id of their recommendation, newest first."""

    items: list[Recommendation]
    updates: dict[int, list[Update]]
    checks: dict[int, list[Check]]
    submissions: dict[int, list[Submission]]
    extensions: dict[int, list[Extension]]
    evidence: dict[int, list[Evidence]]
    asks: dict[int, list[Ask]]
    measures: dict[int, list[Measure]]
    earlier: dict[int, list[Recommendation]]
    internal_comments: dict[int, int]
    events: dict[int, list[Event]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)


def material(access: Access, pks: Sequence[int]) -> Material:
    """The visible recommendations of `pks`, in that order, with everything recorded about them."""
    rows = visible_recommendations(access).filter(pk__in=pks).for_rows(on=access.on)
    rows = rows.select_related(
        *("inspection__organisation", "addressee", "carried_by__inspection", "superseded_by", "owner", "reported_by"),
        *("checked_by", "submitted_by", "signed_off_by", "response_part", "response_reason", "outlook_reason"),
    )
    actions = sent_with_plans(access, Action.objects.order_by("pk"))
    actions = actions.select_related("words", "done_by", "owner", "stuck_because")
    rows = with_findings(rows, access).prefetch_related("standards", Prefetch("actions", actions))
    place = {pk: n for n, pk in enumerate(pks)}
    items = sorted(rows, key=lambda item: place[item.pk])
    without_drafts(access, items)
    extensions = Extension.objects.select_related("asked_by", "reason", "decided_by", "decision")
    found = Material(
        items=items,
        updates=_by_item(_updates(), items),
        checks=_by_item(_checks(), items),
        submissions=_by_item(accepted_submissions(access, _submissions()), items),
        extensions=_by_item(decided_extensions(access, extensions), items),
        evidence=_by_item(_evidence(), items),
        asks=_by_item(answered_asks(access, _asks()), items),
        measures=_measures(access, items),
        earlier=_earlier(access, items),
        internal_comments=_internal_comments(items),
    )
    _add_events(found, access)
    return found


def _updates() -> QuerySet[Update]:
    rows = Update.objects.select_related("author", "what_changed", "outlook_reason")
    return rows.annotate(covered_for=covered_for("what_changed")).order_by("-pk")


def _checks() -> QuerySet[Check]:
    return Check.objects.select_related("reviewer", "found").annotate(covered_for=covered_for("found")).order_by("-pk")


def _submissions() -> QuerySet[Submission]:
    rows = Submission.objects.select_related("submitted_by", "statement", "decided_by", "decision")
    return rows.annotate(submitted_for=covered_for("statement"), decided_for=covered_for("decision")).order_by("-pk")


def _evidence() -> QuerySet[Evidence]:
    return Evidence.objects.select_related("caption", "author", "withdrawn_by").order_by("-speaks_of", "-pk")


def _asks() -> QuerySet[Ask]:
    people = ("asked_of", "person", "asked_by", "answered_by")
    return Ask.objects.select_related("words", "answer", *people).order_by("-pk")


def _by_item(rows: QuerySet[Any], items: Sequence[Recommendation]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows.filter(recommendation__in=[item.pk for item in items]):
        found[row.recommendation_id].append(row)
    return found


def _measures(access: Access, items: Sequence[Recommendation]) -> dict[int, list[Measure]]:
    """Measures with their readings, without those of reports under embargo for the person."""
    links = MeasureLink.objects.filter(may_be_seen(access, "measure__inspection__"), recommendation__in=items)
    readings = Reading.objects.select_related("caution", "given_by").order_by("as_of", "pk")
    links = links.select_related("measure__inspection", "measure__supplier").order_by("measure")
    found: dict[int, list[Measure]] = defaultdict(list)
    for link in links.prefetch_related(Prefetch("measure__readings", readings)):
        found[link.recommendation_id].append(link.measure)
    return found


def _earlier(access: Access, items: Sequence[Recommendation]) -> dict[int, list[Recommendation]]:
    """The visible recommendations that each of them is confirmed to repeat."""
    links = Lineage.objects.filter(
        state=Lineage.State.CONFIRMED, later__in=items, earlier__in=visible_recommendations(access)
    )
    repeats = {(link.later_id, link.earlier_id) for link in links}
    rows = with_findings(Recommendation.objects.filter(pk__in={earlier for _later, earlier in repeats}), access)
    known = {one.pk: one for one in rows.select_related("inspection")}
    found: dict[int, list[Recommendation]] = defaultdict(list)
    for later, earlier in sorted(repeats):
        found[later].append(known[earlier])
    return found


def _internal_comments(items: Sequence[Recommendation]) -> dict[int, int]:
    rows = Comment.objects.filter(recommendation__in=items, is_internal=True).order_by()
    return dict(rows.values_list("recommendation").annotate(Count("pk")))


def _add_events(found: Material, access: Access) -> None:
    """Add the history, as `timeline.queries.history_of` gives it for one recommendation."""
    homes: dict[tuple[str, int], set[int]] = defaultdict(set)
    for item in found.items:
        for action in item.actions.all():
            homes["action", action.pk].add(item.pk)
        for measure in found.measures.get(item.pk, ()):
            homes["measure", measure.pk].add(item.pk)
            for reading in measure.readings.all():
                homes["reading", reading.pk].add(item.pk)
    about = Q(recommendation_id__in=[item.pk for item in found.items])
    for kind in ("action", "measure", "reading"):
        about |= Q(subject_type=kind, subject_id__in=[pk for one, pk in homes if one == kind])
    seen = Inspection.objects.filter(may_be_seen(access)).values("pk")
    loaded = Event.objects.filter(verb="inspection.published", subject_id__in=seen).values("operation_id")
    told = told_events(access, Event.objects.filter(about, verb__in=TOLD))
    rows = told.exclude(Q(verb=RATED_EARLY) & ~Q(operation_id__in=loaded))
    events = list(rows.select_related("actor", "in_place_of", "why").newest_first())
    mine = {item.pk for item in found.items}
    by_item: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        for pk in _homes_of(event, homes, mine):
            by_item[pk].append(event)
    found.events, found.names = by_item, names_in(events)


def _homes_of(event: Event, homes: dict[tuple[str, int], set[int]], mine: set[int]) -> Iterable[int]:
    here = set(homes.get((event.subject_type, event.subject_id), ()))
    if event.recommendation_id in mine and event.recommendation_id is not None:
        here.add(event.recommendation_id)
    return here
