"""What a reviewer decides on, what was decided, and with whom a submission is."""

import datetime
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.policies import Access
from tracker.measures.models import Reading
from tracker.recommendations.action.models import Action
from tracker.recommendations.decision.models import Check, Submission
from tracker.recommendations.decision.policies import (
    Deciders,
    can_check,
    can_close,
    can_correct_text,
    can_decide,
    can_reopen,
    can_sign_off,
    can_submit,
    can_sustain,
    can_withdraw,
    deciders_of,
)
from tracker.recommendations.decision.progress_by_source import Voices, voices
from tracker.recommendations.decision.proof import evidence_of
from tracker.recommendations.evidence.models import Evidence
from tracker.recommendations.recommendation.drafts import accepted_submissions
from tracker.recommendations.recommendation.models import Recommendation, RecommendationQuerySet
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.recommendation.queries import covered_for
from tracker.recommendations.recommendation.section import Section
from tracker.recommendations.recommendation.status_filters import REVIEW_DAYS
from tracker.recommendations.timeline.queries import in_place
from tracker.recommendations.update.models import Update

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


Status = Recommendation.Status

# How many are shown before the others are folded.
NEWEST = 3


def successors_of(access: Access, item: Recommendation) -> RecommendationQuerySet:
    """What may take its place: unfinished, seen by this person, and to the same addressee or in the same region."""
    region = "/".join(item.addressee.path.split("/")[:2]).rstrip("/") + "/"
    near = Q(addressee=item.addressee_id) | Q(addressee__path__startswith=region)
    rows = visible_recommendations(access).filter(near).unfinished().exclude_carried().exclude(pk=item.pk)
    return rows.select_related("inspection__organisation").order_by(F("addressee").desc(), "inspection", "position")


@dataclass(frozen=True)
class Wait:
    """A submission that waits for its reviewer; `place` is None where nobody can decide it."""

    deciders: Deciders
    since: datetime.date
    days: int

    @property
    def is_late(self) -> bool:
        """Counted against the reviewer's organisation."""
        return self.days > REVIEW_DAYS

    def __str__(self) -> str:
        if self.deciders.organisation is None:
            return _("Nobody can sign this off yet")
        words = {
            "place": self.deciders.organisation,
            "day": format_date(self.since, "j F Y"),
            "n": self.days,
        }
        return (
            ngettext(
                "With %(place)s for sign-off since %(day)s (%(n)s working day)",
                "With %(place)s for sign-off since %(day)s (%(n)s working days)",
                self.days,
            )
            % words
        )


def wait_of(access: Access, item: Recommendation) -> Wait | None:
    """None where it is not submitted. Asked for by several parts of a page, and looked up once."""
    if item.status != Status.SUBMITTED or item.submitted_on is None:
        return None
    key = ("wait", item.pk, item.version)
    if key not in access.request_cache:
        deciders = deciders_of(item, access.on)
        access.request_cache[key] = Wait(deciders, item.submitted_on, item.working_days_in_review(access.on))
    known: Wait = access.request_cache[key]
    return known


@dataclass(frozen=True)
class Judged:
    """One check, or one submission and what came of it."""

    at: datetime.datetime
    title: str
    lines: list[str]
    words: str
    answer: str = ""


def judged(item: Recommendation, access: Access) -> list[Judged]:
    """The newest first. A check that a sign-off made is told with the sign-off. Two queries."""
    seen = accepted_submissions(access, item.submissions.all())
    rows = seen.select_related("statement", "submitted_by", "decided_by", "decision").annotate(
        submitted_for=covered_for("statement"), decided_for=covered_for("decision")
    )
    submissions = list(rows)
    told = {one.decision_id for one in submissions if one.decision_id}
    checks = (
        item.checks.exclude(found__in=told)
        .select_related("reviewer", "found")
        .annotate(covered_for=covered_for("found"))
    )
    found = [_submission(one) for one in submissions]
    found += [
        Judged(
            at=check.at,
            title=_("Checked: %(progress)s") % {"progress": check.get_progress_display()},
            lines=[_by(in_place(check.reviewer.name, getattr(check, "covered_for", None)), check.day), check.how],
            words=str(check.found),
        )
        for check in checks
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _by(name: str, day: datetime.date | None) -> str:
    return _("%(name)s, %(day)s") % {"name": name, "day": format_date(day, "j F Y") if day else ""}


def _submission(one: Submission) -> Judged:
    submitter = in_place(one.submitted_by.name, getattr(one, "submitted_for", None))
    lines = [_("Submitted by %(by)s") % {"by": _by(submitter, one.day)}]
    if one.days_late:
        late = ngettext("%(n)s day late when submitted", "%(n)s days late when submitted", one.days_late)
        lines.append(late % {"n": one.days_late})
    if one.decided_by is not None:
        decider = in_place(one.decided_by.name, getattr(one, "decided_for", None))
        outcome = {"outcome": one.get_outcome_display(), "by": _by(decider, one.decided_on)}
        lines.append(_("%(outcome)s by %(by)s") % outcome)
    if one.method:
        lines.append(one.how)
    return Judged(
        at=one.submitted_at,
        title=_("Submission: %(outcome)s") % {"outcome": one.get_outcome_display().lower()},
        lines=lines,
        words=str(one.statement),
        answer=str(one.decision) if one.decision else "",
    )


def section(access: Access, item: Recommendation) -> Section:
    found, wait = judged(item, access), wait_of(access, item)
    decides = can_decide(access, item)
    return Section(
        name="review",
        noun="decision",
        title=_("Checks and sign-off"),
        summary=str(wait) if wait else (found[0].title if found else _("not checked yet")),
        is_open=wait is not None,
        data={
            "newest": found[:NEWEST],
            "older": found[NEWEST:],
            "wait": wait,
            "late_after": REVIEW_DAYS,
            "can_submit": can_submit(access, item),
            "can_withdraw": can_withdraw(access, item),
            "can_check": decides and can_check(access, item),
            "can_sign_off": decides and can_sign_off(access, item),
            "can_sustain": decides and can_sustain(access, item),
            "can_reopen": decides and can_reopen(access, item),
            "can_close": decides and can_close(access, item),
            "can_correct_text": can_correct_text(access, item),
        },
    )
