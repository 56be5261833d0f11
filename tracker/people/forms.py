"""Adding people, roles and organisations; only places that this administrator may administer are offered."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Membership, Organisation, User
from tracker.people.queries import Passage
from tracker.recommendations.forms.recommendation import find_person
from tracker.recommendations.forms.verb import WordsField
from tracker.web.forms import DayField, Form, TextField

ROLE_HINTS = {
    "lead": _("Names owners, sets due dates and reports, for what is addressed to exactly this organisation"),
    "contributor": _("Reports on what they own"),
    "supplier": _("Gives the figures they supply"),
    "reviewer": _("Reviews the organisations below this one"),
    "reader": _("Sees and changes nothing: an inspector, a national reader"),
    "administrator": _("People, roles and organisations here and below; no say over progress"),
}


class RoleForm(Form):
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), empty_label=_("Choose one")
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose one")), *Membership.Role.choices])
    ends_on = DayField(
        label=_("First day without this role"),
        required=False,
        help_text=_("Leave it empty for a role that lasts. For example, 31/3/2027"),
    )

    def __init__(self, data: Any = None, *, places: QuerySet[Organisation], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["organisation"].queryset = places  # type: ignore[attr-defined]


class PersonForm(RoleForm):
    name = TextField(label=_("Name"), max_length=100, help_text=_("As colleagues know them"))
    email = forms.EmailField(label=_("E-mail address"), max_length=254, help_text=_("The invitation goes here"))

    field_order = ("name", "email", "organisation", "role", "ends_on")


class OrganisationForm(Form):
    name = TextField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Choose one")), *(c for c in Organisation.Kind.choices if c[0] != "national")],
    )
    parent = forms.ModelChoiceField(Organisation.objects.none(), label=_("Part of"), empty_label=_("Choose one"))

    def __init__(self, data: Any = None, *, places: QuerySet[Organisation]) -> None:
        super().__init__(data)
        self.fields["parent"].queryset = places  # type: ignore[attr-defined]


class VersionedForm(Form):
    """A button that changes one row: it carries the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class RenameForm(VersionedForm):
    name = TextField(label=_("Name"), max_length=120)


class HandOverForm(Form):
    """Carries which things were shown, so that nothing else is handed over."""

    to = TextField(label=_("Who takes it over?"), max_length=400, help_text=_("A name or an e-mail address"))
    reason = WordsField(label=_("Why?"), max_length=500, rows=2)
    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, near: Organisation, on: datetime.date, fingerprint: str) -> None:
        self.near = near
        self.on = on
        super().__init__(data, initial={"fingerprint": fingerprint})

    def clean_to(self) -> User:
        return find_person(self.cleaned_data["to"], self.near, self.on)


class AskRemovalForm(Form):
    """One of the passages of a recommendation's page, by its value."""

    what = forms.ChoiceField(
        label=_("What must be removed?"),
        help_text=_("Words or files that name or describe somebody on probation, and nothing else"),
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, passages: Sequence[Passage]) -> None:
        super().__init__(data)
        self.fields["what"].choices = [(one.value, str(one)) for one in passages]  # type: ignore[attr-defined]


class DecideRemovalForm(Form):
    REMOVE, KEEP = "remove", "keep"

    decision = forms.ChoiceField(
        label=_("Does it name or describe somebody on probation?"),
        choices=((REMOVE, _("Yes, remove it for good")), (KEEP, _("No, leave it as it is"))),
        widget=forms.RadioSelect,
    )
