"""Your version, their version and the original of an edited row."""

from typing import Any

from tracker.accounts.models import User
from tracker.history.operations import to_json
from tracker.history.queries import as_of_version
from tracker.recommendations.change.forms import ChangeForm
from tracker.recommendations.conflict.queries import Compared, three_versions
from tracker.recommendations.recommendation.models import Base, Recommendation
from tracker.recommendations.timeline.queries import SHOWN, in_words
from tracker.web.http import number_in


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
        "due_on": to_json(due.on if due else None),
        "progress": form.cleaned_data.get("progress") or base.get("progress"),
    }
    theirs = {name: to_json(getattr(current, name)) for name in mine}
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
