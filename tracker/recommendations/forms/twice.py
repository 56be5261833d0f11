"""What is unusual is asked about once more."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from tracker.recommendations.forms.verb import doubt
from tracker.web.forms import Form


class TwiceForm(Form):
    """A form whose box "Yes, this is right" is there only where something was doubted, and then is the last field."""

    confirm = forms.BooleanField(label=gettext_lazy("Yes, this is right"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._confirm = self.fields.pop("confirm")
        if self.is_bound and self.data.get(self.add_prefix("confirm")):
            self.fields["confirm"] = self._confirm

    def doubt(self, field: str, message: str) -> None:
        """Nothing where there is no message, or where the box is ticked."""
        if message and not self.cleaned_data.get("confirm"):
            self.add_error(field, doubt(message))
            self.fields["confirm"] = self._confirm
