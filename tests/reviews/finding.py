"""What a search finds, read from its page; and words to be found."""

from django.test import Client

from tests.base import NOON, recommendation
from tests.factories import Node, read
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Report, Update


def hits(client: Client, typed: str, kind: str = "", only: str = "") -> list[Node]:
    answer = client.get("/search/", {"q": typed, "kind": only})
    assert answer.status_code == 200
    sections = read(answer).one(id="found").all("section")
    chosen = [one for one in sections if kind in ("", one.attrs["aria-labelledby"].removeprefix("found-"))]
    return [hit for section in chosen for hit in section.all("li", class_="app-hit")]


def titles(client: Client, typed: str, kind: str = "") -> list[str]:
    return [hit.one("a").text for hit in hits(client, typed, kind)]


def report(number: int, by: User, words: str) -> Update:
    item = recommendation(number)
    change(item, by=Actor(by), at=NOON, seen_version=item.version, report=Report("some", words))
    return Update.objects.latest("pk")
