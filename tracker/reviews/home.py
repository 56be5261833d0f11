"""Home: what waits for a person, by kind, each with the link to where it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.measures.models import Measure
from tracker.recommendations.models import Action, ActionPlan, Ask, Extension, Lineage
from tracker.recommendations.queries.waiting import Reason, Waiting


@dataclass(frozen=True)
class Item:
    """One line: `badge` is a warning in words, `note` stands under it."""

    waiting: Waiting
    title: str
    words: str
    url: str
    badge: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """`mark` says what its rows show beside the title."""

    heading: str
    mark: str
    items: list[Item]


# In order of urgency.
SECTIONS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (gettext_lazy("Overdue"), "overdue", (Reason.OVERDUE, Reason.OVERDUE_HERE)),
    (gettext_lazy("Actions overdue"), "", (Reason.ACTION_OVERDUE, Reason.ACTION_OVERDUE_HERE)),
    (gettext_lazy("Returned to you"), "returned", (Reason.RETURNED,)),
    (gettext_lazy("Waiting for your decision"), "decide", (Reason.TO_DECIDE, Reason.EXTENSION, Reason.PLAN_TO_CLEAR)),
    (gettext_lazy("Asked of you"), "", (Reason.ASKED,)),
    (gettext_lazy("Overdue by 28 days or more, where you review"), "overdue", (Reason.ESCALATED,)),
    (gettext_lazy("Due in the next 14 days"), "due", (Reason.DUE_SOON,)),
    (gettext_lazy("Actions due in the next 14 days"), "", (Reason.ACTION_DUE_SOON,)),
    (gettext_lazy("Action plans due to HMPPS"), "", (Reason.PLAN_DUE,)),
    (gettext_lazy("At risk"), "risk", (Reason.AT_RISK,)),
    (gettext_lazy("Figures to supply"), "", (Reason.FIGURE,)),
    (gettext_lazy("Without an owner or a due date"), "unplanned", (Reason.UNPLANNED,)),
    (gettext_lazy("You asked, and nobody answered in time"), "", (Reason.UNANSWERED,)),
    (gettext_lazy("Promised to you by the levels above, and late"), "overdue", (Reason.PROMISED,)),
    (gettext_lazy("Does it repeat an earlier one?"), "", (Reason.LINEAGE,)),
    (gettext_lazy("Signed off three months ago: is it sustained?"), "sustained", (Reason.SUSTAINED,)),
)


def home_sections(waiting: list[Waiting]) -> list[Section]:
    """Everything that waits, each once; kinds without anything are left out."""
    found = [
        Section(str(heading), mark, [item_of(one) for one in waiting if one.reason in reasons])
        for heading, mark, reasons in SECTIONS
    ]
    return [section for section in found if section.items]


def item_of(waiting: Waiting) -> Item:
    for kind, make in KINDS.items():
        if isinstance(waiting.subject, kind):
            return make(waiting, waiting.subject)
    assert waiting.item is not None
    url = reverse("recommendations:detail", args=[waiting.item.pk])
    return Item(waiting, waiting.item.title, waiting.item.text, url)


def _late(days: int) -> str:
    if not days:
        return ""
    return ngettext("Overdue by %(n)s day", "Overdue by %(n)s days", days) % {"n": days}


def _day(label: str, day: Any) -> str:
    return label % {"day": format_date(day, "j F Y")}


def _action(waiting: Waiting, action: Action) -> Item:
    url = reverse("recommendations:action", args=[action.pk])
    note = _day(_("due %(day)s"), waiting.since)
    return Item(waiting, str(action.words), "", url, _late(waiting.days_overdue), note)


def _ask(waiting: Waiting, ask: Ask) -> Item:
    name = "answer" if waiting.reason == Reason.ASKED else "ask_page"
    url = reverse(f"recommendations:{name}", args=[ask.pk])
    return Item(
        waiting, str(ask.words), "", url, _late(waiting.days_overdue), _day(_("wanted by %(day)s"), ask.wanted_on)
    )


def _extension(waiting: Waiting, extension: Extension) -> Item:
    title = _day(_("A later due date is asked for: %(day)s"), extension.to_on)
    url = reverse("recommendations:decide_extension", args=[extension.pk])
    return Item(waiting, title, str(extension.reason), url, note=_day(_("asked %(day)s"), extension.day))


def _plan(waiting: Waiting, plan: ActionPlan) -> Item:
    title = _("Action plan of %(name)s") % {"name": plan.addressee}
    url = reverse("recommendations:plan", args=[plan.inspection_id, plan.addressee_id])
    if waiting.reason == Reason.PLAN_TO_CLEAR:
        return Item(waiting, title, str(plan.inspection), url, note=_("complete, to be cleared"))
    note = _day(_("due to HMPPS %(day)s"), waiting.since)
    return Item(waiting, title, str(plan.inspection), url, _late(waiting.days_overdue), note)


def _measure(waiting: Waiting, measure: Measure) -> Item:
    note = _day(_("last one as of %(day)s"), measure.last_as_of) if measure.last_as_of else _("none given yet")
    return Item(waiting, measure.name, "", reverse("recommendations:figures"), note=note)


def _lineage(waiting: Waiting, link: Lineage) -> Item:
    title = _("%(later)s may repeat %(earlier)s") % {"later": link.later.title, "earlier": link.earlier.title.lower()}
    return Item(waiting, title, link.earlier.text, reverse("recommendations:confirm_lineage", args=[link.pk]))


KINDS: dict[type, Callable[[Waiting, Any], Item]] = {
    Action: _action,
    Ask: _ask,
    Extension: _extension,
    ActionPlan: _plan,
    Measure: _measure,
    Lineage: _lineage,
}
