"""The overview: what is late, reported and verified, and what needs doing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.accounts.models import Organisation
from tracker.accounts.policies import Access, can_administer_organisation
from tracker.recommendations.ask.queries import AskRow, Asks, asks_seen
from tracker.recommendations.decision.policies import decides
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.listing.queries import Row, row_of
from tracker.recommendations.models import Ask, Outlook, Recommendation, RecommendationQuerySet, status_filters
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.task.line import line_of, short
from tracker.recommendations.task.queries import Waiting, decisions_waiting
from tracker.recommendations.task.roles import EmptyRole, empty_roles_seen
from tracker.reviews.queries.region import Figure, OrganisationRow, added, figure

WORST = 10
# The number of lines of a panel.
SHOWN = 5

# The first figure of a card is shown large.
CARDS: tuple[tuple[str, Any, dict[str, Any]], ...] = (
    (
        "late",
        gettext_lazy("Late"),
        {
            "overdue": gettext_lazy("overdue"),
            "slipped": gettext_lazy("past first due date"),
            "stale": format_lazy(gettext_lazy("no update for {days} days"), days=settings.STALE_DAYS),
        },
    ),
    (
        "claimed",
        gettext_lazy("Reported"),
        {
            "sufficient": gettext_lazy("reported as Sufficient progress"),
            "gap": gettext_lazy("reported higher than the last check"),
            "not_reported": gettext_lazy("not reported yet"),
        },
    ),
    (
        "proven",
        gettext_lazy("Signed off"),
        {
            "signed_off": gettext_lazy("signed off"),
            "checked": gettext_lazy("checked as Sufficient, not signed off"),
            "submitted": gettext_lazy("waiting for review"),
            "unsustained": gettext_lazy("signed off, not yet confirmed as sustained"),
        },
    ),
    (
        "lacking",
        gettext_lazy("Missing owner or date"),
        {"no_owner": gettext_lazy("without an owner"), "no_date": gettext_lazy("without a due date")},
    ),
)


@dataclass(frozen=True)
class Card:
    name: str
    title: str
    main: Figure
    others: list[Figure]


@dataclass(frozen=True)
class PanelLine:
    title: str
    url: str
    about: str = ""
    note: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Panel:
    """`count` of all, `lines` the first of them; `said` stands for the count where it says more."""

    name: str
    title: str
    count: int
    lines: list[PanelLine]
    empty: str
    url: str = ""
    url_words: str = ""
    said: str = ""
    # If the panel itself is the list.
    rest: list[PanelLine] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.lines) - len(self.rest)


@dataclass(frozen=True)
class Overview:
    total: int
    cards: list[Card]
    rows: list[OrganisationRow]
    worst: list[Row]
    panels: list[Panel]


def overview(
    access: Access, rows: list[OrganisationRow], items: RecommendationQuerySet, within: Organisation | None = None
) -> Overview:
    """`rows` are the matrix of `items`, which the person sees. A constant number of queries."""
    asked: dict[str, Any] = {"addressee": within.pk, "below": "on"} if within else {}
    counts = added(row.counts for row in rows)
    asks = asks_seen(access, items, most=SHOWN)
    return Overview(
        total=counts.get("total", 0),
        cards=[_card(name, title, figures, counts, asked) for name, title, figures in CARDS],
        rows=rows,
        worst=worst_rows(access, items),
        panels=[
            *([_decisions(access, within)] if decides(access) else []),
            _next(access, items, figure("late_next", "", counts, asked)),
            _roles(access, within),
            _asks("up", _("Requests to region or HMPPS"), asks["up"], asked),
            _asks("down", _("Requests to PDUs"), asks["down"], asked),
        ],
    )


def _card(name: str, title: object, figures: Mapping[str, object], counts: Mapping[str, int], asked: Any) -> Card:
    main, *others = (figure(one, label, counts, asked) for one, label in figures.items())
    return Card(name, str(title), main, others)


def worst_rows(access: Access, items: RecommendationQuerySet) -> list[Row]:
    """Longest overdue first."""
    overdue = items.overdue(on=access.on).for_rows(on=access.on).order_by("due_on", "pk")
    return [row_of(item, access) for item in with_findings(overdue, access)[:WORST]]


def _decisions(access: Access, within: Organisation | None) -> Panel:
    found = decisions_waiting(access, most=SHOWN, within=within)
    return Panel(
        "decisions",
        _("Waiting for your decision"),
        found.count,
        [_decision(access, one) for one in found.waiting],
        _("No decisions are waiting for you."),
        reverse("reviews:home") if found.count else "",
        _("All your tasks"),
    )


def _decision(access: Access, waiting: Waiting) -> PanelLine:
    line, days = line_of(waiting), max((access.on - waiting.since).days, 0)
    waited = ngettext("for %(n)s day", "for %(n)s days", days) % {"n": days} if days else _("since today")
    about = str(line.place)
    if waiting.item is not None and waiting.subject is not None:
        about = _("%(item)s, %(place)s") % {"item": waiting.item.title, "place": line.place}
    return PanelLine(line.title, line.url, about, waited)


def _next(access: Access, items: RecommendationQuerySet, counted: Figure) -> Panel:
    rows = items.filter(status_filters(access.on)["late_next"]).for_rows(on=access.on).order_by("due_on", "pk")
    return Panel(
        "next",
        _("Due soon or at risk"),
        counted.number,
        [_coming(item) for item in rows[:SHOWN]],
        _("Nothing is due in the next 14 days, at risk, or forecast to miss its due date."),
        counted.url,
        _("View as a list"),
    )


def _coming(item: Recommendation) -> PanelLine:
    due = _("due %(day)s") % {"day": item.due} if item.due else _("no due date")
    threatens = item.outlook in (Outlook.AT_RISK, Outlook.WILL_MISS)
    note = _("%(due)s, owner forecast: %(outlook)s") if threatens else _("%(due)s")
    words = note % {"due": due, "outlook": item.get_outlook_display().lower()}
    owner = _("no owner") if item.has_no_owner else str(item.owner)
    about = _("%(place)s, %(owner)s") % {"place": item.addressee, "owner": owner}
    return PanelLine(item.title, reverse("recommendations:detail", args=[item.pk]), about, words, threatens)


def _asks(name: str, title: str, found: Asks, asked: Mapping[str, Any]) -> Panel:
    url = f"{reverse('recommendations:asks')}?{urlencode({'which': 'seen', **asked})}#{name}"
    return Panel(
        f"asked-{name}",
        title,
        found.count,
        [_ask(row) for row in found.rows],
        _("No open requests."),
        url if found.count else "",
        _("All requests"),
        said=_("%(n)s of %(all)s not answered") % {"n": found.unanswered, "all": found.count} if found.count else "",
    )


def _ask(row: AskRow) -> PanelLine:
    ask = row.ask
    about = _("%(who)s asks %(whom)s") % {"who": ask.recommendation.addressee, "whom": ask.asked_of}
    if ask.state == Ask.State.BY_A_DAY and ask.promised_on:
        note = _("yes, by %(day)s") % {"day": format_date(ask.promised_on, "j F Y")}
    else:
        note = _("not answered, needed by %(day)s") % {"day": format_date(ask.wanted_on, "j F Y")}
    if row.days_overdue:
        late = ngettext("%(n)s day overdue", "%(n)s days overdue", row.days_overdue) % {"n": row.days_overdue}
        note = _("%(note)s: %(late)s") % {"note": note, "late": late}
    title = short(ask.words, 80) or str(_("Request"))
    url = reverse("recommendations:ask_page", args=[ask.pk])
    return PanelLine(title, url, about, note, row.days_overdue > 0)


def _roles(access: Access, within: Organisation | None) -> Panel:
    lines = [_role(access, one) for one in empty_roles_seen(access, within)]
    title, empty = _("Roles with nobody assigned"), _("Every role needed has someone assigned.")
    return Panel("roles", title, len(lines), lines[:SHOWN], empty, rest=lines[SHOWN:])


def _role(access: Access, lacking: EmptyRole) -> PanelLine:
    """Who may fill it is led there."""
    place, url = lacking.organisation, ""
    if can_administer_organisation(access, place):
        url = f"{reverse('people:add_person')}?{urlencode({'organisation': place.pk, 'role': lacking.role})}"
    return PanelLine(_("No %(role)s assigned") % {"role": lacking.name.lower()}, url, str(place))


def addressed_nationally(access: Access) -> list[Row]:
    """What is unfinished of what is addressed to the national service itself, whatever the report: next due first."""
    rows = (
        visible_recommendations(access)
        .exclude_carried()
        .unfinished()
        .filter(addressee__kind=Organisation.Kind.NATIONAL)
    )
    rows = rows.for_rows(on=access.on).select_related("inspection__organisation__parent")
    ordered = rows.order_by(F("due_on").asc(nulls_last=True), "pk")
    return [row_of(item, access) for item in with_findings(ordered, access)[:WORST]]
