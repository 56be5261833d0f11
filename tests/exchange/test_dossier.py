"""A dossier says of a recommendation what its page says, of many at once, and nothing internal."""

import datetime
from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.base import KSS, NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import place, scattered
from tests.inspections.embargoed import embargoed
from tests.recommendations.evidence import give
from tests.reviews.living import Year
from tests.test_query_counts import pile
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.exchange.queries.dossier import chunks, dossiers
from tracker.exchange.queries.record import Dossier
from tracker.history.operations import Actor
from tracker.recommendations.comment.operations import comment
from tracker.recommendations.decision.progress_by_source import voices
from tracker.recommendations.evidence.operations import withdraw_evidence
from tracker.recommendations.models import Comment
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.recommendations.timeline.queries import history_of

pytestmark = pytest.mark.usefixtures("at_noon", "own_store")


def of(person: User, pks: Sequence[int], on: datetime.date = TODAY, at: datetime.datetime = NOON) -> list[Dossier]:
    return dossiers(Access(person, on, at), pks)


def test_dossier_equals_the_pages_after_a_random_year(cast: Cast) -> None:
    year = Year(cast, 3)
    for _noon in year.days(12):
        pass
    access = Access(cast.reader, year.at.date(), year.at)
    items = list(visible_recommendations(access).for_rows(on=access.on).order_by("pk"))
    found = dossiers(access, [item.pk for item in items])
    assert [one.pk for one in found] == [item.pk for item in items]
    for item, one in zip(items, found, strict=True):
        assert list(one.history) == history_of(item, access)
        assert one.voices == voices(item)
        assert len(one.updates) == item.updates.count()
        assert len(one.checks) == item.checks.count()
        assert len(one.submissions) == item.submissions.count()
        assert len(one.evidence) == item.evidence.count()
        assert len(one.steps) == item.actions.count()
        assert one.internal_comments == item.comments.filter(is_internal=True).count()
    assert {"report", "prove", "act", "say"} <= year.done


def test_a_hundred_cost_as_many_queries_as_one(cast: Cast) -> None:
    pile(cast, 2)
    pk = recommendation(4).pk

    def cost(pks: Sequence[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            of(cast.director, pks)
        return len(asked)

    one = cost([pk])
    rows = scattered(1, west_kent(), [place(KSS)], [cast.head, cast.officer], 100)
    pile(cast, 20)
    assert cost([pk, *(row.pk for row in rows)]) == one <= 24


def test_it_keeps_the_order_and_leaves_out_what_one_may_not_see(cast: Cast) -> None:
    pks = [recommendation(4).pk, recommendation(1).pk, recommendation(9).pk]
    assert [one.pk for one in of(cast.head, pks)] == pks
    assert of(cast.neighbour, pks) == []
    assert of(cast.nobody, pks) == []
    report = embargoed(cast)
    secret = list(report.recommendations.values_list("pk", flat=True))
    assert secret
    assert of(cast.director, secret) == []


def test_comments_are_counted_and_not_shown(cast: Cast) -> None:
    item = recommendation(4)
    comment(item, "Between us: it is late.", is_internal=True, by=Actor(cast.operations), at=NOON)
    comment(item, "For everybody.", is_internal=False, by=Actor(cast.operations), at=NOON)
    [one] = of(cast.inspector, [item.pk])
    assert one.internal_comments == 1
    assert "Between us" not in repr(one)
    assert "For everybody" not in repr(one)
    assert Comment.objects.count() == 2


def test_withdrawn_evidence_has_no_file_and_no_link(cast: Cast) -> None:
    [kept] = give(cast.head, [4])
    [one] = of(cast.director, [recommendation(4).pk])
    assert one.evidence[0].stored == kept.file.name
    assert (one.evidence[0].sha256, one.evidence[0].state) == (kept.sha256, "")
    withdraw_evidence(kept, "The wrong month.", by=Actor(cast.head), at=NOON)
    [one] = of(cast.director, [recommendation(4).pk])
    assert (one.evidence[0].stored, one.evidence[0].link, one.evidence[0].why) == ("", "", "The wrong month.")
    assert "Withdrawn by Head, 23 November 2026" in one.evidence[0].state


def test_chunks() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []
