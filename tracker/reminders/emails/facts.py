"""The details under an item of a digest: how late, due when, since when, and with whom."""

import datetime
from collections.abc import Callable

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.policies import Access
from tracker.measures.models import Measure
from tracker.recommendations.models import Action, Ask, Extension, Lineage, Recommendation, SaidBy
from tracker.recommendations.task.left import LeftWork
from tracker.recommendations.task.line import Line, short
from tracker.recommendations.task.queries import Reason, Waiting


def detail_line(line: Line, access: Access) -> str:
    """The details as short sentences on one line, the most important first."""
    waiting = line.waiting
    told = FACTS[waiting.reason](waiting, access)
    item = waiting.item
    if item is not None and waiting.subject is None:
        told += [_returned(item) if waiting.reason != Reason.RETURNED else "", _elsewhere(item), _owner(item, access)]
    elif item is not None and waiting.reason != Reason.LINEAGE:
        told.append(_("For %(title)s, %(place)s") % {"title": item.title, "place": short(item.inspection.organisation)})
    return ". ".join(filter(None, told)) + "."


def _day(day: datetime.date | None) -> str:
    return format_date(day, "j F Y") if day else ""


def _days_late(days: int) -> str:
    return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days}


def _waits(since: datetime.date | None, access: Access) -> str:
    days = (access.on - since).days if since else 0
    if not days:
        return _("Waiting since today")
    return ngettext("Waiting for %(n)s day", "Waiting for %(n)s days", days) % {"n": days}


def _returned(item: Recommendation) -> str:
    return _("Returned on %(day)s") % {"day": _day(item.returned_on)} if item.returned_on else ""


def _elsewhere(item: Recommendation) -> str:
    if item.addressee_id == item.inspection.organisation_id:
        return ""
    return _("Addressed to %(name)s") % {"name": short(item.addressee)}


def _owner(item: Recommendation, access: Access) -> str:
    if item.owner_id in access.owners:
        return ""
    if item.owner is None:
        return _("No owner")
    if getattr(item, "has_no_owner", False):
        return _("No owner (was %(name)s)") % {"name": short(item.owner, 100)}
    return _("Owner: %(name)s") % {"name": short(item.owner, 100)}


def due_of(thing: Recommendation | Action, label: str) -> str:
    """The due date, with the original date if it was changed."""
    due = format_date(thing.due_on, "F Y" if thing.due_is_month else "j F Y") if thing.due_on else ""
    if thing.original_due_on is None or thing.original_due_on == thing.due_on:
        return label % {"day": due}
    return _("%(due)s, originally %(day)s") % {"due": label % {"day": due}, "day": _day(thing.original_due_on)}


def _late(waiting: Waiting, access: Access) -> list[str]:
    thing = waiting.subject if isinstance(waiting.subject, Action) else waiting.recommendation
    return [f"{_days_late(waiting.days_overdue)} ({due_of(thing, _('due %(day)s'))})"]


def _action_late(waiting: Waiting, access: Access) -> list[str]:
    assert isinstance(waiting.subject, Action)
    owner = waiting.subject.owner
    if waiting.subject.owner_id in access.owners:
        return _late(waiting, access)
    named = _("Owner: %(name)s") % {"name": short(owner, 100)} if owner else _("No owner")
    return [*_late(waiting, access), named]


def _due(waiting: Waiting, access: Access) -> list[str]:
    thing = waiting.subject if isinstance(waiting.subject, Action) else waiting.recommendation
    told = due_of(thing, _("Due %(day)s"))
    return [_("Due today") if thing.due_on == access.on and "," not in told else told]


def _returned_here(waiting: Waiting, access: Access) -> list[str]:
    item = waiting.recommendation
    told = [_("Returned on %(day)s") % {"day": _day(item.returned_on)}]
    if not item.due_on:
        return told
    return [*told, *(_late(waiting, access) if waiting.days_overdue else [due_of(item, _("Due %(day)s"))])]


def _submitted(waiting: Waiting, access: Access) -> list[str]:
    item = waiting.recommendation
    submitted = _("submitted %(day)s") % {"day": _day(item.submitted_on)}
    told = [f"{_waits(item.submitted_on, access)} ({submitted})"]
    if item.days_late_when_submitted:
        told.append(_("%(late)s when submitted") % {"late": _days_late(item.days_late_when_submitted)})
    return told


