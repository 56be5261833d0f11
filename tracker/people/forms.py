"""Forms for people, roles and organisations. They offer organisations that the person administers."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import Cover, Membership, Organisation, User
from tracker.accounts.queries import overlapping
from tracker.people.models import RoleRequest
from tracker.people.policies import people_to_name
from tracker.people.queries import Passage
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.forms import WordsField, find_person
from tracker.recommendations.recommendation.readers import EVERYONE
from tracker.web.forms import ChoiceRadios, DayField, Form, PersonInput, TextField, VersionedForm
from tracker.web.http import number_in

ROLE_HINTS = {
    "lead": _("Names owners, sets due dates and sends updates for what is addressed to this organisation itself"),
    "contributor": _("Sends updates on what they own"),
    "supplier": _("Supplies the figures of their measures"),
    "reviewer": _("Reviews the organisations below this one"),
    "reader": _("Can view, cannot change anything. For national colleagues"),
    "inspector": _("Can view what was sent, reported and decided, no drafts. For people of an inspectorate"),
    "administrator": _("Manages people, roles and organisations here and below. No say over progress"),
}


class RoleForm(Form):
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), empty_label=_("Choose one")
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose one")), *Membership.Role.choices])
    from_on = DayField(
        label=_("Role starts on"),
        required=False,
        help_text=_("Leave blank to start it now. For example, 1/12/2026"),
    )
    ends_on = DayField(
        label=_("Role ends on"),
        required=False,
        help_text=_("The first day without the role. Leave blank if it does not end. For example, 31/3/2027"),
    )

    confirmer = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who will confirm this role?"),
        empty_label=_("Choose one"),
        help_text=_("A role that decides needs a second person. They get an email and confirm after signing in"),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        places: QuerySet[Organisation],
        by: User,
        on: datetime.date,
        person: User | None = None,
        initial: Any = None,
    ) -> None:
        """`by` gives the role to `person`, who may be new. Nobody is asked to name a confirmer who is not needed."""
        self.places, self.on = places, on
        self.asked = RoleRequest(user=person, asked_by=by)
        super().__init__(data, initial=initial)
        self.fields["organisation"].queryset = places  # type: ignore[attr-defined]
        self._confirmer = self.fields.pop("confirmer")
        if "confirmer" in self.data:
            self._show_confirmer()

    def _show_confirmer(self) -> None:
        place = self.places.filter(pk=number_in(self.data.get("organisation", ""))).first()
        if place is not None:
            self.asked.organisation = place
            self._confirmer.queryset = people_to_name(self.asked, on=self.on)  # type: ignore[attr-defined]
            self.fields["confirmer"] = self._confirmer

    def add_errors(self, refusal: ValidationError) -> None:
        if "confirmer" in getattr(refusal, "error_dict", {}):
            self._show_confirmer()
        super().add_errors(refusal)


class PersonForm(RoleForm):
    name = TextField(label=_("Name"), max_length=100, help_text=_("The name that colleagues know them by"))
    email = forms.EmailField(
        label=_("Email address"), max_length=254, help_text=_("We will send the invitation to this address")
    )

    is_known = forms.BooleanField(label=_("Yes, I mean this person"), required=False)

    field_order = ("name", "email", "is_known", "organisation", "role", "from_on", "ends_on", "confirmer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The confirmation is shown only once the address is known to be somebody's."""
        super().__init__(*args, **kwargs)
        self._confirmation = self.fields.pop("is_known")
        if "is_known" in self.data:
            self._show_confirmation()

    def _show_confirmation(self) -> None:
        """The value of the box is the address that it confirms."""
        self._confirmation.widget.attrs["value"] = self.data.get("email", "")
        self.fields["is_known"] = self._confirmation
        self.order_fields((*self.field_order, "request_key"))

    def clean_is_known(self) -> bool:
        return bool(self.data["is_known"].lower() == self.cleaned_data.get("email", "").lower())

    def add_errors(self, refusal: ValidationError) -> None:
        super().add_errors(refusal)
        if self.has_error("email", "known"):
            self._show_confirmation()


class OrganisationForm(Form):
    name = TextField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=[("", _("Choose one")), *(c for c in Organisation.Kind.choices if c[0] != "national")],
    )
    parent = forms.ModelChoiceField(Organisation.objects.none(), label=_("Part of"), empty_label=_("Choose one"))

    def __init__(self, data: Any = None, *, places: QuerySet[Organisation]) -> None:
        super().__init__(data)
        self.fields["parent"].queryset = places  # type: ignore[attr-defined]


