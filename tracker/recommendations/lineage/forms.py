"""The forms that link a recommendation to an earlier one."""

from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.lineage.models import Lineage
from tracker.recommendations.recommendation.forms import WordsField
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.progress import SaidBy
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.web.forms import ChoiceRadios, Form, VersionedForm

State = Lineage.State


class EarlierField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        item: Recommendation = obj
        return _("%(title)s, to %(addressee)s (%(report)s, %(published)s): %(text)s") % {
            "title": item.title,
            "addressee": item.addressee,
            "report": item.inspection.organisation,
            "published": item.inspection.published,
            "text": Truncator(item.text).chars(90),
        }


class LinkEarlierForm(Form):
    readers = EVERYONE

    earlier = EarlierField(
        None,
        label=gettext_lazy("Which earlier recommendation does it repeat?"),
        error_messages={"required": gettext_lazy("Select the earlier recommendation it repeats")},
        empty_label=gettext_lazy("Select one"),
    )
    said_by = forms.ChoiceField(
        label=gettext_lazy("What is the source?"),
        error_messages={"required": gettext_lazy("Select the source")},
        choices=SaidBy,
        initial=SaidBy.OURS,
        widget=ChoiceRadios(),
    )
    reason = WordsField(
        label=gettext_lazy("How do you know? (optional)"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("The place in the report, or why you think so"),
    )

    def __init__(self, data: Any = None, *, rows: RecommendationQuerySet) -> None:
        super().__init__(data)
        found = rows.select_related("inspection__organisation", "addressee")
        self.fields["earlier"].queryset = found  # type: ignore[attr-defined]


class ConfirmLineageForm(VersionedForm):
    state = forms.ChoiceField(
        label=gettext_lazy("Does it repeat the earlier one?"),
        error_messages={"required": gettext_lazy("Select yes if it repeats the earlier one")},
        choices=[
            (State.CONFIRMED, gettext_lazy("Yes, it is a repeat")),
            (State.REJECTED, gettext_lazy("No, it is different")),
        ],
        widget=ChoiceRadios(),
    )
    carried = forms.ChoiceField(
        label=gettext_lazy("If yes, carry the earlier one forward in this one?"),
        required=False,
        choices=[
            ("yes", gettext_lazy("Yes: one owner, one due date and one update for both")),
            ("no", gettext_lazy("No: track both separately")),
        ],
        widget=ChoiceRadios(
            hints={"yes": gettext_lazy("The earlier one will not get its own reminders or be counted twice")}
        ),
    )

    def __init__(self, data: Any = None, *, link: Lineage, may_carry: bool) -> None:
        """`may_carry`: whether the form asks if the earlier one is carried forward."""
        super().__init__(data, initial={"version": link.version})
        if not may_carry:
            del self.fields["carried"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("state") == State.CONFIRMED and "carried" in self.fields and not data.get("carried"):
            self.add_error("carried", _("Select if the earlier one is carried forward in this one"))
        return data

    def values(self) -> dict[str, Any]:
        typed = super().values()
        return typed | {"carried": typed["state"] == State.CONFIRMED and typed.get("carried") == "yes"}


class UnlinkSuccessorForm(Form):
    readers = EVERYONE

    reason = WordsField(
        label=gettext_lazy("Why are you tracking it separately?"),
        error_messages={"required": gettext_lazy("Enter why you are tracking it separately")},
        max_length=1000,
    )
