"""Who decides, written out by hand; and with whom a decision waits, against a plain reading of the rules."""

import datetime
import random

import pytest

from tests.accounts.covering import away
from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.factories import place
from tests.recommendations.reviewing import submitted
from tests.recommendations.reviewing import words as words_of
from tracker.accounts.models import Cover, Membership, User
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor, operation, snapshot
from tracker.recommendations.decision import policies
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.policies import visible_recommendations

Role = Membership.Role
WEST_KENT = f"{KSS}west-kent-pdu/"
EARLIER, LATER = NOON - datetime.timedelta(days=9), NOON - datetime.timedelta(days=5)

# Of recommendations 4 (to West Kent), 6 (to the region) and 11 (to HMPPS): may decide (y) or not (-).
GRID = """
                           director  national  independent
nothing                    y--       yy-       --y
owner                      ---       ---       ---
submitter                  ---       ---       ---
lead                       ---       ---       ---
planned                    ---       ---       ---
reported                   ---       ---       ---
added_an_action            ---       ---       ---
reported_before_reopening  y--       yy-       --y
covers_the_owner           ---       ---       ---
covers_the_submitter       ---       ---       ---
covers_the_lead            ---       ---       ---
covers_who_reported        ---       ---       ---
was_covered_who_reported   ---       ---       ---
covers_nobody_in_it        y--       yy-       --y
"""
# What the director may do with recommendation 4, whose sustain day has come, in each status.
STATUSES = """
open               check close
submitted          check sign_off return
signed_off         sustain reopen
not_agreed         reopen
no_longer_applies  reopen
superseded         reopen
"""


def events_by(by: Actor, verb: str, item: Recommendation, at: datetime.datetime = NOON) -> None:
    with operation(by=by, at=at) as op:
        op.record(verb, item, before=snapshot(item))


def relate(person: User, relation: str, item: Recommendation) -> None:
    rows = Recommendation.objects.filter(pk=item.pk)
    if relation == "owner":
        rows.update(owner=person)
    elif relation == "submitter":
        rows.update(submitted_by=person)
    elif relation == "lead":
        Membership.objects.create(user=person, role=Role.LEAD, organisation=item.addressee)
    elif relation in ("planned", "reported"):
        events_by(Actor(person), f"recommendation.{relation}", item)
    elif relation == "reported_before_reopening":
        events_by(Actor(person), "recommendation.reported", item, EARLIER)
        rows.update(opened_at=LATER)
    elif relation.startswith("covers_"):
        covers(person, relation, item)
    elif relation == "was_covered_who_reported":
        did_instead(colleague(), person, item)
    elif relation == "added_an_action":
        words = words_of(person)
        action = item.actions.create(inspection=item.inspection, addressee=item.addressee, words=words)
        with operation(by=Actor(person), at=NOON) as op:
            op.record("action.added", action)


def colleague() -> User:
    return User.objects.get(email="colleague@example.test")


def covers(person: User, relation: str, item: Recommendation) -> None:
    """`person` covers for a colleague who has that part in `item`."""
    other = colleague()
    if not Cover.objects.exists():
        away(other, person)
    part = {"covers_the_owner": "owner", "covers_the_submitter": "submitter", "covers_the_lead": "lead"}
    relate(other, part.get(relation, "reported" if relation == "covers_who_reported" else ""), item)


def did_instead(cover: User, person: User, item: Recommendation, at: datetime.datetime = NOON) -> None:
    """The cover reported in the place of `person`, who is back by now."""
    events_by(Actor(cover, lambda _subject: person.pk), "recommendation.reported", item, at)


def rows(grid: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in grid.strip().splitlines()}


@pytest.mark.parametrize("relation", [name for name in rows(GRID) if name != "director"])
@pytest.mark.parametrize("who", ["director", "national", "independent"])
def test_eligible_reviewers_are_exactly_these(cast: Cast, who: str, relation: str) -> None:
    person, said = getattr(cast, who), ""
    for number in (4, 6, 11):
        relate(person, relation, recommendation(number))
        item = recommendation(number)
        may = policies.can_decide(Access(person, TODAY), item)
        assert may == Recommendation.objects.filter(policies.reviewable_by(Access(person, TODAY)), pk=item.pk).exists()
        said += "y" if may else "-"
    assert said == rows(GRID)[relation][["director", "national", "independent"].index(who)]


