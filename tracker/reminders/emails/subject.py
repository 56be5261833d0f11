"""The subject of a digest, short enough for the lock screen of a phone: the place, then the counts."""

from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

LONGEST = 70
# Sections that count as one figure share its name. In order of urgency, as the sections are.
FIGURES: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("overdue", "actions"), ngettext_lazy("%(n)s overdue", "%(n)s overdue", "n")),
    (("returned",), ngettext_lazy("%(n)s returned to you", "%(n)s returned to you", "n")),
    (("decide",), ngettext_lazy("%(n)s decision to make", "%(n)s decisions to make", "n")),
    (("ask",), ngettext_lazy("%(n)s request to answer", "%(n)s requests to answer", "n")),
    (("escalated",), ngettext_lazy("%(n)s overdue by 28 days or more", "%(n)s overdue by 28 days or more", "n")),
    (("due",), ngettext_lazy("%(n)s due this week", "%(n)s due this week", "n")),
    (("risk",), ngettext_lazy("%(n)s at risk", "%(n)s at risk", "n")),
    (("figure",), ngettext_lazy("%(n)s figure to supply", "%(n)s figures to supply", "n")),
    (("unplanned",), ngettext_lazy("%(n)s missing owner or date", "%(n)s missing owner or date", "n")),
    (("left",), ngettext_lazy("%(n)s leaver with work to reassign", "%(n)s leavers with work to reassign", "n")),
    (("role",), ngettext_lazy("%(n)s role to fill", "%(n)s roles to fill", "n")),
    (("unanswered",), ngettext_lazy("%(n)s of your requests overdue", "%(n)s of your requests overdue", "n")),
    (("promised",), ngettext_lazy("%(n)s overdue from region or HMPPS", "%(n)s overdue from region or HMPPS", "n")),
    (("lineage",), ngettext_lazy("%(n)s possible repeat to confirm", "%(n)s possible repeats to confirm", "n")),
    (("cover",), ngettext_lazy("%(n)s for someone away", "%(n)s for someone away", "n")),
    (("sustained",), ngettext_lazy("%(n)s sign-off to confirm", "%(n)s sign-offs to confirm", "n")),
)
# The most counts in one subject; the others are added up.
MOST_FIGURES = 3


def digest_subject(counts: dict[str, int], places: list[str], *, covered: bool = False) -> str:
    """`counts` are by section; `places` are where, without control characters, the most urgent first.

    `covered`: instead of places these are people who are away.
    """
    found = _figures(counts)
    if not found:
        return ""
    # Places are named only if two counts still fit beside them.
    for where, fewest in ((_named(places), min(2, len(found))), (_counted(places, covered), 1)):
        for shown in range(min(MOST_FIGURES, len(found)), fewest - 1, -1):
            text = _joined(found, shown, where)
            if len(text) <= LONGEST:
                return text
    figures = _joined(found, 1, "")
    return _joined(found, 1, Truncator(_counted(places, covered)).chars(max(LONGEST - len(figures) - 2, 12)))


def all_figures(counts: dict[str, int]) -> str:
    """The summary at the top of a long email."""
    return ", ".join(words for _number, words in _figures(counts))


def _figures(counts: dict[str, int]) -> list[tuple[int, str]]:
    found = [(sum(counts.get(name, 0) for name in names), words) for names, words in FIGURES]
    return [(number, str(words % {"n": number})) for number, words in found if number]


def _joined(found: list[tuple[int, str]], shown: int, where: str) -> str:
    figures = ", ".join(words for _number, words in found[:shown])
    if rest := sum(number for number, _words in found[shown:]):
        more = ngettext("%(figures)s, %(n)s other task", "%(figures)s, %(n)s other tasks", rest)
        figures = more % {"figures": figures, "n": rest}
    return _("%(place)s: %(figures)s") % {"place": where, "figures": figures} if where else figures


def _named(places: list[str]) -> str:
    if len(places) < 2:
        return places[0] if places else ""
    return ngettext("%(place)s and %(n)s other", "%(place)s and %(n)s others", len(places) - 1) % {
        "place": places[0],
        "n": len(places) - 1,
    }


def _counted(places: list[str], covered: bool) -> str:
    if len(places) < 2:
        return _named(places)
    return (_("Covering %(n)s people") if covered else _("%(n)s organisations")) % {"n": len(places)}
