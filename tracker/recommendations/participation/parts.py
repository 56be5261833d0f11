"""What part each verb gives to whoever does it; a verb that is not named here cannot be recorded.

To decide, return, comment, answer a request, note in a meeting, reassign, correct a typo or administer gives none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tracker.recommendations.participation.models import Part

_GIVES = {
    Part.REPORTED: """
        recommendation.reported evidence.added evidence.withdrawn
        """,
    Part.SUBMITTED: """
        recommendation.submitted recommendation.withdrawn submission.made submission.withdrawn
        """,
    Part.SUPPLIED: """
        reading.given
        """,
    Part.EXTENSION: """
        extension.asked extension.withdrawn
        """,
    Part.OWNED_ACTION: """
        action.done action.not_yet action.stuck action.opened
        """,
    Part.PLANNED: """
        recommendation.planned recommendation.responded recommendation.dates_fixed recommendation.carried
        recommendation.let_go
        action.added action.edited action.moved action.dropped action.date_fixed
        ask.asked ask.withdrawn
        lineage.linked lineage.confirmed lineage.rejected lineage.carried lineage.let_go
        measure.added measure.linked measure.changed measure.ended
        plan.due_set plan.dates_fixed plan.sent plan.revised
        """,
    None: """
        recommendation.printed recommendation.rated recommendation.rated_early recommendation.read
        recommendation.extended recommendation.date_corrected recommendation.checked recommendation.returned
        recommendation.signed_off recommendation.sustained recommendation.not_sustained recommendation.reopened
        recommendation.closed recommendation.text_corrected recommendation.handed_over recommendation.commented
        recommendation.words_removed submission.returned submission.signed_off extension.granted extension.declined
        evidence.scanned evidence.infected evidence.removed action.handed_over ask.answered ask.passed_up
        ask.handed_over measure.handed_over plan.begun plan.cleared plan.uncleared removal.asked removal.agreed
        removal.refused
        role.requested role.confirmed role.declined role.request_withdrawn role.request_given role.given role.ended
        cover.named cover.changed cover.ended person.added
        person.account_closed person.account_reopened organisation.added organisation.renamed organisation.ended
        organisation.moved
        organisation.end_undone recommendation.readdressed action.readdressed
        inspection.published inspection.organisation inspection.read inspection.embargo_set named.added named.ended
        session.opened session.talked_about session.closed delivery.resent
        """,
}
PARTS = {verb: part for part, verbs in _GIVES.items() for verb in verbs.split()}
# The column whose people own the subject, before and after the event.
OWNS = {"recommendation": Part.OWNED, "action": Part.OWNED_ACTION}


def parts_in(
    verb: str, subject_type: str, people: tuple[int | None, int | None], changes: Mapping[str, Any]
) -> Iterator[tuple[int, Part]]:
    """Who has which part by an event: the actor and whom they covered for, and who owns the subject or did so far."""
    is_reassigned = verb == "measure.changed" and set(changes) <= {"supplier_id", "version"}
    if (part := PARTS[verb]) and not is_reassigned:
        yield from ((person, part) for person in people if person)
    if part := OWNS.get(subject_type):
        yield from ((person, part) for person in changes.get("owner_id", ()) if person)
