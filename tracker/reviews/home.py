"""Home: a person's tasks by kind, each with a link to the page where it is done."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy

from tracker.accounts.policies import Access
from tracker.recommendations.task.delegation import instead_of
from tracker.recommendations.task.line import Line, line_of
from tracker.recommendations.task.queries import Reason, Waiting


@dataclass(frozen=True)
class HomeSection:
    """`mark` is what each row shows beside its title."""

    heading: str
    mark: str
    items: list[Line]


# Most urgent first.
SECTIONS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (gettext_lazy("Overdue"), "overdue", (Reason.OVERDUE, Reason.OVERDUE_HERE)),
    (gettext_lazy("Actions overdue"), "", (Reason.ACTION_OVERDUE, Reason.ACTION_OVERDUE_HERE)),
    (gettext_lazy("Returned to you"), "returned", (Reason.RETURNED,)),
    (gettext_lazy("Waiting for your decision"), "decide", (Reason.TO_DECIDE, Reason.EXTENSION, Reason.PLAN_TO_CLEAR)),
    (gettext_lazy("Requests to answer"), "", (Reason.ASKED,)),
    (gettext_lazy("Overdue by 28 days or more in your organisations"), "overdue", (Reason.ESCALATED,)),
    (gettext_lazy("Due in the next 14 days"), "due", (Reason.DUE_SOON,)),
    (gettext_lazy("Actions due in the next 14 days"), "", (Reason.ACTION_DUE_SOON,)),
    (gettext_lazy("Action plans due to HMPPS"), "", (Reason.PLAN_DUE,)),
    (gettext_lazy("At risk"), "risk", (Reason.AT_RISK,)),
    (gettext_lazy("Figures to supply"), "", (Reason.FIGURE,)),
    (gettext_lazy("Missing owner or due date"), "unplanned", (Reason.UNPLANNED, Reason.ACTION_UNOWNED)),
    (gettext_lazy("Work of people who have left"), "", (Reason.LEFT,)),
    (gettext_lazy("Roles with nobody assigned"), "", (Reason.EMPTY_ROLE,)),
    (gettext_lazy("Your overdue requests"), "", (Reason.UNANSWERED,)),
    (gettext_lazy("Overdue from region or HMPPS"), "overdue", (Reason.PROMISED,)),
    (gettext_lazy("Possible repeats to confirm"), "", (Reason.LINEAGE,)),
    (gettext_lazy("Signed off 3 months ago: confirm it is sustained"), "sustained", (Reason.SUSTAINED,)),
)


def home_sections(access: Access, waiting: list[Waiting]) -> list[HomeSection]:
    """Every task once, grouped by kind. Empty kinds are left out."""
    found = [
        HomeSection(str(heading), mark, [_line(access, one) for one in waiting if one.reason in reasons])
        for heading, mark, reasons in SECTIONS
    ]
    return [section for section in found if section.items]


def _line(access: Access, waiting: Waiting) -> Line:
    """A task with the name of the person it is covered for."""
    covered = instead_of(access, waiting)
    return replace(line_of(waiting), instead_of=covered.name) if covered else line_of(waiting)
