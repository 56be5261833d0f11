"""Administrators have no say over progress: they own no recommendation and report on none."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import place, read
from tests.recommendations.planning import planned, step
from tests.recommendations.reviewing import owned, reported
from tracker.accounts.models import User
from tracker.accounts.operations import give_role
from tracker.accounts.policies import Access
from tracker.history.operations import Actor
from tracker.people.operations import hand_over
from tracker.people.queries import holdings_of
from tracker.recommendations.models import Recommendation, status_filters
from tracker.recommendations.recommendation.policies import can_report, visible_recommendations
from tracker.recommendations.update.policies import can_correct

pytestmark = pytest.mark.usefixtures("at_noon")
SignedIn = Callable[[str], Client]
WEST_KENT = f"{KSS}west-kent-pdu/"


def made_administrator(cast: Cast, person: User) -> None:
    give_role(person, role="administrator", organisation=place(WEST_KENT), by=Actor(cast.top_admin), at=NOON)


def test_an_administrator_cannot_be_named_owner_but_can_own_an_action(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="is an administrator, so they cannot own a recommendation") as refused:
        planned(recommendation(4), cast.admin, cast.head)
    assert list(refused.value.message_dict) == ["owner"]
    assert step(cast, 4, owner=cast.admin).owner == cast.admin


def test_an_administrator_cannot_reassign_recommendations_to_an_administrator(cast: Cast) -> None:
    owned(4, cast.officer)
    print_of = holdings_of(cast.officer).fingerprint
    with pytest.raises(ValidationError, match="cannot own a recommendation"):
        hand_over(cast.officer, to=cast.admin, by=Actor(cast.admin), at=NOON, reason="Left.", fingerprint=print_of)
    assert recommendation(4).owner == cast.officer


@pytest.mark.parametrize("who", ["officer", "head"])
def test_whoever_becomes_an_administrator_reports_no_more(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    owned(4, person)
    update = reported(4, person).updates.get()
    assert can_report(Access(person, TODAY), recommendation(4))
    assert can_correct(Access(person, TODAY), recommendation(4), update)
    made_administrator(cast, person)
    assert not can_report(Access(person, TODAY), recommendation(4))
    assert not can_correct(Access(person, TODAY), recommendation(4), update)


def test_what_an_administrator_owned_is_on_the_leads_list_without_owner(cast: Cast, signed_in: SignedIn) -> None:
    owned(4, cast.officer)
    made_administrator(cast, cast.officer)
    assert Recommendation.objects.filter(status_filters(TODAY)["no_owner"], pk=recommendation(4).pk).exists()
    page = read(signed_in("head").get("/recommendations/?mark=no_owner"))
    assert "Recommendation 4" in page.text
    assert "was Officer" in page.text


def test_the_owner_no_longer_sees_it_by_owning_it(cast: Cast) -> None:
    owned(4, cast.stranger)
    seen = visible_recommendations(Access(cast.stranger, TODAY)).filter(pk=recommendation(4).pk)
    assert seen.exists()
    give_role(
        cast.stranger, role="administrator", organisation=cast.stranger.memberships.get().organisation,
        by=Actor(cast.top_admin), at=NOON,
    )  # fmt: skip
    assert not visible_recommendations(Access(cast.stranger, TODAY)).filter(pk=recommendation(4).pk).exists()