class EndOrganisationForm(VersionedForm):
    """The successor, and recommendations that go to another organisation instead."""

    successor = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Which organisation takes over?"),
        empty_label=_("Choose one"),
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        places: QuerySet[Organisation],
        items: Sequence[Recommendation],
        needs_successor: bool,
        initial: Any = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.items = items
        if not needs_successor:
            del self.fields["successor"]
            return
        self.fields["successor"].queryset = places  # type: ignore[attr-defined]
        for item in items:
            self.fields[f"to-{item.pk}"] = forms.ModelChoiceField(
                places, label=str(item.title), required=False, empty_label=_("The organisation above")
            )

    @property
    def item_fields(self) -> list[BoundField]:
        return [self[f"to-{item.pk}"] for item in self.items if f"to-{item.pk}" in self.fields]

    def values(self) -> dict[str, Any]:
        found = super().values()
        moved = {item.pk: found.pop(f"to-{item.pk}", None) for item in self.items}
        successor = found.get("successor")
        elsewhere = {pk: to for pk, to in moved.items() if to is not None and to != successor}
        return found | {"successor": successor, "elsewhere": elsewhere}


class RenameForm(VersionedForm):
    name = TextField(label=_("Name"), max_length=120)


class HandOverForm(Form):
    """Holds the fingerprint of the items shown, so that nothing else is reassigned."""

    readers = EVERYONE

    to = TextField(
        label=_("Who will take over?"),
        max_length=400,
        help_text=_("Enter a name or an email address"),
        error_messages={"required": _("Enter who will take over")},
    )
    reason = WordsField(label=_("Reason"), max_length=500, rows=2, error_messages={"required": _("Enter a reason")})
    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, near: Organisation, on: datetime.date, fingerprint: str) -> None:
        self.near = near
        self.on = on
        super().__init__(data, initial={"fingerprint": fingerprint})

    def clean_to(self) -> User:
        return find_person(self.cleaned_data["to"], self.near, self.on, is_whole=True)


class CoverForm(Form):
    """Who covers for `person`. Asks for confirmation if that person is away then too."""

    cover = TextField(
        label=_("Who will cover?"),
        error_messages={"required": _("Enter who will cover")},
        max_length=400,
        help_text=_("Start typing a name or an email address"),
        widget=PersonInput(""),
    )
    from_on = DayField(label=_("First day of the absence"), help_text=_("For example, 21/12/2026"))
    until_on = DayField(label=_("Last day of the absence"), help_text=_("The cover can still act on this day"))
    confirm = forms.BooleanField(label=_("Yes, choose this person anyway"), required=False)

    def __init__(self, data: Any = None, *, person: User, near: Organisation, on: datetime.date) -> None:
        self.near = near
        self.on = on
        super().__init__(data)
        self.fields["cover"].widget.attrs["data-people-url"] = reverse("people:cover_people", args=[person.pk])
        # The last field, shown only if there is something to confirm.
        self._confirm = self.fields.pop("confirm")
        if self.data.get("confirm"):
            self.fields["confirm"] = self._confirm

    def clean_cover(self) -> User:
        return find_person(self.cleaned_data["cover"], self.near, self.on, is_whole=True)

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "confirm"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        cover, from_on, until_on = data.get("cover"), data.get("from_on"), data.get("until_on")
        if not (cover and from_on and until_on) or "confirm" in self.fields:
            return data
        away = overlapping(cover, from_on, until_on).first()
        if away is not None:
            self.fields["confirm"] = self._confirm
            said = _("%(name)s is also away, from %(from)s to %(until)s. Choose someone else, or confirm below.")
            said_of = {"from": format_date(away.from_on, "j F Y"), "until": format_date(away.until_on, "j F Y")}
            self.add_error("cover", said % {"name": cover, **said_of})
        return data


class CoverDaysForm(VersionedForm):
    from_on = DayField(label=_("First day of the absence"))
    until_on = DayField(label=_("Last day of the absence"), help_text=_("The cover can still act on this day"))

    def __init__(self, data: Any = None, *, cover: Cover) -> None:
        days = {"from_on": cover.from_on, "until_on": cover.until_on}
        super().__init__(data, initial={"version": cover.version, **days})


class AskRemovalForm(Form):
    """Selects a text or file of a recommendation's page, by Passage.value."""

    what = forms.ChoiceField(
        label=_("What should be removed?"),
        help_text=_("Only text or files that name or describe someone on probation"),
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, passages: Sequence[Passage]) -> None:
        super().__init__(data)
        self.fields["what"].choices = [(one.value, str(one)) for one in passages]  # type: ignore[attr-defined]


class DecideRoleForm(Form):
    CONFIRM, DECLINE = "confirm", "decline"

    decision = forms.ChoiceField(
        label=_("Should this person have this role?"),
        choices=((CONFIRM, _("Yes, confirm it")), (DECLINE, _("No, decline it"))),
        error_messages={"required": _("Select a decision")},
        widget=ChoiceRadios(reveals={DECLINE: "reason"}),
    )
    reason = WordsField(label=_("Reason"), required=False, max_length=500, rows=2)


class DecideRemovalForm(Form):
    REMOVE, KEEP = "remove", "keep"

    decision = forms.ChoiceField(
        label=_("Does it name or describe someone on probation?"),
        choices=((REMOVE, _("Yes, remove it permanently")), (KEEP, _("No, keep it"))),
        widget=forms.RadioSelect,
    )
