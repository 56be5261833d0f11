"""What people see of the columns of a recommendation: one place for history, pages, filters and documents."""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

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
        return str(self.choices(value).label if self.choices else value)


FIELDS = (
    ShownField("text", _("Text as printed")),
    ShownField("number", _("Number as printed")),
    ShownField("place", _("Place in the report")),
    ShownField("owner_id", _("Owner"), is_person=True),
    ShownField("due_on", _("Due date"), is_day=True),
    ShownField("review_on", _("Ongoing, review date"), is_day=True),
    ShownField("due_set_by", _("Who set the due date"), DateSetBy),
    ShownField("original_due_on", _("Original due date"), is_day=True),
    ShownField("response", _("Response"), Response, is_fact=True),
    ShownField("progress", _("Progress"), Progress, is_filtered=True),
    ShownField("outlook", _("Forecast"), Outlook, is_exported=True),
    ShownField("checked_progress", _("Checked progress"), Progress),
    ShownField("status", _("Status"), Recommendation.Status),
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
