"""The standards that recommendations belong to, and how often each was asked for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.policies import Access
from tracker.inspections.models import Rating
from tracker.recommendations.lineage.models import Lineage, StandardLink
from tracker.recommendations.lineage.policies import visible_lineage
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet


def standards_named(rows: RecommendationQuerySet) -> dict[str, str]:
    """By number, as the reports of these name it: "1.1 Leadership"; both names where two differ. One query."""
    rated = Rating.objects.filter(inspection=OuterRef("recommendation__inspection"), standard=OuterRef("standard"))
    links = StandardLink.objects.filter(recommendation__in=rows.order_by().values("pk"))
    pairs = links.order_by().values_list("standard", Subquery(rated.values("name")[:1])).distinct()
    names: dict[str, set[str]] = {}
    for standard, name in pairs:
        names.setdefault(standard, set()).update([name] if name else [])
    return {one: f"{one} {' / '.join(sorted(names[one]))}".strip() for one in sorted(names, key=_in_order)}


def _in_order(standard: str) -> tuple[list[int], str]:
    """Sorts 1.10 after 1.9."""
    return [int(number) for number in re.findall(r"[0-9]+", standard)], standard


@dataclass(frozen=True)
class Asked:
    """On how many occasions it was asked for, as far as is known, itself among them; `chain` are the earlier ones.

    `first` is the year of the first. `is_before` where that was some time before.
    """

    times: int
    first: int
    is_before: bool
    chain: list[int] = field(default_factory=list)

    @property
    def words(self) -> str:
        """ "Recommended 3 times since 2019"; "Recommended twice, first before 2022"."""
        times = ngettext("Recommended once", "Recommended %(n)s times", self.times) % {"n": self.times}
        if self.times == 2:
            times = _("Recommended twice")
        if self.is_before:
            return _("%(times)s, first before %(year)s") % {"times": times, "year": self.first}
        return _("%(times)s since %(year)s") % {"times": times, "year": self.first}


def asked_again(access: Access, rows: RecommendationQuerySet) -> dict[int, Asked]:
    """By id, those of the rows that were asked for more than once. Three queries, however long the chains are.

    Counted are the reports that print it or what it repeats by a confirmed link, and the years in which reports that
    are not held here asked for it.
    """
    earlier: dict[int, list[int]] = {}
    links = visible_lineage(access).filter(state=Lineage.State.CONFIRMED).order_by("pk")
    for later, before in links.values_list("later", "earlier"):
        earlier.setdefault(later, []).append(before)
    wanted = set(rows.order_by().values_list("pk", flat=True))
    held = Recommendation.objects.select_related("inspection").only("is_previous", "asked_before", "inspection")
    alone = rows.order_by().exclude(asked_before="") | rows.order_by().filter(is_previous=True)
    ends = links.order_by().values
    told = Q(pk__in=ends("later")) | Q(pk__in=ends("earlier")) | Q(pk__in=alone.values("pk"))
    known = {item.pk: item for item in held.filter(told).order_by()}
    found = {pk: _asked(pk, _chain(pk, earlier), known) for pk in wanted if pk in known}
    return {pk: one for pk, one in found.items() if one.times > 1}


def _chain(pk: int, earlier: Mapping[int, list[int]]) -> list[int]:
    """What it repeats, and what that repeats in turn, each once."""
    chain, here = [pk], 0
    while here < len(chain):
        chain += [one for one in earlier.get(chain[here], ()) if one not in chain]
        here += 1
    return chain[1:]


def _asked(pk: int, chain: list[int], known: Mapping[int, Recommendation]) -> Asked:
    items = [known[one] for one in (pk, *chain)]
    printed = {item.inspection_id: item.inspection.published_to.year for item in items if not item.is_previous}
    elsewhere = years_before(items) - set(printed.values())
    # One that an annexe carries over was asked for before that report; when, is not always said.
    some_time = [item.inspection.published_to.year for item in items if item.is_previous and not item.asked_before]
    years = [*printed.values(), *elsewhere]
    is_before = bool(some_time) and min(some_time) <= min(years, default=min(some_time))
    first = min([*years, *some_time])
    return Asked(len(printed) + len(elsewhere) + len(some_time), first, is_before, chain)


def years_before(items: Iterable[Recommendation]) -> set[int]:
    return {int(year) for item in items for year in re.findall(r"[0-9]{4}", item.asked_before)}
