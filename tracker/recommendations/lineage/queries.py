"""What it repeats, is repeated by, carries or is carried by, as a part of its page and as what waits."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.inspections.policies import may_be_seen
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.lineage.policies import (
    can_carry,
    can_confirm_lineage,
    can_link_earlier,
    can_unlink_successor,
    visible_lineage,
)
from tracker.recommendations.lineage.standards import years_before
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.recommendation.status_filters import is_open

State = Lineage.State

# How many steps back earlier recommendations are followed.
DEPTH = 5


@dataclass(frozen=True)
class Earlier:
    """One that `item` of the page repeats, with those that it repeats in turn."""

    link: Lineage
    said: str
    findings: list[Finding]
    chain: list[Recommendation] = field(default_factory=list)
    can_confirm: bool = False


def section(access: Access, item: Recommendation) -> Section | None:
    is_live = item.status == Recommendation.Status.OPEN and item.carried_by_id is None
    can_link = is_live and can_link_earlier(access, item)
    rows = earlier_of(access, item)
    again = list(_linked(access).filter(earlier=item).exclude(state=State.REJECTED))
    carries = list(visible_recommendations(access).filter(carried_by=item).prefetch_related(_found("findings", access)))
    own = before_in_words([item]) if item.asked_before else ""
    if not (rows or again or carries or own or item.carried_by_id or can_link):
        return None
    return Section(
        name="lineage",
        title=_("Repeat recommendation"),
        summary=_summary(item, rows, own),
        data={
            "own": own,
            "rows": rows,
            "again": [(link, is_live and _may_be_carried(access, link)) for link in again],
            "carries": carries,
            "carrier_is_seen": _sees_carrier(access, item),
            "can_link": can_link,
            "can_let_go": item.carried_by_id is not None and can_unlink_successor(access, item),
        },
        is_open=bool(rows or item.carried_by_id),
    )


def _summary(item: Recommendation, rows: list[Earlier], own: str) -> str:
    if item.carried_by is not None:
        return _("Carried forward in %(title)s") % {"title": item.carried_by.title}
    return rows[0].said if rows else own


def _may_be_carried(access: Access, link: Lineage) -> bool:
    later = link.later
    is_open_there = later.status == Recommendation.Status.OPEN and later.carried_by_id is None
    return link.state == State.CONFIRMED and is_open_there and can_carry(access, link)


def _sees_carrier(access: Access, item: Recommendation) -> bool:
    if item.carried_by_id is None:
        return False
    return visible_recommendations(access).filter(pk=item.carried_by_id).exists()


def _linked(access: Access) -> QuerySet[Lineage]:
    people = ("earlier__addressee", "later__addressee", "decided_by")
    return visible_lineage(access).select_related(
        "earlier__inspection__organisation", "later__inspection__organisation", *people
    )


def _found(path: str, access: Access) -> "Prefetch[str, QuerySet[Finding], str]":
    """Findings in order, without those of reports that this person cannot see yet."""
    findings = Finding.objects.filter(may_be_seen(access, "inspection__")).select_related("inspection")
    return Prefetch(path, findings.order_by("inspection__published_to", "pk"))


def earlier_of(access: Access, item: Recommendation) -> list[Earlier]:
    """What it repeats, as far back as it is known. A query for each step back, whatever the number of rows."""
    rows = _linked(access).exclude(state=State.REJECTED).prefetch_related(_found("earlier__findings", access))
    steps: list[list[Lineage]] = []
    seen, here = {item.pk}, [item.pk]
    while here and len(steps) < DEPTH:
        found = [link for link in rows.filter(later__in=here) if link.earlier_id not in seen]
        here = [link.earlier_id for link in found]
        seen.update(here)
        if found:
            steps.append(found)
    links = [link for step in steps for link in step]
    return [_earlier(access, link, _chain(link, links)) for link in (steps[0] if steps else [])]


def _chain(link: Lineage, links: list[Lineage]) -> list[Recommendation]:
    chain, here = [link.earlier], {link.earlier_id}
    for other in links:
        if other.later_id in here:
            chain.append(other.earlier)
            here.add(other.earlier_id)
    return chain


def _earlier(access: Access, link: Lineage, chain: list[Recommendation]) -> Earlier:
    return Earlier(
        link=link,
        said=before_in_words(chain),
        findings=sorted(
            (finding for item in chain for finding in item.findings.all()),
            key=lambda finding: (finding.inspection.published_to, finding.pk),
        ),
        chain=chain,
        can_confirm=link.state == State.PROPOSED and can_confirm_lineage(access, link),
    )


def before_in_words(chain: Iterable[Recommendation]) -> str:
    """ "Asked for before, in 2019 and 2021: No progress in 2022", of recommendations that come with their findings."""
    items = list(chain)
    years = years_before(items)
    # A previous one was asked for before the report whose annexe prints it; in which year, it may not say.
    years |= {item.inspection.published_to.year for item in items if not item.is_previous}
    rated = [finding for item in items for finding in item.findings.all() if finding.progress_printed]
    said = _("Recommended before")
    if years:
        listed = get_text_list([str(year) for year in sorted(years)], _("and"))
        said = _("Recommended before, in %(years)s") % {"years": listed}
    if not rated:
        return said
    last = max(rated, key=lambda finding: (finding.inspection.published_to, finding.pk))
    year = last.inspection.published_to.year
    return _("%(said)s: %(progress)s in %(year)s") % {"said": said, "progress": last.progress_printed, "year": year}


def lineage_waiting(access: Access) -> list[Lineage]:
    """Links that this person has yet to confirm, as the lead of the later one. A constant number of queries."""
    if not access.led_ids:
        return []
    later = Recommendation.objects.filter(is_open(), addressee__in=access.led_ids)
    return list(_linked(access).filter(state=State.PROPOSED, later__in=later.values("pk")).order_by("later", "pk"))