def _extension(waiting: Waiting, access: Access) -> list[str]:
    assert isinstance(waiting.subject, Extension)
    now = _("Now due %(day)s") % {"day": waiting.recommendation.due}
    return [_waits(waiting.subject.day, access), now]


def _plan_to_clear(waiting: Waiting, access: Access) -> list[str]:
    return [_waits(waiting.since, access), _("Complete, to be approved before it goes to HMPPS")]


def _plan_due(waiting: Waiting, access: Access) -> list[str]:
    due = _("due to HMPPS %(day)s") % {"day": _day(waiting.since)}
    if waiting.days_overdue:
        return [f"{_days_late(waiting.days_overdue)} ({due})"]
    return [_("Due to HMPPS %(day)s") % {"day": _day(waiting.since)}]


def _ask(waiting: Waiting, access: Access) -> list[str]:
    ask = waiting.subject
    assert isinstance(ask, Ask)
    promised = ask.state == Ask.State.BY_A_DAY
    day = _("promised by %(day)s") if promised else _("needed by %(day)s")
    by = day % {"day": _day(ask.promised_on if promised else ask.wanted_on)}
    told = [f"{_days_late(waiting.days_overdue)} ({by})" if waiting.days_overdue else by[:1].upper() + by[1:]]
    if waiting.reason == Reason.ASKED:
        return [*told, _("Asked by %(name)s") % {"name": short(ask.asked_by, 100)}]
    return [*told, _("Request to %(name)s") % {"name": short(ask.asked_of)}]


def _at_risk(waiting: Waiting, access: Access) -> list[str]:
    item = waiting.recommendation
    return [str(item.get_outlook_display()), due_of(item, _("Due %(day)s")) if item.due_on else ""]


def _figure(waiting: Waiting, access: Access) -> list[str]:
    assert isinstance(waiting.subject, Measure)
    last = waiting.subject.last_as_of
    given = _("Last figure dated %(day)s") % {"day": _day(last)} if last else _("No figure yet")
    return [given, short(waiting.subject.organisation)]


def _unplanned(waiting: Waiting, access: Access) -> list[str]:
    return ["" if waiting.recommendation.due else _("No due date")]


def _action_unowned(waiting: Waiting, access: Access) -> list[str]:
    assert isinstance(waiting.subject, Action)
    return [_("No owner"), due_of(waiting.subject, _("Due %(day)s")) if waiting.subject.due_on else ""]


def _left(waiting: Waiting, access: Access) -> list[str]:
    assert isinstance(waiting.subject, LeftWork)
    count = waiting.subject.count
    items = ngettext("%(n)s open item", "%(n)s open items", count) % {"n": count}
    return [items, short(waiting.subject.place)]


def _role(waiting: Waiting, access: Access) -> list[str]:
    return [_("Recommendations need someone in this role")]


def _sustained(waiting: Waiting, access: Access) -> list[str]:
    return [_("Signed off on %(day)s") % {"day": _day(waiting.recommendation.signed_off_on)}]


def _lineage(waiting: Waiting, access: Access) -> list[str]:
    assert isinstance(waiting.subject, Lineage)
    ours = waiting.subject.said_by == SaidBy.OURS
    return [_("Our interpretation, to be confirmed") if ours else _("Stated in the report, to be confirmed")]


FACTS: dict[str, Callable[[Waiting, Access], list[str]]] = {
    Reason.OVERDUE: _late,
    Reason.OVERDUE_HERE: _late,
    Reason.ACTION_OVERDUE: _action_late,
    Reason.ACTION_OVERDUE_HERE: _action_late,
    Reason.RETURNED: _returned_here,
    Reason.TO_DECIDE: _submitted,
    Reason.EXTENSION: _extension,
    Reason.PLAN_TO_CLEAR: _plan_to_clear,
    Reason.ASKED: _ask,
    Reason.ESCALATED: _late,
    Reason.DUE_SOON: _due,
    Reason.ACTION_DUE_SOON: _due,
    Reason.ACTION_UNOWNED: _action_unowned,
    Reason.PLAN_DUE: _plan_due,
    Reason.AT_RISK: _at_risk,
    Reason.FIGURE: _figure,
    Reason.UNPLANNED: _unplanned,
    Reason.EMPTY_ROLE: _role,
    Reason.LEFT: _left,
    Reason.UNANSWERED: _ask,
    Reason.PROMISED: _late,
    Reason.LINEAGE: _lineage,
    Reason.SUSTAINED: _sustained,
}
