"""What may be said: HMIP's words, the plan as sent, what was checked; never a name, a claim or anything internal."""

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import Node, place, read
from tests.inspections.embargoed import busy, embargoed
from tests.recommendations.evidence import give
from tests.recommendations.planning import agreed, cleared, plan, step
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.measures.models import NewReading
from tracker.recommendations.ask.operations import ask
from tracker.recommendations.change.operations import change
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.decision.operations import check
from tracker.recommendations.measure.operations import add_measure, supply
from tracker.recommendations.models import Recommendation, Report
from tracker.recommendations.plan.operations import send_plan
from tracker.recommendations.recommendation.queries import last_event_id
from tracker.recommendations.update.operations import report

SignedIn = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("at_noon")


def said(client: Client) -> Node:
    answer = client.get(f"/review/press/{west_kent().pk}/")
    assert answer.status_code == 200
    return read(answer).one(id="press-statement")


def row(client: Client, title: str) -> str:
    (found,) = [one for one in said(client).all("section") if one.one("h2").text == title]
    return found.text


def test_press_page_holds_only_printed_words_before_anything_is_sent(signed_in: SignedIn, cast: Cast) -> None:
    change(recommendation(4), by=Actor(cast.head), at=NOON, seen_version=1, report=Report("sufficient", "All is done."))
    step(cast, 4, text="Train every officer")
    agreed(recommendation(4), cast.head)
    page = said(signed_in("director"))
    assert "As at 23 November 2026." in page.text
    assert "No action plan has been sent yet" in page.text
    assert len(page.all("section")) == 19
    item = recommendation(4)
    assert row(signed_in("director"), "Recommendation 4") == (
        f"Recommendation 4 HMIP to {item.addressee_printed}: “{item.text}”"
    )
    assert "Rated: No progress" in page.text


def test_press_page_shows_the_plan_as_sent(signed_in: SignedIn, cast: Cast) -> None:
    cleared(cast)
    send_plan(plan(), by=Actor(cast.head), at=NOON)
    sent = row(signed_in("director"), "Recommendation 4")
    assert "Response as sent: Agreed." in sent
    assert "Actions as sent: Train every officer (not done)" in sent
    step(cast, 4, text="Another step")
    Recommendation.objects.filter(pk=recommendation(4).pk).update(response="")
    assert row(signed_in("director"), "Recommendation 4") == sent


def test_what_was_checked_and_measured_is_said_with_its_day(signed_in: SignedIn, cast: Cast) -> None:
    item = recommendation(4)
    seen, words = last_event_id(item), "Nobody may read this."
    check(item, by=Actor(cast.director), at=NOON, seen_event=seen, progress="some", method="papers", found=words)
    figure: dict[str, Any] = {"name": "Cases supervised", "unit": "%", "better": "up", "supplier": cast.supplier}
    measure = add_measure(item, by=Actor(cast.head), at=NOON, **figure)
    reading = NewReading(
        TODAY - datetime.timedelta(days=3), Decimal(61), source="Case file", method="by hand", caution="Small sample."
    )
    supply([(measure, reading)], by=Actor(cast.supplier), at=NOON)
    text = row(signed_in("director"), "Recommendation 4")
    assert "Checked by a reviewer, 23 November 2026: Some progress." in text
    assert "Cases supervised: 61% as of 20 November 2026. Source: Case file. Method: by hand. Caution: Small" in text
    assert "Nobody may read" not in text


NAMES = ("Ottoline Quist", "Barnaby Thrupp", "Zuleika Dobson", "Peregrine Pike", "Cosima Wyrm")


def everything(cast: Cast, dice: random.Random) -> list[str]:
    """Every kind of text, with names and addresses in what is sent; gives the words that must not be said."""
    people = [cast.head, cast.officer, cast.director, cast.supplier, cast.colleague]
    for person, name in zip(people, NAMES, strict=True):
        User.objects.filter(pk=person.pk).update(name=name)
    secret = [f"unsayable{dice.randrange(10**9)}" for _ in range(8)]
    for number in (1, 2, 4):
        item = recommendation(number)
        words = Report(dice.choice(["no", "some", "sufficient"]), secret[0], "at_risk", secret[1])
        report([item], words, by=Actor(cast.head), at=NOON)
        comment(item, secret[2], is_internal=dice.random() < 0.5, by=Actor(cast.head), at=NOON)
        wanted = TODAY + datetime.timedelta(days=9)
        ask(item, words=secret[3], asked_of=place("hmpps/"), wanted_on=wanted, by=Actor(cast.head), at=NOON)
        check(
            item,
            by=Actor(cast.director),
            at=NOON,
            seen_event=last_event_id(item),
            progress="some",
            method="visit",
            found=secret[4],
        )
        give(cast.head, [number], caption=secret[5])
    for number in range(1, 4):
        name = dice.choice(NAMES)
        step(cast, number, text=f"Ask {name.upper()} at {name[:3]}@justice.example, then act", done_by=secret[6])
    cleared(cast)
    send_plan(plan(), by=Actor(cast.head), at=NOON)
    step(cast, 4, text=secret[7])
    return secret


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_press_page_never_shows_names_addresses_or_update_text(
    signed_in: SignedIn, cast: Cast, own_store: Path, seed: int
) -> None:
    secret = everything(cast, random.Random(seed))
    for who in ("director", "reader", "inspector"):
        client = signed_in(who)
        page = said(client)
        text = page.text.casefold()
        assert "then act" in text
        assert "ask [name left out] at [address left out]" in text
        assert [word for word in secret if word in text] == []
        assert [name for name in NAMES if name.casefold() in text] == []
        assert [one.email for one in User.objects.all() if one.email in text] == []
        assert "@" not in text
        assert page.all("a") == []


def test_nothing_of_a_report_under_embargo_is_said_by_anybody(signed_in: SignedIn, cast: Cast) -> None:
    inspection = embargoed(cast, "director", "colleague")
    busy(cast, inspection)
    client = signed_in("director")
    assert inspection.title not in client.get("/review/press/").content.decode()
    assert client.get(f"/review/press/{inspection.pk}/").status_code == 404
    assert "secret" not in said(client).text


def test_person_outside_the_region_gets_no_press_page(signed_in: SignedIn) -> None:
    client = signed_in("strange_admin")
    assert "No inspections of your organisations have been published yet." in read(client.get("/review/press/")).text
    assert client.get(f"/review/press/{west_kent().pk}/").status_code == 404
    assert signed_in("head").get("/review/press/").status_code == 403
