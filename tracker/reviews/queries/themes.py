"""Recommendations across inspections by standard, and repeat recommendations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.lineage.queries import before_in_words
from tracker.recommendations.lineage.standards import Asked, asked_again, standards_named
from tracker.recommendations.listing.forms import FilterForm
from tracker.recommendations.models import Recommendation, SaidBy, StandardLink, status_filters
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.reviews.queries.region import Figure

A_PAGE = 50
MARKS = ("open", "overdue", "signed_off")


@dataclass(frozen=True)
class Theme:
    """One standard; `printed` of its recommendations were named by the report, the others by us."""

    standard: str
    name: str
    total: Figure
    figures: list[Figure]
    again: Figure
    printed: int
    ours: int


@dataclass(frozen=True)
class Again:
    """One that was asked for more than once. `before` says when, and how it stood at the last inspection."""

    item: Recommendation
    words: str
    before: str
    standards: list[str]


@dataclass(frozen=True)
class Themes:
    """`again` are those shown of the `count` that were asked for more than once, of one standard or of all."""

    rows: list[Theme]
    all: int
    again: list[Again]
    count: int
    of: str
    start: int

    @property
    def before(self) -> int:
        return max(self.start - A_PAGE, 0)

    @property
    def after(self) -> int:
        """Where the next page begins, or 0."""
        end = self.start + len(self.again)
        return end if end < self.count else 0


def themes(access: Access, *, standard: str = "", start: int = 0) -> Themes:
    """A constant number of queries. `standard` narrows what was asked for more than once."""
    seen = visible_recommendations(access).exclude_carried()
    names, asked, linked = standards_named(seen), asked_again(access, seen), _links(access)
    again = {one: [pk for pk in asked if one in linked.get(pk, ())] for one in names} | {
        FilterForm.NONE_NAMED: [pk for pk in asked if pk not in linked]
    }
    rows = _rows(access, names, {one: len(found) for one, found in again.items()})
    chosen = again.get(standard, []) if standard else list(asked)
    in_order = sorted(chosen, key=lambda pk: (-asked[pk].times, asked[pk].first, pk))
    return Themes(
        rows=rows,
        all=seen.count(),
        again=_told(access, in_order[start : start + A_PAGE], asked, linked, names),
        count=len(chosen),
        of=names.get(standard, _none_named()) if standard else "",
        start=start,
    )


def _none_named() -> str:
    return _("No standard named")


def _links(access: Access) -> dict[int, list[str]]:
    """The standards of each recommendation by id, in order."""
    seen = visible_recommendations(access).exclude_carried().order_by().values("pk")
    found: dict[int, list[str]] = {}
    links = StandardLink.objects.filter(recommendation__in=seen).order_by("standard", "pk")
    for pk, standard in links.values_list("recommendation", "standard"):
        found.setdefault(pk, []).append(standard)
    return found


def _rows(access: Access, names: Mapping[str, str], again: Mapping[str, int]) -> list[Theme]:
    marks, rows = status_filters(access.on), visible_recommendations(access).exclude_carried().order_by()
    counted: dict[str | None, Mapping[str, Any]] = {
        row["standards__standard"]: row
        for row in rows.values("standards__standard").annotate(
            total=Count("pk"),
            printed=Count("pk", filter=Q(standards__said_by=SaidBy.REPORT)),
            **{name: Count("pk", filter=marks[name]) for name in MARKS},
        )
    }
    found = [_theme(one, name, counted[one], again[one]) for one, name in names.items()]
    if None in counted:
        found.append(_theme(FilterForm.NONE_NAMED, _none_named(), counted[None], again[FilterForm.NONE_NAMED]))
    return found


def _theme(standard: str, name: str, counts: Mapping[str, Any], again: int) -> Theme:
    def figure(key: str, label: str, **wanted: str) -> Figure:
        query = urlencode({"standard": standard, **wanted})
        return Figure(key, label, counts[key], f"{reverse('recommendations:list')}?{query}")

    labels = {"open": _("Open"), "overdue": _("Overdue"), "signed_off": _("Signed off")}
    return Theme(
        standard=standard,
        name=name,
        total=figure("total", _("All")),
        figures=[figure(mark, labels[mark], mark=mark) for mark in MARKS],
        again=Figure("again", _("Recommended more than once"), again, f"?{urlencode({'standard': standard})}#again"),
        printed=counts["printed"],
        ours=0 if standard == FilterForm.NONE_NAMED else counts["total"] - counts["printed"],
    )


def _told(
    access: Access,
    pks: list[int],
    asked: Mapping[int, Asked],
    linked: Mapping[int, list[str]],
    names: Mapping[str, str],
) -> list[Again]:
    wanted = {one for pk in pks for one in (pk, *asked[pk].chain)}
    rows = Recommendation.objects.select_related("inspection__organisation", "addressee", "owner")
    items = with_findings(rows, access).in_bulk(list(wanted))
    return [
        Again(
            item=items[pk],
            words=asked[pk].words,
            before=before_in_words(items[one] for one in (asked[pk].chain or [pk])),
            standards=[names[one] for one in linked.get(pk, ())],
        )
        for pk in pks
    ]
