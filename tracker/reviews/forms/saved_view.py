"""The form for saving a view: its name, and with whom it is shared."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation
from tracker.web.forms import ChoiceRadios, Form, TextField


class SavedViewForm(Form):
    name = TextField(label=gettext_lazy("Name of the view"), max_length=80)
    shared_with = forms.ChoiceField(label=gettext_lazy("Who can open it?"), required=False, widget=ChoiceRadios())

    def __init__(self, *args: Any, places: list[Organisation], **kwargs: Any) -> None:
        """`places` are the organisations in which the person can share it. Without any, the field is left out."""
        self.places = {str(place.pk): place for place in places}
        super().__init__(*args, **kwargs)
        if not places:
            del self.fields["shared_with"]
            return
        everybody = [
            (pk, _("Everyone in %(name)s who has the link") % {"name": place}) for pk, place in self.places.items()
        ]
        self.fields["shared_with"].choices = [("", _("Only me")), *everybody]  # type: ignore[attr-defined]

    @property
    def organisation(self) -> Organisation | None:
        return self.places.get(self.cleaned_data.get("shared_with", ""))
