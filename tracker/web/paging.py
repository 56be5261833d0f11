"""Keyset pagination: Previous and Next cost the same on every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, OrderBy, Q, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class By:
    """A column to sort by. Rows without a value come last. The last column of an order must be unique."""

    name: str
    descending: bool = False
    nullable: bool = False

    def order(self, backwards: bool) -> OrderBy:
        column = F(self.name)
        descending = self.descending != backwards
        kwargs = {} if not self.nullable else ({"nulls_first": True} if backwards else {"nulls_last": True})
        return column.desc(**kwargs) if descending else column.asc(**kwargs)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """The condition for rows after this value in that direction; None if there can be none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else None
        found = Q(**{f"{self.name}__{'lt' if self.descending != backwards else 'gt'}": value})
        return found | Q(**{f"{self.name}__isnull": True}) if self.nullable and not backwards else found


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`previous` and `next` are cursors of the neighbouring pages, "" if there is none."""

    rows: list[Row]
    previous: str
    next: str


def page_of(rows: QuerySet[Row], order: Sequence[By], *, cursor: str, size: int = 25) -> Page[Row]:
    """The page of this cursor. An invalid cursor gives the first page."""
    backwards, values = _read(cursor, order)
    if values is not None:
        rows = rows.filter(_beyond(order, values, backwards))
    found = list(rows.order_by(*(by.order(backwards) for by in order))[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    before = more if backwards else values is not None
    after = True if backwards else more
    return Page(
        found,
        _cursor("before", found[0], order) if before else "",
        _cursor("after", found[-1], order) if after else "",
    )


def _beyond(order: Sequence[By], values: list[Any], backwards: bool) -> Q:
    found = Q(pk__in=[])
    for n, by in enumerate(order):
        step = by.beyond(values[n], backwards)
        if step is None:
            continue
        for same, value in zip(order[:n], values[:n], strict=True):
            step &= same.same(value)
        found |= step
    return found


def _cursor(way: str, row: Model, order: Sequence[By]) -> str:
    values = [getattr(row, by.name) for by in order]
    plain = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
    return signing.dumps([way, *plain], salt=_salt(order), compress=True)


def _salt(order: Sequence[By]) -> str:
    """Makes cursors of another order invalid."""
    return "page:" + ",".join(by.name for by in order)


def _read(cursor: str, order: Sequence[By]) -> tuple[bool, list[Any] | None]:
    try:
        way, *values = signing.loads(cursor, salt=_salt(order)) if cursor else ("after",)
    except (signing.BadSignature, ValueError):
        return False, None
    return way == "before", values if len(values) == len(order) else None
