"""Untrusted text to typed values."""

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.accounts.models import Organisation, User
from tracker.accounts.policies import people_by_nearness
from tracker.recommendations.forms.verb import Due, DueField, doubt, doubt_about
from tracker.recommendations.models import Base, Plan, Progress, Recommendation, Report
from tracker.web.forms import Form, PersonInput, TextField

REPORTABLE = [choice for choice in Progress.choices if choice[0]]


class ChangeForm(Form):
    """Owner, due date and progress of one recommendation; only the fields that this person may set are there."""

    owner = TextField(
        label=gettext_lazy("Owner"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Type part of a name or an email address"),
        widget=PersonInput(reverse_lazy("recommendations:people")),
    )
    due_on = DueField(label=gettext_lazy("Due date"), required=False)
    confirm = forms.BooleanField(label=gettext_lazy("Yes, this due date is right"), required=False)
    progress = forms.ChoiceField(label=gettext_lazy("Progress"), required=False)
    what_changed = TextField(
        label=gettext_lazy("What changed?"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("One line. Do not name anyone on probation"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    PLAN = ("owner", "due_on", "confirm")
    REPORT = ("progress", "what_changed")

    def __init__(
        self,
        data: Any = None,
        *,
        recommendation: Recommendation,
        on: datetime.date,
        may_plan: bool,
        may_report: bool,
        base: Base | None = None,
    ) -> None:
        """`base` is the recommendation as this person saw it, where somebody has changed it since."""
        self.recommendation = recommendation
        self.base = base
        self.on = on
        super().__init__(
            data,
            prefix=f"r{recommendation.pk}",
            initial={
                "owner": recommendation.owner.label if recommendation.owner else "",
                "due_on": due_of(recommendation),
                "version": recommendation.version,
            },
        )
        # People of the addressee are suggested first.
        self.fields["owner"].widget.attrs["data-people-url"] = (
            reverse("recommendations:people") + f"?for={recommendation.pk}"
        )
        unchanged = _("No update") if may_plan else _("Select one")
        self.fields["progress"].choices = [("", unchanged), *REPORTABLE]  # type: ignore[attr-defined]
        self.fields["progress"].required = self.fields["what_changed"].required = may_report and not may_plan
        if not may_plan:
            self._remove(self.PLAN)
        if not may_report:
            self._remove(self.REPORT)

    def _remove(self, names: tuple[str, ...]) -> None:
        for name in names:
            del self.fields[name]

    @property
    def asks_to_confirm(self) -> bool:
        """The date is unusual enough to be asked about twice."""
        return "confirm" in self.fields and (self.has_error("due_on", "confirm") or bool(self["confirm"].value()))

    @property
    def wants_later(self) -> Due | None:
        """The later date that was typed for a fixed one: it can be asked for with a reason."""
        if not self.has_error("due_on", "later"):
            return None
        typed: Due | None = DueField().clean(self.data.get(self.add_prefix("due_on")))
        return typed

    def clean_owner(self) -> User | None:
        typed: str = self.cleaned_data["owner"]
        for known in (self.recommendation.owner, self.base.owner if self.base else None):
            if known is not None and typed == known.label:
                return known
        return find_person(typed, self.recommendation.addressee, self.on) if typed else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "due_on" in self.fields and not self.has_error("due_on"):
            self._check_date(data.get("due_on"), bool(data.get("confirm")))
        progress, words = data.get("progress"), data.get("what_changed")
        if progress and not words and not self.has_error("what_changed"):
            self.add_error("what_changed", _("Enter what changed"))
        if words and not progress and not self.has_error("progress"):
            self.add_error("progress", _("Select the progress, even if it has not changed"))
        return data

    def _check_date(self, due: Due | None, confirmed: bool) -> None:
        # What somebody else has changed comes first; doubts about the date are told at the next save.
        if due is None or due == due_of(self.recommendation) or confirmed or self.base is not None:
            return
        published = self.recommendation.inspection.published_from
        if message := doubt_about(due.on, published=published, on=self.on):
            self.add_error("due_on", doubt(message))

    @property
    def plan(self) -> Plan | None:
        if "owner" not in self.fields:
            return None
        item, due = self.recommendation, self.cleaned_data["due_on"]
        return Plan(
            self.cleaned_data["owner"],
            due.on if due else None,
            due_is_month=bool(due and due.is_month),
            # What is ongoing stays so until a date takes its place.
            review_on=None if due else item.review_on,
            due_set_by=item.due_set_by,
        )

    @property
    def report(self) -> Report | None:
        if not self.cleaned_data.get("progress"):
            return None
        return Report(self.cleaned_data["progress"], self.cleaned_data["what_changed"])


def due_of(item: Recommendation) -> Due | None:
    return Due(item.due_on, item.due_is_month) if item.due_on else None


def find_person(typed: str, addressee: Organisation, on: datetime.date) -> User:
    """The one person meant by what was typed. Raises ValidationError when that is nobody, or more than one."""
    people = people_by_nearness(addressee, on)
    exact = people.filter(Q(email__iexact=typed.rpartition("(")[2].rstrip(")")) | Q(email__iexact=typed)).first()
    if exact is not None:
        return exact
    found = list(matching(people, typed)[:6])
    if not found:
        raise ValidationError(
            _("No one with an account matches “%(typed)s”. Try part of the name."), params={"typed": typed}
        )
    same = list(people.filter(name__iexact=typed)[:2])
    if len(same) == 1:
        return same[0]
    if len(found) > 1:
        names = "; ".join(person.label for person in found[:5])
        raise ValidationError(
            _("More than one person matches: %(names)s. Type more of the name."), params={"names": names}
        )
    return found[0]


def matching(people: QuerySet[User], typed: str) -> QuerySet[User]:
    """Those whose name or address holds every word that was typed."""
    for word in typed.replace("(", " ").replace(")", " ").split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return people


class FilterForm(forms.Form):
    """What a list shows; it lives in the address, so that it can be bookmarked and sent."""

    MARKS = (
        ("open", gettext_lazy("Open")),
        ("overdue", gettext_lazy("Overdue")),
        ("no_owner", gettext_lazy("No owner")),
        ("no_date", gettext_lazy("No due date")),
        ("slipped", gettext_lazy("Past first due date")),
        ("stale", gettext_lazy("No update for 28 days")),
        ("at_risk", gettext_lazy("At risk, or will miss due date")),
        ("late_next", gettext_lazy("Due in 14 days, at risk, or will miss due date")),
        ("returned", gettext_lazy("Returned by a reviewer")),
        ("submitted", gettext_lazy("Waiting for review")),
        ("review_late", gettext_lazy("Waiting for review over 10 working days")),
        ("checked", gettext_lazy("Checked as Sufficient progress, not signed off yet")),
        ("signed_off", gettext_lazy("Signed off")),
        ("unsustained", gettext_lazy("Signed off, not yet confirmed as sustained")),
        ("gap", gettext_lazy("Reported higher than checked, or Sufficient and not checked")),
        ("went_down", gettext_lazy("Downgraded in last update")),
        ("moved", gettext_lazy("Improved since the inspection")),
        ("mine", gettext_lazy("I am the owner")),
    )
    NOT_REPORTED = "not_reported"
    NONE_NAMED = "none"
    LATE = (
        ("14", gettext_lazy("Overdue for up to 14 days")),
        ("28", gettext_lazy("Overdue for 15 to 28 days")),
        ("84", gettext_lazy("Overdue for 29 to 84 days")),
        ("more", gettext_lazy("Overdue for more than 84 days")),
    )
    use_required_attribute = False

    q = TextField(label=gettext_lazy("Text contains"), required=False, max_length=200)
    addressee: "forms.ModelChoiceField[Organisation]" = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Addressed to"),
        required=False,
        empty_label=gettext_lazy("Anyone"),
    )
    below = forms.BooleanField(label=gettext_lazy("Include organisations below it"), required=False)
    owner: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        None, label=gettext_lazy("Owner"), required=False, empty_label=gettext_lazy("Anyone")
    )
    progress = forms.ChoiceField(
        label=gettext_lazy("Progress"),
        required=False,
        choices=[("", gettext_lazy("Any")), (NOT_REPORTED, gettext_lazy("Not reported")), *REPORTABLE],
    )
    late = forms.ChoiceField(label=gettext_lazy("How late"), required=False, choices=[("", gettext_lazy("Any")), *LATE])
    standard = forms.ChoiceField(label=gettext_lazy("Standard"), required=False)
    mark = forms.MultipleChoiceField(
        label=gettext_lazy("Show only"), required=False, choices=MARKS, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, addressees: Any, owners: Any, standards: Callable[[], dict[str, str]]) -> None:
        """`standards` is asked for the names by number once they are needed."""
        super().__init__(data, label_suffix="", auto_id="filter_%s")
        self.fields["standard"].choices = lambda: [  # type: ignore[attr-defined]
            ("", _("Any")),
            *self._standards.items(),
            (self.NONE_NAMED, _("No standard named")),
        ]
        self._standards_of = standards
        self.fields["addressee"].queryset = addressees  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.is_valid()

    @cached_property
    def _standards(self) -> dict[str, str]:
        return self._standards_of()

    def _standard_in_words(self, standard: str) -> str:
        return _("No standard named") if standard == self.NONE_NAMED else self._standards[standard]

    @property
    def used(self) -> list[str]:
        """What is asked for, in words."""
        data = self.cleaned_data
        marks, progress = dict(self.MARKS), dict(self.fields["progress"].choices)  # type: ignore[attr-defined]
        words = [
            f"“{data['q']}”" if data.get("q") else "",
            self._to(data.get("addressee"), bool(data.get("below"))),
            _("owner %(name)s") % {"name": data["owner"]} if data.get("owner") else "",
            str(progress[data["progress"]]) if data.get("progress") else "",
            self._standard_in_words(data["standard"]) if data.get("standard") else "",
            str(dict(self.LATE)[data["late"]]) if data.get("late") else "",
            *(str(marks[mark]) for mark in data.get("mark", ())),
        ]
        return [word for word in words if word]

    def _to(self, addressee: Organisation | None, with_below: bool) -> str:
        if addressee is None:
            return ""
        words = _("to %(name)s and organisations below it") if with_below else _("to %(name)s")
        return words % {"name": addressee}
