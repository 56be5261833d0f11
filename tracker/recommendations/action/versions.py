"""Your version, their version and the original of an action, shown after a conflict."""

import datetime
from typing import Any

from django.http import QueryDict

from tracker.accounts.models import User
from tracker.history.queries import as_of_version
from tracker.recommendations.action.forms import due_of as due_of_action
from tracker.recommendations.action.models import Action
from tracker.recommendations.action.queries import may_answer
from tracker.recommendations.conflict.queries import Compared, compared, texts_of, three_versions
from tracker.recommendations.recommendation.forms import Due
from tracker.web.forms import VersionedForm


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


def _due(columns: dict[str, Any]) -> str:
    day = columns.get("due_on")
    return str(Due(datetime.date.fromisoformat(day), bool(columns.get("due_is_month")))) if day else ""
