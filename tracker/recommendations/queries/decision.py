"""Everything that a reviewer decides on, on one page."""

from dataclasses import dataclass

from tracker.measures.models import Reading
from tracker.recommendations.models import Action, Check, Evidence, Recommendation, Submission, Update
from tracker.recommendations.queries.covered import covered_for
from tracker.recommendations.queries.proof import evidence_of
from tracker.recommendations.queries.voices import Voices, voices

MOST_READINGS = 50


@dataclass(frozen=True)
class Decision:
    """What stands about one recommendation; `withdrawn` counts the evidence that is listed no longer here."""

    submission: Submission | None
    updates: list[Update]
    evidence: list[Evidence]
    withdrawn: int
    readings: list[Reading]
    checks: list[Check]
    actions: list[Action]
    voices: Voices

    @property
    def actions_done(self) -> int:
        return sum(action.state == Action.State.DONE for action in self.actions)


def decision_on(item: Recommendation) -> Decision:
    """A constant number of queries. `item` comes with its findings fetched."""
    pending = item.submissions.filter(outcome=Submission.Outcome.PENDING)
    readings = Reading.objects.filter(measure__in=item.measure_links.values("measure"))
    actions = item.actions.exclude(state=Action.State.DROPPED)
    evidence = list(evidence_of(item).select_related("caption", "author"))
    return Decision(
        submission=pending.select_related("statement", "submitted_by", "update").first(),
        updates=list(
            item.updates.select_related("author", "what_changed", "outlook_reason").annotate(
                covered_for=covered_for("what_changed")
            )
        ),
        evidence=evidence,
        withdrawn=item.evidence.count() - len(evidence),
        readings=list(readings.select_related("measure", "caution").order_by("-as_of", "-pk")[:MOST_READINGS]),
        checks=list(item.checks.select_related("reviewer", "found")),
        actions=list(actions.select_related("words", "done_by", "owner")),
        voices=voices(item),
    )