def is_pending_for(person: User, item: Recommendation) -> bool:
    """Whether the submission is one that this person sees and that is with their organisation for sign-off."""
    access = Access(person, TODAY)
    rows = visible_recommendations(access).filter(policies.pending_review_for(access), status="submitted")
    return rows.filter(pk=item.pk).exists()


def test_nobody_else_may_decide(cast: Cast) -> None:
    for name, person in vars(cast).items():
        if name not in ("director", "national", "independent"):
            found = Recommendation.objects.filter(policies.reviewable_by(Access(person, TODAY)))
            assert not found.exists(), name


@pytest.mark.parametrize("status", rows(STATUSES))
def test_each_status_allows_exactly_these(cast: Cast, status: str) -> None:
    item = recommendation(4)
    item.status, item.sustain_ask_on = status, TODAY
    access = Access(cast.director, TODAY)
    verbs = ("check", "close", "sign_off", "return", "sustain", "reopen")
    allowed = [verb for verb in verbs if getattr(policies, f"can_{verb}")(access, item)]
    assert allowed == rows(STATUSES)[status]


def test_sustained_is_asked_from_its_day_on_and_the_carried_are_decided_with_the_later(cast: Cast) -> None:
    item = recommendation(4)
    item.status, item.sustain_ask_on = "signed_off", TODAY + datetime.timedelta(days=1)
    assert not policies.can_sustain(Access(cast.director, TODAY), item)
    Recommendation.objects.filter(pk=item.pk).update(carried_by=recommendation(5))
    assert not policies.can_decide(Access(cast.director, TODAY), item)


def test_the_next_above_decides_where_the_region_has_nobody_eligible(cast: Cast) -> None:
    item = submitted(4, cast)

    def waits() -> list[str]:
        deciders = policies.deciders_of(recommendation(4), TODAY)
        names = [person.email.partition("@")[0] for person in deciders.people]
        for name, person in vars(cast).items():
            assert is_pending_for(person, item) == (name in names), name
        return names

    assert waits() == ["director"]
    events_by(Actor(cast.director), "recommendation.planned", item)
    assert waits() == ["national"]
    Membership.objects.filter(user=cast.director).update(ends_on=TODAY)
    assert waits() == ["national"]
    Membership.objects.filter(user=cast.national).update(ends_on=TODAY)
    assert waits() == []


def test_decision_waits_with_the_reviewers_cover(cast: Cast) -> None:
    """The director covers for somebody who had a part in it, and so has no say; the director's own cover has."""
    item = submitted(4, cast)
    events_by(Actor(cast.colleague), "recommendation.reported", item)

    def waits() -> list[str]:
        deciders = {person.pk for person in policies.deciders_of(recommendation(4), TODAY).people}
        here = [who for who, person in vars(cast).items() if person.pk in deciders]
        for who, person in vars(cast).items():
            assert is_pending_for(person, item) == (who in here), who
        return here

    assert waits() == ["director"]
    away(cast.director, cast.operations)
    assert waits() == ["operations", "director"]
    away(cast.colleague, cast.director)
    assert waits() == ["operations"]
    away(cast.officer, cast.operations)
    events_by(Actor(cast.officer), "recommendation.reported", item)
    assert waits() == ["national"]


def test_decision_on_hmpps_items_waits_with_the_independent_reviewer(cast: Cast) -> None:
    item = recommendation(11)
    assert [person.pk for person in policies.deciders_of(item, TODAY).people] == [cast.independent.pk]
    Membership.objects.filter(user=cast.independent).update(ends_on=TODAY)
    assert policies.deciders_of(item, TODAY).organisation is None
    assert not Recommendation.objects.filter(
        policies.pending_review_for(Access(cast.national, TODAY)), pk=item.pk
    ).exists()


def places_of(person: User, item: Recommendation) -> list[str]:
    """Where the person, or one whom they cover, holds the role that decides about it."""
    path, found = item.addressee.path, []
    for one in Membership.objects.active(TODAY).filter(user__in=stands_for(person)).select_related("organisation"):
        at = one.organisation.path
        if one.role == Role.REVIEWER and path.startswith(at) and path != at:
            found.append(at)
        if one.role == Role.INDEPENDENT and path == at == "hmpps/" and one.user_id == person.pk:
            found.append(at)
    return found


