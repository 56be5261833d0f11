"""Who finds what: by the policies of everything else, compared with plain Python on random data as every role."""

import random
import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.base import KSS, NOON, NORTH, TODAY, Cast, recommendation
from tests.factories import far_away, inspection_at, place, read, scattered
from tests.inspections.embargoed import busy, embargoed
from tests.reviews.finding import hits
from tracker.accounts.models import User
from tracker.accounts.policies import Access, administered_people
from tracker.history.models import FreeText
from tracker.history.operations import Actor
from tracker.recommendations.action.policies import visible_actions
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.models import Action, Evidence, Recommendation, Update
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.reviews.forms.search import sought
from tracker.reviews.queries.query_expansion import meanings
from tracker.reviews.queries.search import KINDS, findable_people, matching

SignedIn = Callable[[str], Client]
PATHS = (f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/", KSS, "hmpps/", NORTH, f"{NORTH}county-durham-pdu/")
# No two of them begin alike, and none is a form of another.
WORDS = ("apricot", "bramble", "cinnamon", "dulcimer", "fandango", "gondola", "harpoon", "icicle")
pytestmark = pytest.mark.usefixtures("at_noon")


def test_comments_are_not_searchable(signed_in: SignedIn, cast: Cast) -> None:
    for is_internal in (True, False):
        comment(recommendation(4), "A fandango of words.", is_internal=is_internal, by=Actor(cast.head), at=NOON)
    for who in ("head", "director", "inspector", "reader"):
        assert hits(signed_in(who), "fandango") == []


def test_nothing_of_a_report_under_embargo_is_found_but_by_who_is_named(signed_in: SignedIn, cast: Cast) -> None:
    busy(cast, embargoed(cast, "director", "colleague"))
    for who in ("head", "operations", "national", "reader", "top_admin", "policy"):
        assert hits(signed_in(who), "secret") == [], who
    assert {hit.one("a").attrs["href"].split("/")[1] for hit in hits(signed_in("director"), "secret")} == {
        "recommendations",
        "actions",
    }


def filled(cast: Cast, seed: int) -> random.Random:
    """Every kind of text, made of a few words, at every level and in another region."""
    dice = random.Random(seed)
    far_away(10)
    owners = [cast.head, cast.officer, cast.operations, cast.policy, cast.stranger]

    def text() -> str:
        return " ".join(dice.choices(WORDS, k=dice.randint(1, 3)))

    items = scattered(seed, inspection_at(KSS, "Another"), [place(path) for path in PATHS], owners, 40)
    Recommendation.objects.filter(pk__in=[item.pk for item in items]).update(text="nothing of it")
    for item in items[::2]:
        Recommendation.objects.filter(pk=item.pk).update(text=text())

    def words() -> FreeText:
        return FreeText.objects.create(text=text(), written_by=cast.head, written_at=NOON)

    for item in dice.choices(items, k=40):
        given = {"recommendation": item, "author": cast.head, "at": NOON, "day": TODAY}
        reason = words() if dice.random() < 0.5 else None
        Update.objects.create(what_changed=words(), outlook_reason=reason, speaker="lead", progress="some", **given)
        Evidence.objects.create(caption=words(), speaks_of=TODAY, link="https://example.test/", **given)
        action = Action.objects.create(
            words=words(), inspection=item.inspection, addressee=item.addressee, done_by=words() if reason else None
        )
        action.recommendations.add(item)
    for n, owner in enumerate(owners):
        User.objects.filter(pk=owner.pk).update(name=f"{WORDS[n].title()} {WORDS[n + 1].title()}")
    return dice


def oracle(access: Access, terms: list[str]) -> dict[str, set[int]]:
    """What plain Python finds in the rows that policies show."""

    def fits(*texts: object) -> bool:
        return any(set(terms) <= set(re.findall(r"\w+", str(text).lower())) for text in texts if text)

    items = list(visible_recommendations(access))
    updates = Update.objects.filter(recommendation__in=items).select_related("what_changed", "outlook_reason")
    evidence = Evidence.objects.filter(recommendation__in=items).select_related("caption")
    owners = {item.owner for item in items if item.owner} | set(administered_people(access))
    return {
        "recommendations": {item.pk for item in items if fits(item.text)},
        "actions": {one.pk for one in visible_actions(access) if fits(one.words, one.done_by)},
        "updates": {one.pk for one in updates if fits(one.what_changed, one.outlook_reason)},
        "evidence": {one.pk for one in evidence if fits(one.caption)},
        "people": {one.pk for one in owners if fits(one.name)},
    }


@pytest.mark.parametrize("seed", [3, 4])
def test_everybody_finds_what_plain_python_finds_in_what_they_see(cast: Cast, seed: int) -> None:
    dice = filled(cast, seed)
    total = 0
    for who in vars(cast):
        access = Access(getattr(cast, who), TODAY, NOON)
        for terms in [*([word] for word in dice.sample(WORDS, 3)), *(dice.sample(WORDS, 2) for _ in range(2))]:
            asked = sought(" ".join(terms))
            meant = meanings(access, asked)
            found = {kind.name: {row.pk for row in matching(access, asked, meant, kind)} for kind in KINDS}
            found["people"] = {person.pk for person in findable_people(access, asked)}
            assert found == oracle(access, terms), (who, terms)
            total += sum(len(pks) for pks in found.values())
    assert total > 300


@pytest.mark.parametrize("who", ["head", "stranger", "reader", "admin"])
def test_the_page_counts_what_it_finds(signed_in: SignedIn, cast: Cast, who: str) -> None:
    filled(cast, 5)
    client, access = signed_in(who), Access(getattr(cast, who), TODAY, NOON)
    for word in WORDS[:3]:
        page = read(client.get("/search/", {"q": word})).one(id="found")
        told = {
            one.attrs["id"].removeprefix("found-"): int(one.one(class_="app-count").text.strip("()"))
            for one in page.all("h2")
        }
        assert told == {name: len(pks) for name, pks in oracle(access, [word]).items() if pks}
        for name, count in told.items():
            assert len(hits(client, word, only=name)) == min(count, 100)


def test_search_finds_only_people_visible_elsewhere(signed_in: SignedIn, cast: Cast) -> None:
    Recommendation.objects.filter(pk=recommendation(4).pk).update(owner=cast.officer)
    (hit,) = hits(signed_in("head"), "officer", "people")
    assert hit.one("a").attrs["href"] == f"/recommendations/?owner={cast.officer.pk}"
    assert "example.test" not in hit.text
    (hit,) = hits(signed_in("admin"), "officer@example.test", "people")
    assert hit.one("a").attrs["href"] == f"/people/{cast.officer.pk}/"
    for who, typed in (
        ("head", "colleague"),
        ("neighbour", "officer"),
        ("head", "officer@example"),
        ("nobody", "nobody"),
    ):
        assert hits(signed_in(who), typed, "people") == [], (who, typed)
