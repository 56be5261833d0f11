"""The form of the response."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.recommendations.recommendation.forms import WordsField
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Response
from tracker.recommendations.recommendation.readers import ONCE_SENT
from tracker.web.forms import ChoiceRadios, VersionedForm

CHOICES = [choice for choice in Response.choices if choice[0]]


class RespondForm(VersionedForm):
    readers = ONCE_SENT

    response = forms.ChoiceField(
        label=gettext_lazy("Response"),
        choices=CHOICES,
        error_messages={"required": gettext_lazy("Select a response")},
        widget=ChoiceRadios(
            reveals={Response.PARTLY: "part partly_reason", Response.NOT_AGREED: "not_agreed_reason"},
            hints={
                Response.PARTLY: gettext_lazy("Progress is judged on the part you agree with"),
                Response.NOT_AGREED: gettext_lazy("It stays open until a reviewer closes it as not agreed"),
            },
        ),
    )
    part = WordsField(label=gettext_lazy("Which part do you agree with?"), required=False)
    partly_reason = WordsField(label=gettext_lazy("Why do you not agree with the rest?"), required=False)
    not_agreed_reason = WordsField(label=gettext_lazy("Why do you not agree?"), required=False)

    def __init__(self, data: Any = None, *, item: Recommendation) -> None:
        super().__init__(data, initial=shown(item) | {"version": item.version})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        response = data.get("response")
        needed: dict[Any, tuple[tuple[str, str], ...]] = {
            Response.PARTLY: (
                ("part", _("Enter which part you agree with")),
                ("partly_reason", _("Enter why you do not agree with the rest")),
            ),
            Response.NOT_AGREED: (("not_agreed_reason", _("Enter why you do not agree")),),
        }
        for name, message in needed.get(response, ()):
            if not data.get(name) and not self.has_error(name):
                self.add_error(name, message)
        return data

    @property
    def said(self) -> dict[str, str]:
        data = self.cleaned_data
        reason = data["partly_reason"] if data["response"] == Response.PARTLY else data["not_agreed_reason"]
        return {"response": data["response"], "part": data["part"], "reason": reason}

    def values(self) -> dict[str, Any]:
        return self.said | {"seen_version": self.cleaned_data["version"]}


def shown(item: Recommendation) -> dict[str, str]:
    """What the fields hold when nothing has been typed yet."""
    reason = item.response_reason.text if item.response_reason else ""
    return {
        "response": item.response,
        "part": item.response_part.text if item.response_part else "",
        "partly_reason": reason if item.response == Response.PARTLY else "",
        "not_agreed_reason": reason if item.response == Response.NOT_AGREED else "",
    }