def stands_for(person: User) -> list[int]:
    """Themself and whom they cover today, as long as both have a role that is not only a reader's."""

    def can_act(one: User) -> bool:
        roles = Membership.objects.active(TODAY).filter(user=one)
        return any(membership.role != Role.READER for membership in roles)

    found = [person.pk]
    for cover in Cover.objects.select_related("person", "cover"):
        is_now = cover.from_on <= TODAY <= cover.until_on and (cover.ended_on is None or cover.ended_on > TODAY)
        if cover.cover_id == person.pk and is_now and can_act(cover.person) and can_act(cover.cover):
            found.append(cover.person_id)
    return found


def plainly(person: User, item: Recommendation) -> bool:
    """May decide, as the rules say it, read row by row."""
    for one in stands_for(person):
        held = Membership.objects.active(TODAY).filter(user=one, role=Role.LEAD, organisation=item.addressee)
        acts = Event.objects.filter(recommendation_id=item.pk, verb="recommendation.reported")
        theirs = [event for event in acts if one in (event.actor_id, event.in_place_of_id)]
        lately = any(item.opened_at is None or event.at >= item.opened_at for event in theirs)
        if held.exists() or one in (item.owner_id, item.submitted_by_id) or lately:
            return False
    return bool(places_of(person, item))


def throw_roles(dice: random.Random, people: list[User]) -> None:
    for person in people:
        for path in ("hmpps/", KSS, WEST_KENT):
            if dice.random() < 0.3:
                role = dice.choice([Role.REVIEWER, Role.REVIEWER, Role.LEAD, Role.INDEPENDENT])
                if not Membership.objects.filter(user=person, role=role, organisation=place(path)).exists():
                    Membership.objects.create(user=person, role=role, organisation=place(path))


def throw_covers(dice: random.Random, people: list[User]) -> None:
    """Some of them over, some ended early, some by or for people who may do nothing."""
    for person in people:
        for since, until in ((20, -1), (0, 5)):
            cover = dice.choice(people)
            if cover != person and dice.random() < 0.6:
                away(person, cover, since=since, until=until, ended=dice.choice([None, None, None, 0, 1]))


def throw_parts(dice: random.Random, people: list[User], *, with_covers: bool) -> None:
    for item in Recommendation.objects.all():
        if dice.random() < 0.6:
            actor = User.objects.get(pk=dice.choice(people).pk)
            if with_covers and dice.random() < 0.3:
                did_instead(actor, dice.choice(people), item, EARLIER)
            else:
                events_by(Actor(actor), "recommendation.reported", item, EARLIER)
        Recommendation.objects.filter(pk=item.pk).update(
            owner=dice.choice([None, *people]),
            submitted_by=dice.choice([None, *people]),
            opened_at=dice.choice([None, EARLIER, LATER]),
        )


@pytest.mark.parametrize(("seed", "with_covers"), [(1, False), (2, False), (3, True), (4, True), (5, True), (6, True)])
def test_pending_reviewer_matches_the_plain_definition(cast: Cast, seed: int, with_covers: bool) -> None:
    dice = random.Random(seed)
    people = [cast.director, cast.national, cast.independent, cast.head, cast.operations, cast.officer, cast.policy]
    throw_roles(dice, people)
    if with_covers:
        throw_covers(dice, [*people, cast.reader])
    throw_parts(dice, people, with_covers=with_covers)
    items = list(Recommendation.objects.select_related("addressee"))
    waiting = {
        person.pk: set(
            Recommendation.objects.filter(policies.pending_review_for(Access(person, TODAY))).values_list(
                "pk", flat=True
            )
        )
        for person in people
    }
    some = 0
    for item in items:
        eligible = {person.pk: places_of(person, item) for person in people if plainly(person, item)}
        nearest = max((len(path) for paths in eligible.values() for path in paths), default=0)
        expected = {pk for pk, paths in eligible.items() if any(len(path) == nearest for path in paths)}
        assert {pk for pk, found in waiting.items() if item.pk in found} == expected, item
        assert {person.pk for person in policies.deciders_of(item, TODAY).people} == expected, item
        some += bool(expected)
    assert some > 0
