"""Everything recorded about one recommendation, as plain data from which all documents are made.

The record, the download and the meeting pack show parts of the same dossiers. A dossier has nothing internal in it: no
comment, only the number of internal ones.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.accounts.policies import Access
from tracker.exchange.queries.prefetch import Material, material
from tracker.exchange.queries.record import Asked, Dossier, Found, Proof, RecordedFigure, Said, Step, Value
from tracker.history.models import Event
from tracker.measures.models import Measure
from tracker.measures.queries import rows_of
from tracker.recommendations.action.queries import due_in_words
from tracker.recommendations.decision.progress_by_source import voices_from
from tracker.recommendations.lineage.queries import before_in_words
from tracker.recommendations.models import Action, Ask, Check, Evidence, Extension, Recommendation, Submission, Update
from tracker.recommendations.recommendation.fields import exported_facts
from tracker.recommendations.timeline.queries import entry_of, in_place

# Recommendations in one chunk. Each chunk costs the same number of queries.
CHUNK = 50
Status = Recommendation.Status


def dossiers(access: Access, pks: Sequence[int]) -> list[Dossier]:
    """Dossiers of the visible recommendations, in the order of `pks`. A constant number of queries."""
    found = material(access, pks)
    return [_dossier(item, found, access.on) for item in found.items]


def chunks(pks: Iterable[int], size: int = CHUNK) -> Iterator[list[int]]:
    rest = iter(pks)
    while chunk := list(islice(rest, size)):
        yield chunk


def day_in_words(day: datetime.date | None) -> str:
    return format_date(day, "j F Y") if day else ""


def _dossier(item: Recommendation, found: Material, on: datetime.date) -> Dossier:
    pk = item.pk
    updates, checks = found.updates.get(pk, []), found.checks.get(pk, [])
    submissions, events = found.submissions.get(pk, []), found.events.get(pk, [])
    return Dossier(
        **_as_printed(item, found.earlier.get(pk, [])),
        **_as_promised(item, on),
        voices=voices_from(item, updates[0] if updates else None, checks[0] if checks else None),
        verified=_verified(item, checks, submissions),
        updates=tuple(_update(one) for one in updates),
        checks=tuple(_check(one) for one in checks),
        submissions=tuple(_submission(one) for one in submissions),
        extensions=tuple(_extension(one) for one in sorted(found.extensions.get(pk, []), key=lambda one: -one.pk)),
        evidence=tuple(_proof(one, events) for one in found.evidence.get(pk, [])),
        figures=tuple(_figure(one) for one in found.measures.get(pk, [])),
        steps=tuple(_step(one, item, on) for one in item.actions.all()),
        asks=tuple(_asked(one, item, on) for one in found.asks.get(pk, [])),
        history=tuple(entry_of(event, found.names) for event in events),
        internal_comments=found.internal_comments.get(pk, 0),
    )


def _as_printed(item: Recommendation, earlier: list[Recommendation]) -> dict[str, Any]:
    findings = tuple(
        Found(str(one.inspection), one.inspection.published, one.progress_printed, one.text)
        for one in item.findings.all()
    )
    return {
        "pk": item.pk,
        "inspection_pk": item.inspection_id,
        "title": str(item.title),
        "number": item.number,
        "is_previous": item.is_previous,
        "report": str(item.inspection),
        "published": item.inspection.published,
        "addressee": item.addressee.name,
        "addressee_printed": item.addressee_printed,
        "text": item.text,
        "place": item.place,
        "standards": ", ".join(link.standard for link in item.standards.all()),
        "repeats": _repeats(item, earlier),
        "findings": findings,
    }


def _as_promised(item: Recommendation, on: datetime.date) -> dict[str, Any]:
    lateness, is_late = _lateness(item, on)
    return {
        "status": _status(item),
        "response": str(item.get_response_display()),
        "response_part": str(item.response_part or ""),
        "response_reason": str(item.response_reason or ""),
        "owner": _owner(item),
        "due": item.due,
        "original_due": day_in_words(item.original_due_on),
        "is_draft_date": item.due_is_draft,
        "lateness": lateness,
        "is_late": is_late,
        "more_facts": exported_facts(item),
    }


def _repeats(item: Recommendation, earlier: list[Recommendation]) -> str:
    if earlier:
        return before_in_words(earlier)
    return before_in_words([item]) if item.asked_before else ""


def _status(item: Recommendation) -> str:
    if item.carried_by is not None:
        later = {"title": str(item.carried_by.title).lower(), "report": item.carried_by.inspection}
        return _("Carried forward in %(title)s of %(report)s") % later
    return str(item.get_status_display())


def _owner(item: Recommendation) -> str:
    if item.owner is None:
        return _("No owner")
    return _("No owner (was %(name)s)") % {"name": item.owner} if item.has_no_owner else str(item.owner)


def _lateness(item: Recommendation, on: datetime.date) -> tuple[str, bool]:
    if days := item.days_overdue(on):
        return ngettext("Overdue by %(n)s day", "Overdue by %(n)s days", days) % {"n": days}, True
    if item.status == Status.SUBMITTED and item.carried_by_id is None:
        days = item.working_days_in_review(on)
        said = ngettext("Waiting for review for %(n)s working day", "Waiting for review for %(n)s working days", days)
        return said % {"n": days}, False
    return (_("Past first due date"), True) if item.has_slipped(on) else ("", False)


def _verified(item: Recommendation, checks: list[Check], submissions: list[Submission]) -> str:
    """Who checked it last and how; "" for what is only reported."""
    if item.status == Status.SIGNED_OFF and item.signed_off_by is not None:
        last = next((one for one in submissions if one.outcome == Submission.Outcome.SIGNED_OFF), None)
        name = in_place(item.signed_off_by.name, getattr(last, "decided_for", None))
        said = _("Signed off by %(name)s, %(day)s") % {"name": name, "day": day_in_words(item.signed_off_on)}
        said = f"{said} ({last.how})" if last and last.how else said
        if item.sustained_on:
            return said + ". " + _("Confirmed as sustained on %(day)s") % {"day": day_in_words(item.sustained_on)}
        return said
    if checks:
        one = checks[0]
        name = in_place(one.reviewer.name, getattr(one, "covered_for", None))
        told = {"name": name, "day": day_in_words(one.day), "progress": one.get_progress_display(), "how": one.how}
        return _("Checked by %(name)s, %(day)s: %(progress)s (%(how)s)") % told
    return _("Not verified yet")


def _update(one: Update) -> Said:
    words, title = str(one.what_changed), str(one.get_progress_display())
    if one.went_down:
        title = _("%(progress)s (downgraded)") % {"progress": title}
    if one.outlook:
        outlook = str(one.get_outlook_display())
        title += f". {outlook}" + (f": {one.outlook_reason}" if one.outlook_reason else "")
    return Said(one.day, title, in_place(one.author.name, getattr(one, "covered_for", None)), words)


def _check(one: Check) -> Said:
    title = f"{one.get_progress_display()} ({one.how})"
    return Said(one.day, title, in_place(one.reviewer.name, getattr(one, "covered_for", None)), str(one.found))


def _submission(one: Submission) -> Said:
    title = str(one.get_outcome_display())
    if one.decided_by is not None:
        name = in_place(one.decided_by.name, getattr(one, "decided_for", None))
        decided = {"outcome": title, "name": name, "day": day_in_words(one.decided_on)}
        title = _("%(outcome)s by %(name)s, %(day)s") % decided
        title += f" ({one.how})" if one.how else ""
    by = in_place(one.submitted_by.name, getattr(one, "submitted_for", None))
    return Said(one.day, title, by, str(one.statement), str(one.decision or ""))


def _extension(one: Extension) -> Said:
    title = _("%(before)s to %(after)s: %(state)s") % {
        "before": one.before,
        "after": one.after,
        "state": str(one.get_state_display()).lower(),
    }
    if one.decided_by is not None:
        title += ", " + _("%(name)s, %(day)s") % {"name": one.decided_by, "day": day_in_words(one.decided_on)}
    return Said(one.day, title, one.asked_by.name, str(one.reason), str(one.decision or ""))


def _proof(one: Evidence, events: list[Event]) -> Proof:
    kept = Proof(one.pk, str(one.caption), one.speaks_of, one.day, one.author.name, one.name, one.kind, one.size)
    if one.is_removed:
        return _without(kept, _("Permanently removed"))
    if one.withdrawn_on is not None:
        told = (event for event in events if event.verb == "evidence.withdrawn" and event.subject_id == one.pk)
        why = next((str(event.why or "") for event in told), "")
        by = {"name": one.withdrawn_by, "day": day_in_words(one.withdrawn_on)}
        return _without(kept, _("Withdrawn by %(name)s, %(day)s") % by, why)
    if one.scan == Evidence.Scan.INFECTED:
        return _without(kept, _("Not available: contains a virus"))
    facts = {"sha256": one.sha256, "link": one.link, "host": urlsplit(one.link).hostname or ""}
    return Proof(**(vars(kept) | facts | {"stored": str(one.file.name) if one.file else ""}))


def _without(kept: Proof, state: str, why: str = "") -> Proof:
    return Proof(**(vars(kept) | {"state": state, "why": why}))


def _figure(one: Measure) -> RecordedFigure:
    values = []
    for row in rows_of(one):
        row.reading.measure = one
        if not row.is_replaced:
            facts = (row.reading.source, row.reading.method, str(row.reading.caution or ""))
            values.append(Value(row.reading.as_of, row.reading.in_words, *facts, row.is_other_method))
    has_baseline = one.baseline_value is not None
    return RecordedFigure(
        name=one.name,
        better=str(one.get_better_display()),
        baseline=one.baseline_in_words if has_baseline else "",
        baseline_place=one.baseline_place,
        target=one.target_in_words,
        caution=one.caution,
        change=_change(one),
        values=tuple(values),
    )


def _change(one: Measure) -> str:
    """Whether the latest comparable reading is better, worse or equal to the baseline; "" if none is comparable."""
    alike = [row.reading.value for row in rows_of(one) if not row.is_replaced and not row.is_other_method]
    value: Decimal | None = next((value for value in alike if value is not None), None)
    if value is None or one.baseline_value is None:
        return ""
    rise = value - one.baseline_value
    if rise == 0:
        return _("Same as in the report")
    is_better = (rise > 0) == (one.better == Measure.Better.UP)
    return _("Better than in the report") if is_better else _("Worse than in the report")


def _step(one: Action, item: Recommendation, on: datetime.date) -> Step:
    who = ", ".join(str(name) for name in (one.owner, one.done_by) if name)
    state = str(one.get_state_display())
    if one.state == Action.State.DONE:
        state = _("Done on %(day)s") % {"day": day_in_words(one.done_on)}
    elif one.state == Action.State.OPEN and one.stuck_since:
        stuck = {"day": day_in_words(one.stuck_since), "why": one.stuck_because}
        state = _("Blocked since %(day)s: %(why)s") % stuck
    days = one.days_overdue(on) if item.status in Recommendation.UNFINISHED and item.carried_by_id is None else 0
    return Step(str(one.words), who or _("no one named"), due_in_words(one), state, days)


def _asked(one: Ask, item: Recommendation, on: datetime.date) -> Asked:
    state = str(one.get_state_display())
    if one.answered_by is not None:
        state += ", " + _("%(name)s, %(day)s") % {"name": one.answered_by, "day": day_in_words(one.answered_on)}
    if one.promised_on is not None:
        state += " (" + _("promised by %(day)s") % {"day": day_in_words(one.promised_on)} + ")"
    days = one.days_overdue(on) if item.status == Status.OPEN and item.carried_by_id is None else 0
    answer = str(one.answer or "")
    return Asked(str(one.words), one.asked_of.name, one.day, one.wanted_on, state, answer, days)
