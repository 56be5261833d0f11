"""The meeting pack of an organisation and a day."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import Access
from tracker.exchange.queries.blocks import Block, Chart, Facts, Heading, Table, Text, readable
from tracker.exchange.queries.dossier import day_in_words, dossiers
from tracker.exchange.queries.item import item_blocks
from tracker.exchange.queries.scope import MARKS, Figures, Group, figures, groups, in_scope, reports
from tracker.inspections.models import Inspection
from tracker.recommendations.ask.queries import UNFINISHED
from tracker.recommendations.models import Ask, Extension, Recommendation, RecommendationQuerySet, status_filters
from tracker.recommendations.recommendation.drafts import answered_asks, decided_extensions

# Rows of each list in the summary. All are with their recommendations.
LISTED = 25
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


@dataclass(frozen=True)
class Pack:
    """`head` is the summary, of a fixed length. The recommendations of `groups` follow in chunks."""

    title: str
    organisation: Organisation
    on: datetime.date
    head: list[Block]
    groups: list[Group]
    inspections: list[int]

    @property
    def pks(self) -> list[int]:
        return [pk for group in self.groups for pk in group.pks]


def title_of(organisation: Organisation) -> str:
    return _("Meeting pack: %(name)s") % {"name": organisation}


def pack(access: Access, organisation: Organisation, *, by: User, at: datetime.datetime, is_past: bool) -> Pack:
    """The pack that `access` can see on its day. `at` is when it is made, `by` is for whom."""
    found, counted = groups(access, organisation), figures(access, organisation)
    seen = reports(access, organisation)
    total = sum(len(group.pks) for group in found)
    head = [
        *_front(access, organisation, by, at, is_past),
        *_reports(seen, access.on),
        *_summary(counted, organisation, total),
        *_late(access, organisation),
        *_waiting(access, organisation),
        *_asks(access, organisation),
    ]
    printed = in_scope(access, organisation).order_by().values_list("inspection", flat=True).distinct()
    holds = sorted({*printed, *(one.pk for one in seen)})
    return Pack(title_of(organisation), organisation, access.on, list(readable(head)), found, holds)


def body(access: Access, found: Pack, pks: Sequence[int]) -> list[Block]:
    """Blocks of some of its recommendations. The first of a group follows the group's name."""
    begins = {group.pks[0]: group for group in found.groups}
    blocks: list[Block] = []
    for one in dossiers(access, pks):
        if one.pk in begins:
            blocks += _group(begins[one.pk])
        blocks += item_blocks(one)
    return list(readable(blocks))


def _group(group: Group) -> list[Block]:
    blocks: list[Block] = [Heading(f"{group.name} ({len(group.pks)})", 2, new_page=True)]
    return [*blocks, Text(group.words)] if group.words else blocks


def closing() -> list[Block]:
    words = _(
        "Contains public sector information from HM Inspectorate of Probation, licensed under the %(name)s (%(url)s)."
    )
    return [Text(words % {"name": "Open Government Licence v3.0", "url": LICENCE}, "small")]


def _front(access: Access, organisation: Organisation, by: User, at: datetime.datetime, is_past: bool) -> list[Block]:
    day = day_in_words(access.on)
    as_at = _("%(day)s (end of day)") % {"day": day} if is_past else day
    made = _("%(when)s, for %(name)s, with what they have access to") % {
        "when": format_date(at.astimezone(settings.LONDON), "j F Y, H:i"),
        "name": by.name,
    }
    return [Heading(title_of(organisation), 1), Facts(((_("As at"), as_at), (_("Created"), made)))]


def _reports(seen: Sequence[Inspection], on: datetime.date) -> list[Block]:
    if not seen:
        return [Text(_("Not inspected: there is no inspection of this organisation in the tracker."))]
    rows = tuple(
        (
            str(one),
            one.published,
            str(one.months_since(on)),
            one.overall_rating or _("no rating"),
            f"{one.score} of {one.max_score}" if one.score is not None and one.max_score else "-",
        )
        for one in seen[:LISTED]
    )
    head = (_("Report"), _("Published"), _("Months since"), _("Overall rating"), _("Score"))
    return [Table(_("Inspections"), head, rows, (38, 18, 14, 18, 12))]


def _summary(counted: Sequence[Figures], organisation: Organisation, total: int) -> list[Block]:
    blocks: list[Block] = [Heading(_("Summary"), 2)]
    if not total:
        return [*blocks, Text(_("There are no recommendations to this organisation or in reports on it."))]
    own = sum(one.total for one in counted)
    said = ngettext(
        "%(n)s recommendation is addressed to %(name)s", "%(n)s recommendations are addressed to %(name)s", own
    )
    words = said % {"n": own, "name": organisation}
    if total > own:
        words += ", " + _("and %(n)s to its region or HMPPS in reports on it") % {"n": total - own}
    blocks.append(Text(words + "."))
    if len(counted) > 1:
        head = (_("Organisation"), _("All"), *(str(MARKS[name]) for name in SHORT))
        rows = tuple(
            (str(one.organisation), str(one.total), *(str(one.marks[name]) for name in SHORT)) for one in counted
        )
        blocks.append(Table(_("Recommendations to each organisation"), head, rows, (32, 8, 12, 12, 12, 12, 12)))
    elif counted:
        marks = counted[0].marks
        rows = tuple(
            (str(label), _("%(n)s of %(all)s") % {"n": marks[name], "all": own}) for name, label in MARKS.items()
        )
        blocks.append(Table(_("Status of recommendations"), (_("Figure"), _("Number")), rows, (70, 30)))
    if counted:
        blocks += [Chart(one.bar, is_first=n == 0) for n, one in enumerate(counted)]
    return blocks


