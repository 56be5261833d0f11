"""Somebody else was faster: the same fields as they were, as they are now, and as this person wants them."""

from dataclasses import dataclass
from typing import Any

from tracker.accounts.models import User
from tracker.history.operations import plain
from tracker.history.queries import as_of_version, latest_event
from tracker.recommendations.forms.recommendation import ChangeForm
from tracker.recommendations.history import SHOWN, in_words
from tracker.recommendations.models import Base, Recommendation
from tracker.web.http import number_in


@dataclass(frozen=True)
class Compared:
    name: str
    before: str
    theirs: str
    mine: str
    is_apart: bool


def base_of(recommendation: Recommendation, version: str) -> Base | None:
    """None when it is still as this person saw it, or when they cannot have seen that version."""
    seen = number_in(version)
    columns = as_of_version(recommendation, seen) if seen not in (0, recommendation.version) else None
    if columns is None:
        return None
    return Base(columns, User.objects.filter(pk=columns["owner_id"]).first())


def conflict_of(recommendation: Recommendation, form: ChangeForm) -> dict[str, Any]:
    """For the template. Afterwards the form can be sent again and then saves.

    It carries the present version; what this person left as it was takes the newer value, what they typed stays.
    """
    current = Recommendation.objects.select_related("owner").get(pk=recommendation.pk)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    mine = {
        "owner_id": getattr(form.cleaned_data.get("owner"), "pk", None),
        "due_on": plain(form.cleaned_data.get("due_on")),
        "progress": form.cleaned_data.get("progress") or base.get("progress"),
    }
    theirs = {name: plain(getattr(current, name)) for name in mine}
    people = dict(
        User.objects.filter(pk__in={base.get("owner_id"), mine["owner_id"], theirs["owner_id"]} - {None}).values_list(
            "pk", "name"
        )
    )
    untouched = {name for name in mine if mine[name] == base.get(name)}
    form.refill({"version": str(current.version)} | _theirs(current, untouched))
    rows = [
        Compared(
            name=str(SHOWN[name]),
            before=in_words(name, base.get(name), people),
            theirs=in_words(name, theirs[name], people),
            mine=in_words(name, mine[name], people),
            is_apart=mine[name] != base.get(name) and theirs[name] != mine[name],
        )
        for name in mine
        if name.removesuffix("_id") in form.fields
    ]
    event = latest_event(current)
    return {"conflict": rows, "changed_by": event.actor if event else None, "changed_at": event.at if event else None}


def _theirs(current: Recommendation, untouched: set[str]) -> dict[str, str]:
    values = {
        "owner_id": ("owner", current.owner.label if current.owner else ""),
        "due_on": ("due_on", current.due_on.isoformat() if current.due_on else ""),
    }
    return dict(pair for name, pair in values.items() if name in untouched)
