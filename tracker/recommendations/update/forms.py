"""What owners and leads report, on one recommendation or on several at once."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.dateformat import format as format_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.measures.models import Measure
from tracker.recommendations.evidence.forms import EvidenceFields
from tracker.recommendations.recommendation.forms import REPORTABLE, WordsField
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Outlook, went_down
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.recommendations.update.figures import FigureFields
from tracker.recommendations.update.models import Report, Update
from tracker.web.forms import ChoiceRadios, TextField

# By outlook, the field that it opens.
WHY: dict[str, str] = {Outlook.AT_RISK.value: "why_at_risk", Outlook.WILL_MISS.value: "why_will_miss"}


class ReportForm(FigureFields, EvidenceFields):
    """`also` are the others that this report may be given to as well; `corrects` is an earlier, mistaken update."""

    readers = EVERYONE

    progress = forms.ChoiceField(label=gettext_lazy("Progress"), choices=REPORTABLE, widget=ChoiceRadios())
    what_changed = WordsField(
        label=gettext_lazy("What changed?"),
        required=False,
        rows=3,
        max_length=500,
        help_text=gettext_lazy("One line is enough. If progress went down, explain why"),
    )
    outlook = forms.ChoiceField(
        label=gettext_lazy("Will it be done by the due date?"),
        required=False,
        choices=[choice for choice in Outlook.choices if choice[0]],
        widget=ChoiceRadios(reveals=WHY),
    )
    why_at_risk = TextField(label=gettext_lazy("Why is it at risk?"), required=False, max_length=300)
    why_will_miss = TextField(label=gettext_lazy("Why will it miss the due date?"), required=False, max_length=300)
    also = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Also apply this update to"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy("You cannot update one of these recommendations any more. Select again.")
        },
    )

    field_order = ("progress", "what_changed", "outlook", *WHY.values(), *EvidenceFields.EVIDENCE, "also")

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        item: Recommendation,
        also: Sequence[Recommendation] = (),
        corrects: Update | None = None,
        measures: Sequence[Measure] = (),
        on: datetime.date,
    ) -> None:
        self.item = item
        self.others = {other.pk: other for other in also}
        self.corrects = corrects
        # What was mistaken was mistaken in all that it was given to.
        super().__init__(data, files, initial={"also": list(self.others) if corrects else []})
        self.offer(measures, on)
        self.fields["also"].choices = [(pk, self._named(other)) for pk, other in self.others.items()]  # type: ignore[attr-defined]
        self.fields["also"].widget.small = True
        if not self.others:
            del self.fields["also"]
        if item.progress and item.reported_on:
            day = format_date(item.reported_on, "j F Y")
            hint = _("As in the last update, %(day)s") % {"day": day}
            self.fields["progress"].widget.hints = {item.progress: hint}
        if item.due:
            self.fields["outlook"].help_text = _("Due date: %(day)s") % {"day": item.due}

    def _named(self, other: Recommendation) -> str:
        name = f"{other.title}: {Truncator(other.text).words(12)}"
        return name if other.inspection_id == self.item.inspection_id else f"{other.inspection}, {name}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        progress = data.get("progress")
        if not data.get("what_changed") and not self.has_error("what_changed"):
            is_down = progress and any(went_down(item.progress, progress) for item in self.items)
            self.add_error("what_changed", _("Enter why progress went down") if is_down else _("Enter what changed"))
        name = self._why
        if name and not data.get(name) and not self.has_error(name):
            self.add_error(name, _("Enter a reason"))
        return data

    @property
    def _why(self) -> str:
        """The field that belongs to the chosen forecast."""
        return WHY.get(str(self.cleaned_data.get("outlook")), "")

    @property
    def evidence_fields(self) -> list[BoundField]:
        """For the folded section of figures."""
        return [self[name] for name in self.EVIDENCE]

    @property
    def shows_evidence(self) -> bool:
        """Unfolded where something of it was given, or is wrong."""
        return any(field.errors or field.value() for field in self.evidence_fields)

    @property
    def items(self) -> list[Recommendation]:
        return [self.item, *(self.others[pk] for pk in self.cleaned_data.get("also") or ())]

    @property
    def report(self) -> Report:
        data = self.cleaned_data
        return Report(
            progress=data["progress"],
            what_changed=data["what_changed"],
            outlook=data["outlook"],
            outlook_reason=data[self._why] if self._why else "",
            corrects=self.corrects,
        )

    def values(self) -> dict[str, Any]:
        return {"items": self.items, "said": self.report, "offered": self.offered, "readings": self.readings}
