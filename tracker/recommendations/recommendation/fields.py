"""What people see of the columns of a recommendation: one place for history, pages, filters and documents."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import DateSetBy, Outlook, Progress, Response


@dataclass(frozen=True)
class ShownField:
    """A tracked column with its name in words.

    `choices` has the empty value as its first member. `is_fact`: it stands as it is on the page of one recommendation;
    `is_filtered`: a list can be filtered by one of its choices; `is_exported`: documents hold it where it has a value.
    """

    column: str
    label: Any
    choices: type[TextChoices] | None = None
    is_day: bool = False
    is_person: bool = False
    is_fact: bool = False
    is_filtered: bool = False
    is_exported: bool = False

    def in_words(self, item: Recommendation) -> str:
        value = getattr(item, self.column)
        if self.is_person:
            return person_in_words(getattr(item, self.column.removesuffix("_id")))
        if self.is_day:
            return day_in_words(value)
        return str(self.choices(value).label if self.choices else value)


def person_in_words(name: Any) -> str:
    return str(name) if name else _("nobody")


def day_in_words(day: datetime.date | None) -> str:
    return format_date(day, "j F Y") if day else _("no date")


FIELDS = (
    ShownField("text", gettext_lazy("Text as printed")),
    ShownField("number", gettext_lazy("Number as printed")),
    ShownField("place", gettext_lazy("Place in the report")),
    ShownField("owner_id", gettext_lazy("Owner"), is_person=True),
    ShownField("due_on", gettext_lazy("Due date"), is_day=True),
    ShownField("review_on", gettext_lazy("Ongoing, review date"), is_day=True),
    ShownField("due_set_by", gettext_lazy("Who set the due date"), DateSetBy),
    ShownField("original_due_on", gettext_lazy("Original due date"), is_day=True),
    ShownField("response", gettext_lazy("Response"), Response, is_fact=True),
    ShownField("progress", gettext_lazy("Progress"), Progress, is_filtered=True),
    ShownField("outlook", gettext_lazy("Forecast"), Outlook, is_exported=True),
    ShownField("checked_progress", gettext_lazy("Checked progress"), Progress),
    ShownField("status", gettext_lazy("Status"), Recommendation.Status),
)


def facts_of(item: Recommendation) -> list[tuple[str, str]]:
    """For the page of one recommendation: name and value in words."""
    return [(str(field.label), field.in_words(item)) for field in FIELDS if field.is_fact]


def exported_facts(item: Recommendation) -> tuple[tuple[str, str], ...]:
    """For documents, of what has a value."""
    return tuple(
        (str(field.label), field.in_words(item))
        for field in FIELDS
        if field.is_exported and getattr(item, field.column)
    )