# The length of text that fits in a row.
SHORT = ("overdue", "slipped", "no_owner", "submitted", "signed_off")


def _late(access: Access, organisation: Organisation) -> list[Block]:
    rows = in_scope(access, organisation).filter(status_filters(access.on)["overdue"])
    items, more = _some(rows.order_by("due_on", "pk"), access)
    blocks: list[Block] = [Heading(_("Overdue"), 2)]
    if not items:
        return [*blocks, Text(_("Nothing is overdue."))]
    table = tuple(
        (
            f"{item.title}: {_short(item.text)}",
            _owner(item),
            _due(item, access),
            _claim(item),
            _check(item),
        )
        for item in items
    )
    head = (_("Recommendation"), _("Owner"), _("Due"), _("Reported"), _("Checked"))
    return [*blocks, Table(_("Longest overdue first"), head, table, (32, 16, 16, 18, 18)), *_and_more(more)]


def _waiting(access: Access, organisation: Organisation) -> list[Block]:
    """Submissions and extension requests that wait for a decision."""
    rows = in_scope(access, organisation)
    items, more = _some(rows.filter(status_filters(access.on)["submitted"]).order_by("submitted_on", "pk"), access)
    asked = Extension.objects.filter(state=Extension.State.ASKED, recommendation__in=rows.open().values("pk"))
    asked = decided_extensions(access, asked)
    later = list(asked.select_related("recommendation", "asked_by", "reason").order_by("asked_at", "pk")[: LISTED + 1])
    blocks: list[Block] = [Heading(_("Waiting for a decision"), 2)]
    if not items and not later:
        return [*blocks, Text(_("Nothing is waiting for a decision."))]
    if items:
        table = tuple(
            (
                f"{item.title}: {_short(item.text)}",
                str(item.submitted_by),
                day_in_words(item.submitted_on),
                str(item.working_days_in_review(access.on)),
            )
            for item in items
        )
        head = (_("Recommendation"), _("Submitted by"), _("Date"), _("Working days"))
        blocks += [Table(_("Submitted for sign-off"), head, table, (48, 20, 18, 14)), *_and_more(more)]
    if later:
        dates = tuple(
            (str(one.recommendation.title), str(one.asked_by), one.before, one.after, str(one.reason))
            for one in later[:LISTED]
        )
        named = (_("Recommendation"), _("Requested by"), _("From"), _("To"), _("Reason"))
        blocks += [Table(_("Extensions requested"), named, dates, (22, 16, 16, 16, 30))]
        blocks += _and_more(len(later) - LISTED)
    return blocks


def _asks(access: Access, organisation: Organisation) -> list[Block]:
    rows = in_scope(access, organisation).open()
    found = Ask.objects.filter(state__in=UNFINISHED, recommendation__in=rows.values("pk"))
    found = answered_asks(access, found)
    asks = list(found.select_related("recommendation", "asked_of", "words").order_by("wanted_on", "pk")[: LISTED + 1])
    blocks: list[Block] = [Heading(_("Requests to others"), 2)]
    if not asks:
        return [*blocks, Text(_("No open requests."))]
    table = tuple(
        (
            str(one.words),
            str(one.recommendation.title),
            str(one.asked_of),
            day_in_words(one.wanted_on),
            _ask(one, access),
        )
        for one in asks[:LISTED]
    )
    head = (_("Request"), _("For"), _("To"), _("Needed by"), _("Status"))
    return [*blocks, Table(_("Open requests"), head, table, (28, 22, 18, 16, 16)), *_and_more(len(asks) - LISTED)]


def _ask(one: Ask, access: Access) -> str:
    late = one.days_overdue(access.on)
    said = str(one.get_state_display())
    if one.promised_on is not None:
        said = _("Promised by %(day)s") % {"day": day_in_words(one.promised_on)}
    return f"{said}, " + ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late} if late else said


def _some(rows: RecommendationQuerySet, access: Access) -> tuple[list[Recommendation], int]:
    """The first rows, and how many more there are."""
    found = list(rows.for_rows(on=access.on)[:LISTED])
    return found, max(rows.count() - LISTED, 0)


def _and_more(more: int) -> list[Block]:
    if more <= 0:
        return []
    return [Text(ngettext("%(n)s more below.", "%(n)s more below.", more) % {"n": more}, "small")]


def _short(text: str) -> str:
    said = text[:400].split()
    words = " ".join(said)[:90]
    return words if len(words) == len(" ".join(text[:400].split())) else words.rstrip(" ,.;") + "…"


def _owner(item: Recommendation) -> str:
    if item.owner is None:
        return _("No owner")
    return _("No owner (was %(name)s)") % {"name": item.owner} if item.has_no_owner else item.owner.name


def _due(item: Recommendation, access: Access) -> str:
    days = item.days_overdue(access.on)
    return f"{item.due}, " + ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days}


def _claim(item: Recommendation) -> str:
    if not item.progress:
        return _("Not reported")
    return f"{item.get_progress_display()}, {day_in_words(item.reported_on)}"


def _check(item: Recommendation) -> str:
    if not item.checked_progress:
        return _("Not checked")
    return f"{item.get_checked_progress_display()}, {day_in_words(item.checked_on)}"
