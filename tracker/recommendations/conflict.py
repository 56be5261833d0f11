"""Somebody else was faster: what a person sees then, and how they finish from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.accounts.models import User
from tracker.history.models import Tracked
from tracker.history.operations import plain
from tracker.history.queries import as_of_version, latest_event
from tracker.recommendations.forms.recommendation import ChangeForm
from tracker.recommendations.history import SHOWN, UNLISTED, entries_of, in_words
from tracker.recommendations.models import Base, Recommendation
from tracker.recommendations.queries.page import RATED_EARLY, events_of, last_event_id
from tracker.web.forms import Form
from tracker.web.http import number_in


@dataclass(frozen=True)
class Compared:
    """One field of a form in its three versions, as a person reads them.

    `typed` is the present value as it stands in the field of the form: what the person left alone takes it over.
    """

    field: str
    name: str
    before: str
    theirs: str
    mine: str
    typed: str

    @property
    def is_apart(self) -> bool:
        return self.mine != self.before and self.theirs != self.mine


def three_versions(current: Tracked, form: Form, fields: Sequence[Compared], *, version: int) -> dict[str, Any]:
    """For _three_versions.html. Afterwards the form can be sent again and then saves.

    It carries the present version; what this person left as it was takes the newer value, what they typed stays.
    """
    untouched = {one.field: one.typed for one in fields if one.mine == one.before}
    form.refill({"version": str(version)} | untouched)
    event = latest_event(current)
    return {
        "versions": fields,
        "changed_by": event.actor if event else None,
        "changed_at": event.at if event else None,
    }


def happened_since(item: Recommendation, form: Form) -> dict[str, Any]:
    """For _happened_since.html: what the person has not seen yet. Sent again, the form counts it as seen."""
    seen = form.cleaned_data["seen_event"]
    since = list(
        events_of(item)
        .filter(pk__gt=seen)
        .exclude(verb=RATED_EARLY)
        .select_related("actor", "in_place_of", "why")
        .newest_first()
    )
    # What comes in after these were read is not on the screen, and not counted as seen.
    form.refill({"seen_event": str(since[0].pk if since else last_event_id(item))})
    # Whoever decides is no mere reader, and may be told of comments.
    return {"since": entries_of(since, UNLISTED)}


def base_of(recommendation: Recommendation, version: str) -> Base | None:
    """None when it is still as this person saw it, or when they cannot have seen that version."""
    seen = number_in(version)
    columns = as_of_version(recommendation, seen) if seen not in (0, recommendation.version) else None
    if columns is None:
        return None
    return Base(columns, User.objects.filter(pk=columns["owner_id"]).first())


def conflict_of(recommendation: Recommendation, form: ChangeForm) -> dict[str, Any]:
    """The three versions of the row that changes in its place."""
    current = Recommendation.objects.select_related("owner").get(pk=recommendation.pk)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    due = form.cleaned_data.get("due_on")
    mine = {
        "owner_id": getattr(form.cleaned_data.get("owner"), "pk", None),
        "due_on": plain(due.on if due else None),
        "progress": form.cleaned_data.get("progress") or base.get("progress"),
    }
    theirs = {name: plain(getattr(current, name)) for name in mine}
    people = User.objects.filter(pk__in={base.get("owner_id"), mine["owner_id"], theirs["owner_id"]} - {None})
    names = dict(people.values_list("pk", "name"))
    typed = {"owner_id": current.owner.label if current.owner else "", "due_on": theirs["due_on"] or "", "progress": ""}
    fields = [
        Compared(
            field=name.removesuffix("_id"),
            name=str(SHOWN[name]),
            before=in_words(name, base.get(name), names),
            theirs=in_words(name, theirs[name], names),
            mine=in_words(name, mine[name], names),
            typed=typed[name],
        )
        for name in mine
        if name.removesuffix("_id") in form.fields
    ]
    context = three_versions(current, form, fields, version=current.version)
    return {"conflict": context.pop("versions")} | context
