"""What a person can do with a recommendation: the next step, and all others."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.accounts.policies import Access
from tracker.recommendations.action.policies import can_add_action
from tracker.recommendations.ask.policies import can_ask
from tracker.recommendations.comment.policies import can_comment
from tracker.recommendations.decision.policies import (
    can_check,
    can_close,
    can_correct_text,
    can_extend,
    can_reopen,
    can_return,
    can_sign_off,
    can_submit,
    can_sustain,
    can_withdraw,
)
from tracker.recommendations.due.models import Extension
from tracker.recommendations.due.policies import can_ask_extension, can_set_due
from tracker.recommendations.evidence.policies import can_add_evidence
from tracker.recommendations.lineage.policies import can_link_earlier
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.policies import can_plan, can_report
from tracker.recommendations.recommendation.progress import Progress, Response
from tracker.recommendations.response.policies import can_respond

Status = Recommendation.Status


@dataclass(frozen=True)
class Step:
    label: str
    url: str


@dataclass(frozen=True)
class Steps:
    """`first` is the next step for this person, if there is one."""

    first: Step | None
    others: list[Step] = field(default_factory=list)


def steps_of(access: Access, item: Recommendation, asked: Extension | None) -> Steps:
    """`asked` is the later due date that waits for a decision. One query, for who reviews."""
    if item.carried_by_id is not None:
        return Steps(None, _always(access, item))
    if item.status == Status.OPEN:
        found = [*_decide_extension(access, item, asked), *_answer(access, item), *_review_open(access, item)]
    else:
        found = _judge(access, item)
    worth = found[0] if found and _is_worth_a_button(access, item, asked) else None
    others = [*found, *_withdraw(access, item), *_always(access, item)]
    return Steps(worth, [step for step in others if step != worth])


def _is_worth_a_button(access: Access, item: Recommendation, asked: Extension | None) -> bool:
    """Whether it gets a button: somebody is waiting for it. Reviewers can check open ones at any time."""
    if item.status == Status.OPEN:
        return can_report(access, item) or (asked is not None and can_extend(access, item))
    if item.status == Status.SIGNED_OFF:
        return item.sustain_ask_on is not None and item.sustain_ask_on <= access.on
    return item.status == Status.SUBMITTED


def _step(label: str, name: str, pk: int) -> Step:
    return Step(label, reverse(f"recommendations:{name}", args=[pk]))


def _answer(access: Access, item: Recommendation) -> list[Step]:
    """The steps of lead and owner for an open recommendation, the next one first."""
    steps = [
        (_("Record your response"), "respond", can_respond(access, item)),
        (_("Set an owner and due date"), "change", can_plan(access, item)),
        (_("Send an update"), "report", can_report(access, item)),
        (_("Submit for sign-off"), "submit", can_submit(access, item)),
        (_("Add an action"), "add_action", can_add_action(access, item)),
        (_("Add evidence"), "add_evidence", can_add_evidence(access, item)),
        (_("Set the due date"), "set_due", can_set_due(access, item)),
        (_("Request an extension"), "ask_extension", item.original_due_on and can_ask_extension(access, item)),
        (_("Send a request to another organisation"), "ask", can_ask(access, item)),
        (_("Link to an earlier recommendation"), "link_earlier", can_link_earlier(access, item)),
    ]
    found = {name: _step(label, name, item.pk) for label, name, allowed in steps if allowed}
    first = found.pop(_next_name(item), None)
    return [first, *found.values()] if first else list(found.values())


def _next_name(item: Recommendation) -> str:
    if item.response == Response.NONE:
        return "respond"
    if item.has_no_owner or not item.due:
        return "change"
    return "submit" if item.progress == Progress.SUFFICIENT and item.returned_on is None else "report"


def _decide_extension(access: Access, item: Recommendation, asked: Extension | None) -> list[Step]:
    if asked is None or not can_extend(access, item):
        return []
    return [_step(_("Decide the extension request"), "decide_extension", asked.pk)]


def _review_open(access: Access, item: Recommendation) -> list[Step]:
    steps = [
        (_("Record a check"), "check", can_check(access, item)),
        (_("Close recommendation"), "close", can_close(access, item)),
    ]
    return [_step(label, name, item.pk) for label, name, allowed in steps if allowed]


def _judge(access: Access, item: Recommendation) -> list[Step]:
    asks_now = item.sustain_ask_on is not None and item.sustain_ask_on <= access.on
    steps = [
        (_("Review submission"), "sign_off", can_sign_off(access, item)),
        (_("Return submission"), "return", can_return(access, item)),
        (_("Record a check"), "check", item.status == Status.SUBMITTED and can_check(access, item)),
        (_("Record if progress is sustained"), "sustain", asks_now and can_sustain(access, item)),
        (_("Reopen"), "reopen", can_reopen(access, item)),
    ]
    return [_step(label, name, item.pk) for label, name, allowed in steps if allowed]


def _withdraw(access: Access, item: Recommendation) -> list[Step]:
    return [_step(_("Withdraw submission"), "withdraw", item.pk)] if can_withdraw(access, item) else []


def _always(access: Access, item: Recommendation) -> list[Step]:
    steps = [
        (_("Add a comment"), "comment", can_comment(access, item)),
        (_("Correct the printed text"), "correct_text", can_correct_text(access, item)),
    ]
    return [_step(label, name, item.pk) for label, name, allowed in steps if allowed]
