"""Progress as a stacked bar: drawn by reviews/_bar.html, told in words beside it, the same figures in a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.recommendations.listing.forms import FilterForm
from tracker.recommendations.models import Progress

# In the order in which they stand in a bar, from the left; the names are those by which the list is filtered.
STATES = {
    FilterForm.NOT_REPORTED: (gettext_lazy("Not reported"), Progress.NOT_REPORTED),
    "no": (gettext_lazy("No progress"), Progress.NO),
    "some": (gettext_lazy("Some progress"), Progress.SOME),
    "sufficient": (gettext_lazy("Sufficient progress"), Progress.SUFFICIENT),
}
# In a narrower part, in per cent of the bar, its figure would not find room; the words say it.
NARROW = Decimal(5)


@dataclass(frozen=True)
class BarPart:
    """`x`, `width` and `middle` are in per cent of the bar."""

    name: str
    label: str
    number: int
    x: Decimal
    width: Decimal

    @property
    def middle(self) -> Decimal:
        return self.x + self.width / 2

    @property
    def has_room(self) -> bool:
        return self.width >= NARROW


@dataclass(frozen=True)
class Bar:
    """`key` tells it from others on the same page; only what there is has a part."""

    key: str
    title: str
    total: int
    parts: list[BarPart]

    @property
    def words(self) -> str:
        """What it shows: "1 not reported, 3 some progress"."""
        return ", ".join(f"{part.number} {part.label.lower()}" for part in self.parts)

    @property
    def desc(self) -> str:
        total = ngettext("%(n)s recommendation", "%(n)s recommendations", self.total) % {"n": self.total}
        return f"{total}: {self.words}." if self.parts else _("No recommendations.")


def progress_bar(key: object, name: object, counts: Mapping[str, int]) -> Bar:
    """`counts` is by the names of STATES; what is missing counts nought."""
    total = sum(counts.get(state, 0) for state in STATES)
    parts, x = [], Decimal(0)
    for state, (label, _value) in STATES.items():
        if number := counts.get(state, 0):
            width = Decimal(number * 100) / total
            parts.append(BarPart(state, str(label), number, round(x, 3), round(width, 3)))
            x += width
    return Bar(str(key), _("Reported progress: %(name)s") % {"name": name}, total, parts)
