"""A task in one line, the same on Home and in the digest."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.models import Organisation
from tracker.measures.models import Measure
from tracker.recommendations.action.models import Action
from tracker.recommendations.ask.models import Ask
from tracker.recommendations.due.models import Extension
from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.plan.models import ActionPlan
from tracker.recommendations.task.left import LeftWork
from tracker.recommendations.task.queries import Reason, Waiting
from tracker.recommendations.task.roles import EmptyRole
from tracker.web.forms import clean_text

LONGEST = 140


@dataclass(frozen=True)
class Line:
    """`url` is where it is done; `badge` is a warning in words, `note` stands under it.

    `place` is the organisation that has to act, or that what waits belongs to.
    `instead_of` is whom the person covers for.
    """

    waiting: Waiting
    title: str
    words: str
    url: str
    place: Organisation
    badge: str = ""
    note: str = ""
    instead_of: str = ""


def line_of(waiting: Waiting) -> Line:
    for kind, make in KINDS.items():
        if isinstance(waiting.subject, kind):
            return make(waiting, waiting.subject)
    item = waiting.recommendation
    url = reverse("recommendations:detail", args=[item.pk])
    return Line(waiting, item.title, short(item.text), url, item.addressee)


def short(text: object, most: int = LONGEST) -> str:
    """Typed text, shortened to one line."""
    said = clean_text(str(text)[: most * 4], lines=False)
    if len(said) <= most:
        return said
    words = said[:most].rpartition(" ")[0]
    return (words if len(words) > most // 2 else said[: most - 1]).rstrip(" ,.;:") + "…"


def _late(days: int) -> str:
    if not days:
        return ""
    return ngettext("Overdue by %(n)s day", "Overdue by %(n)s days", days) % {"n": days}


def _day(label: str, day: datetime.date) -> str:
    return label % {"day": format_date(day, "j F Y")}


def _action(waiting: Waiting, action: Action) -> Line:
    url = reverse("recommendations:action", args=[action.pk])
    note = _day(_("due %(day)s"), action.due_on) if action.due_on else _("no due date")
    title = short(action.words) or _("Action")
    badge = _("No owner") if waiting.reason == Reason.ACTION_UNOWNED else _late(waiting.days_overdue)
    return Line(waiting, title, "", url, action.addressee, badge, note)


def _ask(waiting: Waiting, ask: Ask) -> Line:
    name = "answer" if waiting.reason == Reason.ASKED else "ask_page"
    url = reverse(f"recommendations:{name}", args=[ask.pk])
    note = _day(_("needed by %(day)s"), ask.wanted_on)
    title = short(ask.words) or _("Request")
    return Line(waiting, title, "", url, ask.recommendation.addressee, _late(waiting.days_overdue), note)


def _extension(waiting: Waiting, extension: Extension) -> Line:
    title = _day(_("Extension requested: %(day)s"), extension.to_on)
    url = reverse("recommendations:decide_extension", args=[extension.pk])
    note = _day(_("requested %(day)s"), extension.day)
    return Line(waiting, title, short(extension.reason), url, extension.recommendation.addressee, note=note)


def _plan(waiting: Waiting, plan: ActionPlan) -> Line:
    title = _("Action plan for %(name)s") % {"name": plan.addressee}
    url = reverse("recommendations:plan", args=[plan.inspection_id, plan.addressee_id])
    words = short(plan.inspection)
    if waiting.reason == Reason.PLAN_TO_CLEAR:
        return Line(waiting, title, words, url, plan.addressee, note=_("complete, to be approved"))
    note = _day(_("due to HMPPS %(day)s"), waiting.since)
    return Line(waiting, title, words, url, plan.addressee, _late(waiting.days_overdue), note)


def _measure(waiting: Waiting, measure: Measure) -> Line:
    note = _day(_("last figure %(day)s"), measure.last_as_of) if measure.last_as_of else _("no figure yet")
    title = short(measure.name) or _("Figure")
    return Line(waiting, title, "", reverse("recommendations:figures"), measure.organisation, note=note)


def _lineage(waiting: Waiting, link: Lineage) -> Line:
    title = _("%(later)s may repeat %(earlier)s") % {"later": link.later.title, "earlier": link.earlier.title.lower()}
    url = reverse("recommendations:confirm_lineage", args=[link.pk])
    return Line(waiting, title, short(link.earlier.text), url, link.later.addressee)


def _role(waiting: Waiting, empty: EmptyRole) -> Line:
    title = _("%(place)s: no %(role)s") % {"place": short(empty.organisation), "role": empty.name.lower()}
    asked = urlencode({"organisation": empty.organisation.pk, "role": empty.role})
    return Line(
        waiting,
        title,
        "",
        f"{reverse('people:add_person')}?{asked}",
        empty.organisation,
        note=_("needs someone in this role"),
    )


def _left(waiting: Waiting, left: LeftWork) -> Line:
    title = _("Reassign work of %(name)s") % {"name": short(left.person.name, 100)}
    url = reverse("people:hand_over_here", args=[left.person.pk])
    note = ngettext("%(n)s item", "%(n)s items", left.count) % {"n": left.count}
    return Line(waiting, title, "", url, left.place, note=note)


KINDS: dict[type, Callable[[Waiting, Any], Line]] = {
    Action: _action,
    Ask: _ask,
    Extension: _extension,
    ActionPlan: _plan,
    Measure: _measure,
    Lineage: _lineage,
    EmptyRole: _role,
    LeftWork: _left,
}
