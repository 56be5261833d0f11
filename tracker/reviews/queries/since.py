"""Changes since the end of a day, by kind: the recommendations, who, when, old and new value."""

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.accounts.models import Organisation, OrganisationQuerySet
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.inspections.models import Inspection
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.models import Recommendation, RecommendationQuerySet, went_down
from tracker.recommendations.recommendation.drafts import told_events
from tracker.recommendations.recommendation.policies import visible_inspections, visible_recommendations
from tracker.recommendations.timeline.queries import SHOWN, Entry, Line, entry_of, in_words, names_in
from tracker.reviews.queries.past_states import PastState, stand_now, states_on
from tracker.reviews.queries.region import first_day

# So far back it is looked where no day is chosen; of each kind so many are shown before the rest is asked for.
DAYS = 28
SHOWN_FIRST = 10
A_PAGE = 100
REPORTED = "recommendation.reported"
REOPENED = ("recommendation.reopened", "recommendation.not_sustained")
# A mistyped date is no date moved, and what is opened again gets a date of its own.
NOT_MOVED = ("recommendation.date_corrected", "recommendation.printed", *REOPENED)
Changes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Kind:
    """`columns` are those of which its rows say from what to what; `holds` says whether an event is one of the kind."""

    name: str
    title: Any
    columns: tuple[str, ...] = ()
    holds: Callable[[str, Changes], bool] = field(default=lambda _verb, _changes: False)


def _verb(*verbs: str) -> Callable[[str, Changes], bool]:
    return lambda verb, _changes: verb in verbs


def _reported(is_so: Callable[[str, str], bool]) -> Callable[[str, Changes], bool]:
    return lambda verb, changes: verb == REPORTED and "progress" in changes and is_so(*_pair(changes, "progress"))


def _pair(changes: Changes, column: str) -> tuple[str, str]:
    before, after = changes.get(column, ("", ""))
    return before or "", after or ""


def _went_up(before: str, after: str) -> bool:
    return bool(before) and not went_down(before, after)


def _is_later(verb: str, changes: Changes) -> bool:
    before, after = _pair(changes, "due_on")
    return bool(before) and after > before and verb not in NOT_MOVED


def _has_other_owner(verb: str, changes: Changes) -> bool:
    return "owner_id" in changes and changes["owner_id"][0] != changes["owner_id"][1] and verb not in NOT_MOVED


KINDS = (
    Kind("slipped", gettext_lazy("Past first due date")),
    Kind("overdue", gettext_lazy("Became overdue")),
    Kind("later", gettext_lazy("Due date moved later"), ("due_on",), _is_later),
    Kind("down", gettext_lazy("Downgraded"), ("progress",), _reported(went_down)),
    Kind("reopened", gettext_lazy("Reopened"), ("status", "due_on"), _verb(*REOPENED)),
    Kind("returned", gettext_lazy("Returned by a reviewer"), ("status",), _verb("recommendation.returned")),
    Kind("up", gettext_lazy("Upgraded"), ("progress",), _reported(_went_up)),
    Kind("first", gettext_lazy("First update"), ("progress",), _reported(lambda old, _new: not old)),
    Kind("checked", gettext_lazy("Checked by a reviewer"), ("checked_progress",), _verb("recommendation.checked")),
    Kind("submitted", gettext_lazy("Submitted for sign-off"), ("status",), _verb("recommendation.submitted")),
    Kind("withdrawn", gettext_lazy("Submission withdrawn"), ("status",), _verb("recommendation.withdrawn")),
    Kind("signed_off", gettext_lazy("Signed off"), ("status",), _verb("recommendation.signed_off")),
    Kind("closed", gettext_lazy("Closed without sign-off"), ("status",), _verb("recommendation.closed")),
    Kind("new", gettext_lazy("Newly added"), (), _verb("recommendation.printed")),
    Kind("owner", gettext_lazy("Owner changed"), ("owner_id",), _has_other_owner),
    Kind("evidence", gettext_lazy("Evidence added"), (), _verb("evidence.added")),
    Kind("answered", gettext_lazy("Requests answered"), (), _verb("ask.answered")),
)
VERBS = (
    *(REPORTED, *REOPENED, "recommendation.planned", "recommendation.extended", "recommendation.handed_over"),
    *("recommendation.checked", "recommendation.submitted", "recommendation.withdrawn", "recommendation.returned"),
    *("recommendation.signed_off", "recommendation.closed", "recommendation.printed", "recommendation.dates_fixed"),
    *("evidence.added", "ask.answered"),
)


