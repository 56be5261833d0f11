"""A page costs as many queries for three hundred recommendations as for twelve, and never a silly number of them."""

import datetime
from collections.abc import Callable, Iterable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import in_status, place, scattered
from tests.recommendations.planning import plan_url, planned
from tracker.history.models import FreeText
from tracker.history.operations import Actor, operation, snapshot
from tracker.measures.models import Measure
from tracker.recommendations.models import Action, Ask, Evidence, MeasureLink, Recommendation, Update

SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"
YESTERDAY = TODAY - datetime.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("at_noon", "no_column_is_loaded_later")
# For anybody, whatever stands on the page.
MOST = {"home": 40, "detail": 45}


def addresses(cast: Cast) -> dict[str, str]:
    return {
        "home": "/",
        "list": "/recommendations/",
        "filtered": "/recommendations/?q=people&mark=slipped",
        "inspections": "/inspections/",
        "inspection": f"/inspections/{west_kent().pk}/",
        "plan": plan_url(),
        "detail": f"/recommendations/{recommendation(4).pk}/",
        "change": f"/recommendations/{recommendation(4).pk}/change/",
        "report": f"/recommendations/{recommendation(4).pk}/report/",
        "bulk": "/recommendations/bulk/",
        "asks": "/asks/",
        "figures": "/figures/",
        "hand over": "/hand-over/",
        "hand over from": f"/hand-over/{cast.officer.pk}/",
        "people": "/people/",
        "removals": "/removals/",
        "region": "/review/",
        "pack": f"/review/pack/{west_kent().organisation_id}/",
        "download": f"/inspections/{west_kent().pk}/download/",
        "files": "/files/",
        "since": "/review/since/",
        "search": "/search/?q=people",
        "meetings": "/review/meetings/",
        "start a meeting": f"/review/meetings/open/{place(WEST_KENT).pk}/",
        "press": f"/review/press/{west_kent().pk}/",
        "trend": "/review/trend/",
        "themes": "/review/themes/",
    }


COUNTS = {
    "head": {
        "home": 20,
        "list": 16,
        "filtered": 16,
        "inspections": 8,
        "inspection": 19,
        "plan": 15,
        "detail": 35,
        "change": 11,
        "report": 14,
        "bulk": 10,
        "asks": 13,
        "figures": 8,
        "hand over": 13,
        "hand over from": 21,
        "search": 16,
    },
    "officer": {"home": 12, "detail": 32},
    "director": {
        "home": 19,
        "list": 14,
        "plan": 13,
        "detail": 33,
        "region": 26,
        "since": 20,
        "trend": 17,
        "themes": 14,
        "meetings": 11,
        "start a meeting": 11,
        "press": 15,
    },
    "reader": {"pack": 34, "download": 7, "files": 6},
    "admin": {"home": 9, "people": 7, "removals": 8},
}


def costs(client: Client, cast: Cast, pages: Iterable[str]) -> dict[str, int]:
    """Of each page, after what waits was counted for its badge: that holds until the next event."""
    known, found = addresses(cast), {}
    assert client.get("/badge/").status_code == 200
    for name in pages:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(known[name]).status_code == 200, name
        found[name] = len(asked)
    return found


def scatter(cast: Cast, count: int) -> None:
    """Recommendations to every level, enough for each filter to find some."""
    owners = [cast.head, cast.officer, cast.director, cast.national]
    scattered(count, west_kent(), [place(WEST_KENT), place(KSS), place("hmpps/")], owners, count)


def pile(cast: Cast, count: int) -> None:
    """So many of everything that stands on the page of recommendation 4, with events; much of it waits for the head."""
    item, by = recommendation(4), cast.officer
    words = FreeText.objects.bulk_create(
        FreeText(text=f"It is {n}.", written_by=by, written_at=NOON) for n in range(count)
    )
    given = {"recommendation": item, "author": by, "at": NOON, "day": TODAY}
    Update.objects.bulk_create(Update(what_changed=one, speaker="owner", progress="some", **given) for one in words)
    Evidence.objects.bulk_create(
        Evidence(caption=one, speaks_of=TODAY, link="https://example.test/paper", **given) for one in words
    )
    place_of = {"inspection": item.inspection, "addressee": item.addressee}
    step = {"owner": cast.head, "due_on": YESTERDAY, **place_of}
    item.actions.add(*Action.objects.bulk_create(Action(words=one, **step) for one in words))
    asked = {"asked_by": cast.head, "asked_at": NOON, "day": YESTERDAY, "wanted_on": YESTERDAY}
    Ask.objects.bulk_create(Ask(recommendation=item, words=one, asked_of=place(KSS), **asked) for one in words)
    figure = {"organisation": item.addressee, "unit": "%", "better": "up", "supplier": cast.head}
    measures = Measure.objects.bulk_create(Measure(name=str(one), **figure) for one in words)
    MeasureLink.objects.bulk_create(MeasureLink(measure=one, recommendation=item) for one in measures)
    with operation(by=Actor(by), at=NOON) as op:
        for one in words:
            op.record("recommendation.reported", item, before=snapshot(item), why=one)


@pytest.mark.parametrize("who", COUNTS)
def test_the_number_of_queries_does_not_grow(signed_in: SignedIn, cast: Cast, who: str) -> None:
    planned(recommendation(4), cast.officer, by=cast.head)
    client = signed_in(who)
    # The first look at the overview is written down.
    client.get("/review/")
    scatter(cast, 12)
    # As many events as the home page shows, so that what it shows is of one kind before and after.
    pile(cast, 10)
    few = costs(client, cast, COUNTS[who])
    scatter(cast, 288)
    pile(cast, 20)
    assert costs(client, cast, COUNTS[who]) == few
    assert few == COUNTS[who]


@pytest.mark.parametrize("status", [Recommendation.Status.OPEN, Recommendation.Status.SUBMITTED])
def test_no_page_exceeds_the_query_limit_for_anybody(cast: Cast, status: str) -> None:
    planned(recommendation(4), cast.officer, by=cast.head)
    scatter(cast, 12)
    pile(cast, 2)
    in_status(recommendation(4), status, cast.head)
    for name in ("head", "officer", "operations", "director", "national", "independent", "reader", "top_admin"):
        client = Client()
        client.force_login(getattr(cast, name))
        for page, count in costs(client, cast, MOST).items():
            assert count <= MOST[page], (name, page)
