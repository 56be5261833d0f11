"""Claimed and proven: where the owner's word, the reviewer's and the figures part, and where they do not."""

import datetime
import random
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, NORTH, TODAY, Cast, previous, recommendation, west_kent
from tests.factories import Node, everywhere, far_away, listed, place, read, scattered
from tests.recommendations.reviewing import reported, signed_off
from tracker.accounts.models import User
from tracker.history.operations import Actor
from tracker.measures.models import Measure, Reading
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import MeasureLink, Recommendation, Report

SignedIn = Callable[[str], Client]
URL = "/review/assurance/"
PATHS = (f"{KSS}west-kent-pdu/", f"{KSS}east-kent-pdu/", KSS, "hmpps/", NORTH, f"{NORTH}county-durham-pdu/")
pytestmark = pytest.mark.usefixtures("at_noon")


def part(client: Client, name: str) -> Node:
    return read(client.get(URL)).one(id=name)


def told(client: Client, name: str) -> set[int]:
    return set(listed(part(client, name)))


def checked(number: int, progress: str, days_ago: int, by: object) -> None:
    """As it stands after a check on that day; how it came about is not asked here."""
    Recommendation.objects.filter(pk=recommendation(number).pk).update(
        checked_progress=progress, checked_by=by, checked_on=TODAY - datetime.timedelta(days=days_ago)
    )


@pytest.mark.parametrize(
    ("says", "found", "days_ago", "is_gap"),
    [
        ("no", None, 0, False),
        ("some", None, 0, False),
        ("sufficient", None, 0, True),
        # Checked on the day of the report or later: more is reported than was found.
        ("sufficient", "some", 0, True),
        ("sufficient", "no", 0, True),
        ("some", "no", 0, True),
        ("sufficient", "sufficient", 0, False),
        ("some", "some", 0, False),
        ("some", "sufficient", 0, False),
        ("no", "some", 0, False),
        # The check is older: it says nothing of what has moved since, but Sufficient is unchecked.
        ("some", "no", 1, False),
        ("sufficient", "sufficient", 1, True),
        ("sufficient", "no", 1, True),
    ],
)
def test_the_gap(signed_in: SignedIn, cast: Cast, says: str, found: str | None, days_ago: int, is_gap: bool) -> None:
    reported(4, cast.head, says)
    if found:
        checked(4, found, days_ago, cast.director)
    assert (recommendation(4).pk in told(signed_in("director"), "gap")) == is_gap


def measured(number: int, better: str, baseline: int | None, *readings: tuple[int | None, str]) -> None:
    item = recommendation(number)
    measure = Measure.objects.create(
        organisation=item.addressee, name="Cases", unit="%", better=better, baseline=baseline, baseline_method="audit"
    )
    MeasureLink.objects.create(recommendation=item, measure=measure, said_by="ours")
    by = User.objects.earliest("pk")
    for days, (value, method) in enumerate(readings):
        day = TODAY - datetime.timedelta(days=50 - days)
        Reading.objects.create(
            measure=measure,
            value=value,
            method=method,
            as_of=day,
            source="Audit",
            given_by=by,
            at=LOADED_AT,
            day=day,
        )


LOADED_AT = datetime.datetime(2026, 11, 2, 9, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("better", "baseline", "readings", "unmoved"),
    [
        ("up", 40, [(40, "audit")], True),
        ("up", 40, [(41, "audit")], False),
        ("up", 40, [(39, "audit")], True),
        ("down", 40, [(39, "audit")], False),
        ("down", 40, [(41, "audit")], True),
        # It was better once, and no longer is.
        ("up", 40, [(60, "audit"), (40, "audit")], True),
        # What cannot be calculated is not zero, and another method says nothing.
        ("up", 40, [(40, "audit"), (None, "audit")], True),
        ("up", 40, [(90, "survey")], False),
        ("up", 40, [(40, " Audit "), (90, "survey")], True),
        ("up", 40, [], False),
        ("up", None, [(1, "audit")], False),
    ],
)
def test_sufficient_while_no_figure_has_moved(
    signed_in: SignedIn, cast: Cast, better: str, baseline: int | None, readings: list[tuple[int, str]], unmoved: bool
) -> None:
    MeasureLink.objects.all().delete()
    reported(4, cast.head, "sufficient")
    measured(4, better, baseline, *readings)
    measured(5, "up", 40, (40, "audit"))
    client = signed_in("director")
    # The other one is not reported as sufficient, whatever its figures say.
    assert told(client, "unmoved") == ({recommendation(4).pk} if unmoved else set())


def test_one_changed_figure_is_enough(signed_in: SignedIn, cast: Cast) -> None:
    reported(4, cast.head, "sufficient")
    measured(4, "up", 40, (40, "audit"))
    client = signed_in("director")
    assert told(client, "unmoved") == {recommendation(4).pk}
    measured(4, "up", 40, (41, "audit"))
    assert told(client, "unmoved") == set()


