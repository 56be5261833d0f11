"""A list of recommendations: which rows, in which order, what each shows, and the counts above them."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import Access
from tracker.inspections.models import Inspection
from tracker.recommendations.finding.models import Finding
from tracker.recommendations.finding.queries import with_findings
from tracker.recommendations.lineage.models import StandardLink
from tracker.recommendations.lineage.standards import standards_named
from tracker.recommendations.listing.assurance import fell, moved
from tracker.recommendations.listing.forms import FILTERED, FilterForm
from tracker.recommendations.recommendation.drafts import without_return
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.policies import can_change, visible_recommendations
from tracker.recommendations.recommendation.status_filters import REVIEW_DAYS, aged, status_filters
from tracker.web.paging import By, Page, page_of

ORDERS: dict[str, tuple[Any, tuple[By, ...]]] = {
    "due": (_("Due date"), (By("due_on", nullable=True), By("id"))),
    "number": (
        _("Report and number"),
        (By("inspection_id", descending=True), By("is_previous"), By("position"), By("id")),
    ),
    "reported": (_("Last update"), (By("reported_on", descending=True, nullable=True), By("id"))),
}


@dataclass(frozen=True)
class Row:
    """What one row shows. Permissions are decided here, not in the template."""

    item: Recommendation
    days_overdue: int
    has_no_owner: bool
    has_slipped: bool
    can_change: bool
    finding: Finding | None
    days_in_review: int
    is_late_in_review: bool


def row_of(item: Recommendation, access: Access) -> Row:
    """`item` comes with its findings fetched."""
    without_return(access, item)
    findings = list(item.findings.all())
    is_open = item.status == Recommendation.Status.OPEN
    in_review = item.working_days_in_review(access.on) if item.status == Recommendation.Status.SUBMITTED else 0
    return Row(
        item=item,
        days_overdue=item.days_overdue(access.on),
        has_no_owner=item.has_no_owner,
        # Shown as overdue instead.
        has_slipped=item.has_slipped(access.on) and not item.days_overdue(access.on),
        can_change=is_open and can_change(access, item),
        finding=findings[-1] if findings else None,
        days_in_review=in_review,
        is_late_in_review=in_review > REVIEW_DAYS,
    )


class RecommendationList:
    """The rows that one person sees of one inspection (or of all), as the filter in the address asks for."""

    def __init__(self, access: Access, params: QueryDict, inspection: Inspection | None = None) -> None:
        self.access = access
        self.params = params
        self.inspection = inspection
        self.seen = visible_recommendations(access)
        if inspection is not None:
            self.seen = self.seen.in_report(inspection)
        here = self.seen.order_by()
        self.form = FilterForm(
            params,
            addressees=Organisation.objects.filter(
                # And those above them: asked for with all below.
                Q(pk__in=here.values("addressee")) | Q(pk__in=here.values("addressee__parent"))
            ),
            owners=User.objects.filter(pk__in=here.values("owner")),
            standards=lambda: standards_named(self.seen),
            sees_drafts=access.sees_drafts,
        )
        self.rows = filtered(self.seen, self.form.cleaned_data, access)

    @property
    def sort(self) -> str:
        asked = self.params.get("sort", "")
        return asked if asked in ORDERS else "due"

    def counts(self) -> dict[str, int]:
        """Of the rows shown: how many there are, and how many of them are late or lack something. One query."""
        return counts_of(self.rows.exclude_carried(), on=self.access.on)

    def page(self) -> Page[Recommendation]:
        rows = with_findings(self.rows.exclude_carried().for_rows(on=self.access.on), self.access)
        return page_of(rows, ORDERS[self.sort][1], cursor=self.params.get("page", ""))

    def whole(self) -> list[Row]:
        """All of one inspection, also those carried by a later one: a report has some dozens at the most."""
        rows = with_findings(self.rows.for_rows(on=self.access.on), self.access).order_by(
            "is_previous", "position", "pk"
        )
        return [row_of(item, self.access) for item in rows]


def filtered(rows: RecommendationQuerySet, wanted: Mapping[str, Any], access: Access) -> RecommendationQuerySet:
    """`wanted` is FilterForm's cleaned data; what is missing or empty asks for nothing."""
    for word in str(wanted.get("q") or "").split():
        rows = rows.filter(text__icontains=word)
    if addressee := wanted.get("addressee"):
        rows = rows.within(addressee) if wanted.get("below") else rows.filter(addressee=addressee)
    if wanted.get("owner"):
        rows = rows.filter(owner=wanted["owner"])
    for field in FILTERED:
        if value := wanted.get(field.column):
            rows = rows.filter(**{field.column: "" if value == FilterForm.NOT_REPORTED else value})
    if standard := wanted.get("standard"):
        named = StandardLink.objects.values("recommendation")
        is_none = standard == FilterForm.NONE_NAMED
        rows = rows.exclude(pk__in=named) if is_none else rows.filter(pk__in=named.filter(standard=standard))
    if late := wanted.get("late"):
        rows = rows.filter(aged(access.on)[late])
    conditions = status_filters(access.on) | {"mine": Q(owner=access.user), "went_down": fell(), "moved": moved(access)}
    for mark in wanted.get("mark") or ():
        rows = rows.filter(conditions[mark])
    return rows


def counts_of(rows: RecommendationQuerySet, *, on: datetime.date) -> dict[str, int]:
    figures = {name: Count("pk", filter=condition) for name, condition in status_filters(on).items()}
    return rows.order_by().aggregate(all=Count("pk"), **figures)
