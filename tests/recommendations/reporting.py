"""What the tests of reporting and of unsent text share."""

from tests.base import recommendation
from tests.factories import Answer, Node, read
from tracker.recommendations.models import Recommendation, Update


def report_url(number: int = 4) -> str:
    return f"/recommendations/{recommendation(number).pk}/report/"


def updates(number: int = 4) -> list[Update]:
    """The newest first."""
    return list(recommendation(number).updates.all())


def form_in(answer: Answer) -> Node:
    """The form of the report, and not the one that discards what is unsent."""
    (form,) = [form for form in read(answer).all("form") if form.all(name="progress")]
    return form


def errors_of(answer: Answer, name: str) -> str:
    """What stands beside that field, which the summary links to."""
    page = read(answer)
    message = page.one(id=f"id_{name}_error")
    assert [link for link in page.all("a") if link.attrs.get("href", "").startswith(f"#id_{name}")], (
        "not in the summary"
    )
    return message.text.removeprefix("Error: ")


def text_in(answer: Answer, name: str) -> str:
    return form_in(answer).one("textarea", name=name).text


def own(person: object, *numbers: int) -> list[Recommendation]:
    """Make somebody the owner of these, without a word in the history."""
    pks = [recommendation(number).pk for number in numbers]
    Recommendation.objects.filter(pk__in=pks).update(owner=person)
    return [recommendation(number) for number in numbers]