def test_what_is_signed_off_waits_to_be_found_sustained(signed_in: SignedIn, cast: Cast, own_store: object) -> None:
    item = signed_off(4, cast)
    client = signed_in("director")
    assert told(client, "unsustained") == {item.pk}
    assert told(client, "gap") == set()
    Recommendation.objects.filter(pk=item.pk).update(sustained_on=TODAY)
    assert told(client, "unsustained") == set()


def test_what_went_down_at_its_last_report(signed_in: SignedIn, cast: Cast) -> None:
    reported(4, cast.head, "some")
    item = recommendation(4)
    lower = Report("no", "Fewer cases than in summer.")
    change(item, by=Actor(cast.head), at=NOON, seen_version=item.version, report=lower)
    client = signed_in("director")
    assert told(client, "went_down") == {item.pk}
    reported(4, cast.head, "some")
    assert told(client, "went_down") == set()


@pytest.mark.parametrize(
    ("reported_as", "checked_as", "has_moved"),
    [
        # HMIP found no progress in May 2022.
        (None, None, False),
        ("no", None, False),
        ("some", None, True),
        ("sufficient", None, True),
        # The reviewer's word counts before the owner's.
        ("sufficient", "no", False),
        ("no", "some", True),
    ],
)
def test_what_moved_since_the_inspection(
    signed_in: SignedIn, cast: Cast, reported_as: str | None, checked_as: str | None, has_moved: bool
) -> None:
    item = previous(2)
    assert item.findings.get().progress == "no"
    if reported_as:
        report = Report(reported_as, "Every case is now looked at.")
        change(item, by=Actor(cast.operations), at=NOON, seen_version=item.version, report=report)
    if checked_as:
        Recommendation.objects.filter(pk=item.pk).update(
            checked_progress=checked_as, checked_by=cast.director, checked_on=TODAY
        )
    client = signed_in("director")
    assert told(client, "moved") == ({item.pk} if has_moved else set())
    assert set(listed(read(client.get("/recommendations/?mark=moved")))) == ({item.pk} if has_moved else set())


def test_what_was_said_before_the_inspection_has_not_moved_since(signed_in: SignedIn, cast: Cast) -> None:
    item = previous(2)
    day = item.findings.get().inspection.published_to
    Recommendation.objects.filter(pk=item.pk).update(
        progress="some", reported_by=cast.operations, reported_on=day, checked_on=None
    )
    assert told(signed_in("director"), "moved") == set()
    Recommendation.objects.filter(pk=item.pk).update(reported_on=day + datetime.timedelta(days=1))
    assert told(signed_in("director"), "moved") == {item.pk}


# -- figures and lists -----------------------------------------------------------------------------------------------
def ids_at(client: Client, url: str) -> set[int]:
    """Of all pages of the list."""
    page = read(client.get(url))
    found = set(listed(page))
    while following := page.all("a", rel="next"):
        page = read(client.get(f"/recommendations/{following[0].attrs['href']}"))
        found |= set(listed(page))
    return found


@pytest.mark.parametrize("who", ["director", "national", "inspector", "operations"])
def test_each_figure_equals_the_list_it_leads_to(signed_in: SignedIn, cast: Cast, who: str) -> None:
    everywhere(21, 120, [cast.officer, cast.director, getattr(cast, who)], PATHS)
    dice = random.Random(4)
    for item in Recommendation.objects.exclude(progress=""):
        if item.reported_on is not None and dice.random() < 0.6:
            item.checked_progress, item.checked_by = dice.choice(["no", "some", "sufficient"]), cast.director
            item.checked_on = item.reported_on + datetime.timedelta(days=dice.choice([-1, 0, 1]))
            item.save()
    client = signed_in(who)
    figures = {
        link.attrs["href"][1:]: int(link.one("span").text)
        for link in read(client.get(URL)).one(class_="app-figures").all("a")
    }
    assert figures["gap"] > 5
    assert figures["unsustained"] > 0
    for name in ("gap", "unsustained", "went_down"):
        shown = part(client, name)
        rows = ids_at(client, f"/recommendations/?mark={name}")
        assert f"({figures[name]})" in shown.one("h2").text
        assert len(rows) == figures[name], name
        assert set(listed(shown)) <= rows
        assert len(listed(shown)) == min(20, len(rows))


def test_the_other_region_changes_nothing_here(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    before = read(client.get(URL)).one(id="assurance").text
    far_away()
    assert read(client.get(URL)).one(id="assurance").text == before


def test_it_costs_as_many_queries_for_many_as_for_few(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    counts = []
    for turn in range(2):
        reported(4 + turn, cast.head, "sufficient")
        measured(4 + turn, "up", 40, (40, "audit"))
        scattered(turn, west_kent(), [place(PATHS[0])], [cast.head], 30 if turn == 0 else 200)
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 25


@pytest.mark.parametrize("who", ["head", "officer", "supplier", "nobody"])
def test_page_is_for_people_above_the_pdus(signed_in: SignedIn, who: str) -> None:
    assert signed_in(who).get(URL).status_code == 403


def test_empty_parts_say_so(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("director")
    for name in ("gap", "unmoved", "unsustained", "went_down"):
        assert "None at the moment." in part(client, name).text
