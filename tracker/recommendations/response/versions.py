"""The three versions of a response, shown when somebody else was faster."""

from typing import Any

from tracker.history.queries import as_of_version
from tracker.recommendations.conflict.queries import compared, texts_of, three_versions
from tracker.recommendations.recommendation.models import Recommendation
from tracker.recommendations.recommendation.progress import Response
from tracker.recommendations.response.forms import RespondForm, shown
from tracker.recommendations.timeline.queries import in_words


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
