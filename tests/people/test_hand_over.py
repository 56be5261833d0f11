"""What somebody answers for goes to another in one step: recommendations, actions, measures and asks, or nothing."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from tests.base import NOON, TODAY, Cast, recommendation, west_kent
from tests.factories import read
from tests.people.pages import CONFLICT, HTMX, SignedIn, events_since, is_part, keeps_out, last_event, problems, sent
from tracker.accounts.models import Membership, User
from tracker.history.models import FreeText
from tracker.history.operations import Actor
from tracker.measures.models import Measure
from tracker.people.operations import hand_over
from tracker.people.queries import holdings_of
from tracker.recommendations.models import Action, Ask, Recommendation

pytestmark = pytest.mark.usefixtures("at_noon")


def url(person: User) -> str:
    return f"/people/{person.pk}/hand-over/"


def own(person: User, *numbers: int) -> None:
    Recommendation.objects.filter(pk__in=[recommendation(n).pk for n in numbers]).update(owner=person)


@pytest.fixture
def things(cast: Cast) -> None:
    """The officer owns recommendations 1 and 6 (one of the region's), an action, a measure and an ask."""
    own(cast.officer, 1, 6)
    item = recommendation(4)
    words = FreeText.objects.create(text="A step", written_by=cast.head, written_at=NOON)
    action = Action.objects.create(
        inspection=item.inspection, addressee=item.addressee, words=words, owner=cast.officer, due_on=TODAY
    )
    action.recommendations.add(item)
    Measure.objects.create(
        organisation=item.addressee, name="Oversight", unit="%", better="down", supplier=cast.officer
    )
    Ask.objects.create(
        recommendation=item,
        words=words,
        asked_by=cast.head,
        asked_at=NOON,
        day=TODAY,
        asked_of=recommendation(6).addressee,
        person=cast.officer,
        wanted_on=TODAY,
    )


@pytest.mark.verb
@pytest.mark.usefixtures("things")
def test_everything_goes_in_one_step_and_each_thing_has_its_event(signed_in: SignedIn, cast: Cast) -> None:
    before, due_on = last_event(), recommendation(1).due_on
    client = signed_in("admin")
    form = sent(client.get(url(cast.officer)), url(cast.officer), to="colleague@example.test", reason="Leaves in May.")
    answer = client.post(url(cast.officer), form)
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{cast.officer.pk}/")
    assert recommendation(1).owner == recommendation(6).owner == cast.colleague
    assert (recommendation(1).quiet_since, recommendation(1).due_on) == (TODAY, due_on)
    assert Action.objects.get(due_on=TODAY).owner == cast.colleague
    assert Measure.objects.get(name="Oversight").supplier == cast.colleague
    assert Ask.objects.get(wanted_on=TODAY).person == cast.colleague
    events = events_since(before)
    assert sorted(event.verb for event in events) == [
        *("action.handed_over", "ask.handed_over", "measure.changed"),
        *("recommendation.handed_over", "recommendation.handed_over"),
    ]
    assert len({event.operation_id for event in events}) == 1
    assert {str(event.why) for event in events} == {"Leaves in May."}
    assert all(event.actor == cast.admin for event in events)
    # Nothing is left in the way of closing the account.
    assert client.post(f"/people/{cast.officer.pk}/close/", {"version": "1"}).status_code == 302


@pytest.mark.usefixtures("things")
def test_the_page_lists_it_by_kind_and_htmx_gets_the_part(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("admin")
    answer = client.get(url(cast.officer), headers=HTMX)
    assert is_part(answer, "hand-over")
    said = [heading.text for heading in read(answer).all("h2")]
    assert said == ["Recommendations", "Actions", "Measures they supply", "Requests they need to answer"]


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"to": "", "reason": "Leaves."}, "Enter who will take over"),
        ({"to": "colleague@example.test", "reason": ""}, "Enter a reason"),
        ({"to": "officer@example.test", "reason": "x"}, "Officer cannot take over this work. Choose someone else."),
        ({"to": "Colle", "reason": "x"}, "Did you mean Colleague (colleague@example.test)?"),
        ({"to": "reader@example.test", "reason": "x"}, "No one with an account matches “reader@example.test”."),
    ],
)
def test_each_refusal_is_shown_beside_its_field(
    signed_in: SignedIn, cast: Cast, typed: dict[str, str], said: str
) -> None:
    before = last_event()
    client = signed_in("admin")
    answer = client.post(url(cast.officer), sent(client.get(url(cast.officer)), url(cast.officer), **typed))
    assert answer.status_code == 422
    assert problems(answer)[0].startswith(said)
    assert last_event() == before
    assert recommendation(1).owner == cast.officer


def hand_over_to(person: User, to: User, cast: Cast) -> int:
    fingerprint = holdings_of(person).fingerprint
    return hand_over(person, to=to, by=Actor(cast.admin), at=NOON, reason="Left.", fingerprint=fingerprint)