@dataclass(frozen=True)
class Moved:
    """One recommendation in one kind, with its events of the kind; `said` where only a day passed."""

    item: Recommendation
    entries: list[Entry]
    said: str = ""


@dataclass(frozen=True)
class Part:
    """`count` of all recommendations of the kind, `rows` those shown; `start` is the place of the first of them."""

    name: str
    title: str
    count: int
    rows: list[Moved]
    start: int = 0

    @property
    def is_late(self) -> bool:
        return self.name in ("slipped", "overdue")

    @property
    def more(self) -> int:
        return max(self.count - len(self.rows), 0)

    @property
    def before(self) -> int:
        return max(self.start - A_PAGE, 0)

    @property
    def after(self) -> int:
        """Where the next page begins, or 0."""
        end = self.start + len(self.rows)
        return end if end < self.count else 0


def addressees(access: Access) -> OrganisationQuerySet:
    """The addressees of recommendations that the person can see."""
    rows = visible_recommendations(access).exclude_carried().order_by()
    return Organisation.objects.filter(pk__in=rows.values("addressee"))


def since(
    access: Access, day: datetime.date, place: Organisation | None = None, *, kind: str = "", start: int = 0
) -> list[Part]:
    """All kinds with the latest of each; or one of them, a page of it from `start` on. A constant number of queries."""
    rows = visible_recommendations(access).exclude_carried()
    if place is not None:
        rows = rows.filter(addressee=place)
    then = _seen_then(access, rows, day)
    found = _by_passing(access, rows, day, then) | _by_event(access, rows, day)
    wanted = [one for one in KINDS if kind in ("", one.name)]
    first, end = (start, start + A_PAGE) if kind else (0, SHOWN_FIRST)
    chosen = {one.name: list(found.get(one.name, {}).items())[first:end] for one in wanted}
    tell = _teller(access, rows, chosen, then)
    return [
        Part(
            name=one.name,
            title=str(one.title),
            count=len(found.get(one.name, {})),
            rows=[tell(one, pk, events) for pk, events in chosen[one.name]],
            start=first,
        )
        for one in wanted
    ]


Found = dict[str, dict[int, list[int]]]


def _seen_then(access: Access, rows: RecommendationQuerySet, day: datetime.date) -> dict[int, PastState]:
    """How they stood; without what was under embargo then for this person, which is new to them."""
    then = states_on(rows, day)
    end = datetime.datetime.combine(day, datetime.time.max, tzinfo=settings.LONDON)
    unseen = rows.exclude(may_be_seen(Access(access.user, day, end), "inspection__"))
    for pk in unseen.values_list("pk", flat=True):
        then.pop(pk, None)
    return then


def _by_passing(
    access: Access, rows: RecommendationQuerySet, day: datetime.date, then: Mapping[int, PastState]
) -> Found:
    """What became so by a day that passed, and what is new here: compared with how it stood."""
    now = stand_now(rows)
    late: dict[str, Callable[[PastState, datetime.date], bool]] = {
        "slipped": PastState.has_slipped,
        "overdue": PastState.is_overdue,
    }
    in_order = sorted(now, key=lambda pk: (now[pk].due_on or "", pk))
    found: Found = {}
    for name, is_late in late.items():
        were_late = {pk for pk, one in then.items() if is_late(one, day)}
        found[name] = {pk: [] for pk in in_order if is_late(now[pk], access.on) and pk not in were_late}
    return found | {"new": {pk: [] for pk in sorted(now, reverse=True) if pk not in then}}


