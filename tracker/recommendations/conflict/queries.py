"""Conflicts: what a person sees if somebody else was faster, and how they can still save."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.history.models import FreeText, Tracked
from tracker.history.queries import latest_event
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.queries import RATED_EARLY, events_of, last_event_id
from tracker.recommendations.timeline.queries import UNLISTED, entries_of
from tracker.web.forms import Form, VersionedForm


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
    """For _edit_conflict.html. Afterwards the form can be sent again and then saves.

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
    """For _changes_since_view.html: what the person has not seen yet. Sent again, the form counts it as seen."""
    seen = form.cleaned_data["seen_event"]
    since = list(
        events_of(item)
        .filter(pk__gt=seen)
        .exclude(verb=RATED_EARLY)
        .select_related("actor", "in_place_of", "why")
        .newest_first()
    )
    # Events after these are not on the screen, so they do not count as seen.
    form.refill({"seen_event": str(since[0].pk if since else last_event_id(item))})
    # Reviewers are not read-only, so they can see comments.
    return {"since": entries_of(since, UNLISTED)}


def compared(form: VersionedForm, name: str, said: Sequence[str], typed: str) -> Compared:
    before, theirs, mine = said
    return Compared(name, str(form.fields[name].label), before, theirs, mine, typed)


def texts_of(*pks: int | None) -> dict[Any, str]:
    return dict(FreeText.objects.filter(pk__in=[pk for pk in pks if pk]).values_list("pk", "text"))