def test_nothing_to_reassign_is_said(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="has no open work to reassign"):
        hand_over_to(cast.officer, cast.colleague, cast)


@pytest.mark.parametrize("to", ["officer", "reader", "nobody"])
def test_work_goes_to_somebody_else_who_may_own_it(cast: Cast, to: str) -> None:
    own(cast.officer, 1)
    with pytest.raises(ValidationError, match="cannot take over this work"):
        hand_over_to(cast.officer, getattr(cast, to), cast)
    assert recommendation(1).owner == cast.officer


@pytest.mark.usefixtures("things")
def test_what_was_given_since_is_shown_first_and_nothing_typed_is_lost(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    form = sent(client.get(url(cast.officer)), url(cast.officer), to="colleague@example.test", reason="Leaves.")
    own(cast.officer, 2)
    answer = client.post(url(cast.officer), form)
    assert (answer.status_code, problems(answer)) == (409, [CONFLICT])
    assert last_event() == before
    assert f"/recommendations/{recommendation(2).pk}/" in answer.text
    again = sent(answer, url(cast.officer), reason="Leaves.")
    assert again["to"] == ["colleague@example.test"]
    assert client.post(url(cast.officer), again).status_code == 302
    assert recommendation(2).owner == cast.colleague


@pytest.mark.usefixtures("things")
def test_a_form_sent_twice_does_its_work_once(signed_in: SignedIn, cast: Cast) -> None:
    before = last_event()
    client = signed_in("admin")
    form = sent(client.get(url(cast.officer)), url(cast.officer), to="colleague@example.test", reason="Leaves.")
    form |= {"request_key": str(uuid.uuid4()), "owner": str(cast.head.pk), "due_on": "1/1/2030", "status": "open"}
    assert [client.post(url(cast.officer), form).status_code for _ in range(2)] == [302, 302]
    assert len(events_since(before)) == 5
    assert recommendation(1).due_on is None


def test_what_the_administrator_may_not_see_is_counted_and_goes_too(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.officer, 1, 4)
    west_kent().__class__.objects.filter(pk=west_kent().pk).update(embargo_until=NOON.replace(year=2027))
    client = signed_in("admin")
    answer = client.get(url(cast.officer))
    assert "And 2 items that you do not have access to." in read(answer).text
    assert "Recommendation 1" not in answer.text
    form = sent(answer, url(cast.officer), to="colleague@example.test", reason="Leaves.")
    assert client.post(url(cast.officer), form).status_code == 302
    assert recommendation(4).owner == cast.colleague


@pytest.mark.usefixtures("things")
def test_lead_reassigns_only_items_addressed_to_their_organisation(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in("head")
    here = f"/hand-over/{cast.officer.pk}/"
    assert read(client.get("/hand-over/")).one(id="hand-over-led").one("a").attrs["href"] == here
    form = sent(client.get(here), here, to="colleague@example.test", reason="Off for a year.")
    assert client.post(here, form).status_code == 302
    assert (recommendation(1).owner, recommendation(6).owner) == (cast.colleague, cast.officer)
    assert Action.objects.get(due_on=TODAY).owner == cast.colleague
    assert Ask.objects.get(wanted_on=TODAY).person == cast.officer
    assert client.get(here).status_code == 404
    assert signed_in("neighbour").post(here, form).status_code == 404
    assert signed_in("officer").post(here, form).status_code == 403


def test_person_with_a_role_outside_cannot_be_closed(signed_in: SignedIn, cast: Cast) -> None:
    own(cast.policy, 11)
    Membership.objects.create(user=cast.policy, role="reader", organisation=recommendation(4).addressee)
    client = signed_in("admin")
    assert client.get(url(cast.policy)).status_code == 403
    form = {"to": "colleague@example.test", "reason": "x", "fingerprint": "x"}
    assert client.post(url(cast.policy), form).status_code == 403


def test_ending_the_last_role_warns_of_what_is_left_behind(signed_in: SignedIn, cast: Cast) -> None:
    role = Membership.objects.get(user=cast.officer)
    page = f"/people/{cast.officer.pk}/roles/{role.pk}/end/"
    client = signed_in("admin")
    assert url(cast.officer) not in client.get(page).text
    own(cast.officer, 1)
    assert "they are responsible for 1 open item" in read(client.get(page)).text
    Membership.objects.create(user=cast.officer, role="lead", organisation=recommendation(4).addressee)
    assert url(cast.officer) not in client.get(page).text


def test_other_people_are_refused(signed_in: SignedIn, cast: Cast) -> None:
    typed = {"to": "colleague@example.test", "reason": "x", "fingerprint": "x"}
    keeps_out(signed_in, url(cast.officer), typed)