def _by_event(access: Access, rows: RecommendationQuerySet, day: datetime.date) -> Found:
    """Events by kind and recommendation, the latest first."""
    events = Event.objects.filter(
        recommendation_id__in=rows.order_by().values("pk"), day__gt=day, day__lte=access.on, verb__in=VERBS
    )
    events = told_events(access, events)
    found: Found = {}
    for pk, about, verb, changes in events.newest_first().values_list("pk", "recommendation_id", "verb", "changes"):
        assert about is not None
        for kind in _kinds_of(verb, changes):
            found.setdefault(kind, {}).setdefault(about, []).append(pk)
    return found


def _kinds_of(verb: str, changes: Changes) -> Iterator[str]:
    return (kind.name for kind in KINDS if kind.name != "new" and kind.holds(verb, changes))


def _teller(
    access: Access,
    rows: RecommendationQuerySet,
    chosen: Mapping[str, Collection[tuple[int, list[int]]]],
    then: Mapping[int, PastState],
) -> Callable[[Kind, int, list[int]], Moved]:
    """Makes a row of what was chosen; all of its events, people and recommendations are fetched here, once."""
    events = Event.objects.select_related("actor", "in_place_of", "why").in_bulk(
        [pk for pairs in chosen.values() for _about, found in pairs for pk in found]
    )
    items = rows.select_related("inspection__organisation", "addressee").in_bulk(
        [about for pairs in chosen.values() for about, _found in pairs]
    )
    names = names_in(events.values())

    def tell(kind: Kind, about: int, found: list[int]) -> Moved:
        item = items[about]
        entries = [_narrowed(kind, events[pk], entry_of(events[pk], names)) for pk in found]
        return Moved(item, entries, _required_text(kind.name, item, access.on, then.get(about)))

    return tell


def _narrowed(kind: Kind, event: Event, entry: Entry) -> Entry:
    """Only the changes that belong to the kind."""
    wanted = [str(SHOWN[column]) for column in kind.columns]
    lines = [line for line in entry.lines if line.name in wanted]
    if kind.name == "checked" and not lines:
        found = in_words("checked_progress", event.after.get("checked_progress"), {})
        lines = [Line(wanted[0], found, found)]
    return replace(entry, lines=lines)


def _required_text(kind: str, item: Recommendation, on: datetime.date, then: PastState | None) -> str:
    if kind == "overdue":
        days = item.days_overdue(on)
        late = ngettext("overdue by %(days)s day", "overdue by %(days)s days", days) % {"days": days}
        return _("Due %(day)s, %(late)s") % {"day": item.due, "late": late}
    if kind == "slipped" and item.original_due_on is not None:
        return _slip(item, item.original_due_on, then)
    if kind == "new":
        loaded = format_date(item.inspection.loaded_on, "j F Y")
        words = {"published": item.inspection.published, "loaded": loaded}
        return _("Published %(published)s, loaded here %(loaded)s") % words
    return ""


def _slip(item: Recommendation, original: datetime.date, then: PastState | None) -> str:
    words = {"original": format_date(original, "j F Y"), "now": item.due}
    if then is None or then.original_due_on is None:
        return _("Originally due %(original)s, date confirmed later") % words
    if item.due_on != original:
        return _("Originally due %(original)s, now due %(now)s") % words
    return _("Originally due %(original)s") % words


@dataclass(frozen=True)
class SinceReport:
    """How many recommendations of a report changed since the end of `day`, by kind; kinds without any are left out."""

    inspection: Inspection
    day: datetime.date
    counts: list[tuple[Kind, int]]


def since_reports(access: Access, *, most: int = 3) -> list[SinceReport]:
    """For an inspector's Home: since each of the latest reports was published, or since the first record."""
    first = first_day()
    if first is None:
        return []
    reports = visible_inspections(access).select_related("organisation").order_by("-published_to", "-pk")
    found = []
    for inspection in reports[:most]:
        rows = visible_recommendations(access).exclude_carried().in_report(inspection)
        day = max(first, inspection.published_to)
        if day >= access.on:
            continue
        then = _seen_then(access, rows, day)
        kinds = _by_passing(access, rows, day, then) | _by_event(access, rows, day)
        counts = [(kind, len(kinds[kind.name])) for kind in KINDS if kinds.get(kind.name)]
        found.append(SinceReport(inspection, day, counts))
    return found
