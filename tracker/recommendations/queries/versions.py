"""The three versions of what the forms of responses, plans and actions change, when somebody else was faster."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from tracker.accounts.models import User
from tracker.history.models import Words
from tracker.history.operations import plain
from tracker.history.queries import as_of_version
from tracker.recommendations.conflict import Compared, three_versions
from tracker.recommendations.forms.action import due_of as due_of_action
from tracker.recommendations.forms.plan import PlanDueForm
from tracker.recommendations.forms.response import RespondForm, shown
from tracker.recommendations.forms.verb import Due, VersionedForm
from tracker.recommendations.history import in_words
from tracker.recommendations.models import Action, ActionPlan, Recommendation, Response
from tracker.recommendations.queries.action import may_answer


def response_versions(item: Recommendation, form: RespondForm) -> dict[str, Any]:
    current = Recommendation.objects.select_related("response_reason", "response_part").get(pk=item.pk)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    texts = texts_of(base.get("response_part_id"), base.get("response_reason_id"))
    response, reason = base.get("response") or "", texts.get(base.get("response_reason_id"), "")
    before = {
        "response": response,
        "part": texts.get(base.get("response_part_id"), ""),
        "partly_reason": reason if response == Response.PARTLY else "",
        "not_agreed_reason": reason if response == Response.NOT_AGREED else "",
    }
    theirs, mine = shown(current), {name: form.cleaned_data.get(name) or "" for name in before}
    fields = []
    for name in before:
        three = (before[name], theirs[name], mine[name])
        said = [in_words("response", one, {}) for one in three] if name == "response" else list(three)
        if any(three):
            fields.append(compared(form, name, said, theirs[name]))
    return three_versions(current, form, fields, version=current.version)


def plan_due_versions(plan: ActionPlan, form: PlanDueForm) -> dict[str, Any]:
    current = ActionPlan.objects.get(inspection=plan.inspection_id, addressee=plan.addressee_id)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    before, theirs, mine = base.get("due_on"), plain(current.due_on), plain(form.cleaned_data.get("due_on"))
    said = [in_words("due_on", one, {}) for one in (before, theirs, mine)]
    fields = [compared(form, "due_on", said, theirs or "")]
    return three_versions(current, form, fields, version=current.version)


def action_versions(action: Action, form: VersionedForm) -> dict[str, Any]:
    current = Action.objects.select_related("words", "done_by", "owner").get(pk=action.pk)
    base = as_of_version(current, form.cleaned_data["version"]) or {}
    titles = {item.pk: item.title for item in may_answer(current)}
    texts = texts_of(base.get("words_id"), base.get("done_by_id"))
    owners: dict[Any, str] = dict(User.objects.filter(pk=base.get("owner_id") or 0).values_list("pk", "name"))
    data = form.cleaned_data
    due = due_of_action(current)
    three: dict[str, tuple[str, str, str, str]] = {
        "text": (texts.get(base.get("words_id"), ""), current.words.text, data.get("text") or "", current.words.text),
        "owner": (
            owners.get(base.get("owner_id"), ""),
            current.owner.name if current.owner else "",
            data["owner"].name if data.get("owner") else "",
            current.owner.label if current.owner else "",
        ),
        "done_by": (
            texts.get(base.get("done_by_id"), ""),
            current.done_by.text if current.done_by else "",
            data.get("done_by") or "",
            current.done_by.text if current.done_by else "",
        ),
        "due_on": (_due(base), str(due or ""), str(data.get("due_on") or ""), str(due or "")),
    }
    fields = [compared(form, name, said[:3], said[3]) for name, said in three.items() if name in form.fields]
    context = three_versions(current, form, fields, version=current.version)
    if "answers" in form.fields:
        context["versions"] = [*fields, _answers(current, base, form, titles)]
    return context


def _answers(current: Action, base: dict[str, Any], form: VersionedForm, titles: dict[int, str]) -> Compared:
    """Several boxes cannot be refilled as one text, so they are set here."""
    mine, before = sorted(form.cleaned_data.get("answers") or []), base.get("answers") or []
    said = [", ".join(titles.get(pk, str(pk)) for pk in one) for one in (before, current.answers, mine)]
    if mine == before:
        assert isinstance(form.data, QueryDict)
        form.data.setlist(form.add_prefix("answers"), [str(pk) for pk in current.answers])
    return compared(form, "answers", said, "")


def compared(form: VersionedForm, name: str, said: Sequence[str], typed: str) -> Compared:
    before, theirs, mine = said
    return Compared(name, str(form.fields[name].label), before, theirs, mine, typed)


def _due(columns: dict[str, Any]) -> str:
    day = columns.get("due_on")
    return str(Due(datetime.date.fromisoformat(day), bool(columns.get("due_is_month")))) if day else ""


def texts_of(*pks: int | None) -> dict[Any, str]:
    return dict(Words.objects.filter(pk__in=[pk for pk in pks if pk]).values_list("pk", "text"))
