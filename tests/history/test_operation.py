"""A verb is one transaction: the row, its event, its words and its request key stand together or not at all."""

import datetime
import json
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.base import KSS, LOADED, NOON, TODAY, Cast, recommendation, west_kent
from tracker.accounts.models import Membership, Organisation
from tracker.history.models import Event, FreeText, RequestKey
from tracker.history.operations import (
    Actor,
    AlreadyDone,
    Conflict,
    Operation,
    operation,
    save_changes,
    snapshot,
    to_json,
)
from tracker.recommendations.models import Recommendation

pytestmark = pytest.mark.sqlite

KEY = uuid.UUID("0e2c8a52-6c3b-4f54-8d2a-3d9f5f3ef001")


def plan(op: Operation, number: int, due_on: datetime.date = TODAY) -> Event:
    """A verb like any other: one row changed and recorded."""
    item = recommendation(number)
    before = snapshot(item)
    assert op.by is not None
    save_changes(item, item.version, {"owner": op.by.user, "due_on": due_on, "original_due_on": due_on})
    return op.record("recommendation.planned", item, before=before, why=op.words("asked for by the region"))


def held() -> tuple[int, int, int, list[object]]:
    """The number of events, words and request keys, and every recommendation."""
    rows = list(Recommendation.objects.order_by("pk").values())
    return Event.objects.count(), FreeText.objects.count(), RequestKey.objects.count(), [rows]


# -- one transaction -------------------------------------------------------------------------------------------------
def test_row_event_text_and_key_are_saved_together(cast: Cast) -> None:
    events, words, keys, _ = held()
    with operation(by=Actor(cast.head), at=NOON, key=KEY) as op:
        plan(op, 1)
    assert held()[:3] == (events + 1, words + 1, keys + 1)
    assert (recommendation(1).owner, recommendation(1).version) == (cast.head, 2)


@pytest.mark.parametrize("error", [ValidationError("not now"), Conflict(), RuntimeError("a mistake of ours")])
def test_an_error_undoes_row_event_words_and_key(cast: Cast, error: Exception) -> None:
    before = held()

    def fail_at_the_end() -> None:
        with operation(by=Actor(cast.head), at=NOON, key=KEY) as op:
            plan(op, 1)
            plan(op, 2)
            raise error

    with pytest.raises(type(error)):
        fail_at_the_end()
    assert held() == before


def test_a_database_error_undoes_what_went_before_it(cast: Cast) -> None:
    before = held()

    def break_a_constraint() -> None:
        with operation(by=Actor(cast.head), at=NOON, key=KEY) as op:
            plan(op, 1)
            Recommendation.objects.filter(pk=recommendation(2).pk).update(original_due_on=TODAY)

    with pytest.raises(IntegrityError), transaction.atomic():
        break_a_constraint()
    assert held() == before


def test_a_form_that_failed_may_be_sent_again_with_its_key(cast: Cast) -> None:
    with pytest.raises(ValidationError), operation(by=Actor(cast.head), at=NOON, key=KEY):
        raise ValidationError("not now")
    with operation(by=Actor(cast.head), at=NOON, key=KEY) as op:
        plan(op, 1)
    assert recommendation(1).version == 2


# -- request keys ----------------------------------------------------------------------------------------------------
def test_a_form_sent_twice_does_its_work_once(cast: Cast) -> None:
    with operation(by=Actor(cast.head), at=NOON, key=KEY) as op:
        plan(op, 1)
    before = held()
    worked = False
    with pytest.raises(AlreadyDone), operation(by=Actor(cast.head), at=NOON, key=KEY):
        worked = True
    assert not worked
    assert held() == before


def test_after_a_repeated_form_the_connection_still_serves(cast: Cast) -> None:
    with transaction.atomic():
        with operation(by=Actor(cast.head), at=NOON, key=KEY):
            pass
        with pytest.raises(AlreadyDone), operation(by=Actor(cast.head), at=NOON, key=KEY):
            pass
        assert RequestKey.objects.filter(key=KEY).count() == 1


def test_the_same_key_from_another_person_is_another_form(cast: Cast) -> None:
    for person, number in ((cast.head, 1), (cast.neighbour, 2)):
        with operation(by=Actor(person), at=NOON, key=KEY) as op:
            plan(op, number)
    assert (recommendation(1).owner, recommendation(2).owner) == (cast.head, cast.neighbour)
    assert RequestKey.objects.filter(key=KEY).count() == 2


def test_another_key_from_the_same_person_is_another_form(cast: Cast) -> None:
    for number in (1, 2):
        with operation(by=Actor(cast.head), at=NOON, key=uuid.uuid4()) as op:
            plan(op, number)
    assert RequestKey.objects.filter(person=cast.head).count() == 2


def test_forms_without_a_key_are_always_processed(cast: Cast) -> None:
    for number in (1, 2):
        with operation(by=Actor(cast.head), at=NOON) as op:
            plan(op, number)
    assert not RequestKey.objects.exists()


# -- save_changes ----------------------------------------------------------------------------------------------------
def test_a_row_is_written_and_the_one_in_hand_is_brought_up_to_date(cast: Cast) -> None:
    item = recommendation(1)
    written = save_changes(item, 1, {"owner": cast.officer, "place": "page 7"})
    assert written is item
    assert (item.owner, item.owner_id, item.place, item.version) == (cast.officer, cast.officer.pk, "page 7", 2)
    assert snapshot(recommendation(1)) == snapshot(item)


@pytest.mark.parametrize("seen", [0, 2, 4, 99])
def test_a_row_of_another_version_is_left_alone(cast: Cast, seen: int) -> None:
    Recommendation.objects.filter(pk=recommendation(1).pk).update(version=3)
    item = recommendation(1)
    before = held()
    with pytest.raises(Conflict) as refused, transaction.atomic():
        save_changes(item, seen, {"place": "page 7"})
    assert refused.value.code == "conflict"
    assert refused.value.messages == ["Someone else has changed this since you opened it."]
    assert held() == before
    assert (item.place, item.version) == (recommendation(1).place, 3)


def test_second_save_of_one_version_is_refused(cast: Cast) -> None:
    mine, theirs = recommendation(1), recommendation(1)
    save_changes(mine, 1, {"place": "mine"})
    with pytest.raises(Conflict):
        save_changes(theirs, 1, {"place": "theirs"})
    assert recommendation(1).place == "mine"


def test_only_the_row_in_hand_is_written(cast: Cast) -> None:
    others = Recommendation.objects.exclude(pk=recommendation(1).pk).order_by("pk")
    before = list(others.values())
    save_changes(recommendation(1), 1, {"place": "page 7"})
    assert list(others.values()) == before


# -- what an event says ----------------------------------------------------------------------------------------------
def test_event_stores_actor_time_changes_and_reason(cast: Cast) -> None:
    item = recommendation(1)
    with operation(by=Actor(cast.head), at=NOON, key=KEY) as op:
        event = plan(op, 1)
    event.refresh_from_db()
    assert (event.actor, event.at, event.day, event.verb) == (cast.head, NOON, TODAY, "recommendation.planned")
    assert (event.subject_type, event.subject_id) == ("recommendation", item.pk)
    assert event.changes == {
        "owner_id": [None, cast.head.pk],
        "due_on": [None, "2026-11-23"],
        "original_due_on": [None, "2026-11-23"],
        "version": [1, 2],
    }
    assert event.after == snapshot(recommendation(1))
    assert event.why is not None
    assert (event.why.text, event.why.written_by, event.why.written_at) == ("asked for by the region", cast.head, NOON)


def test_event_stores_the_scope_of_its_subject(cast: Cast) -> None:
    item = recommendation(6)
    with operation(by=Actor(cast.operations), at=NOON) as op:
        event = op.record("recommendation.checked", item, before=snapshot(item))
        of_place = op.record("organisation.renamed", item.addressee, before=snapshot(item.addressee))
        of_person = op.record("person.added", cast.head, before=snapshot(cast.head))
    where = (event.recommendation_id, event.inspection_id, event.organisation_id)
    assert where == (item.pk, west_kent().pk, Organisation.objects.get(path=KSS).pk)
    assert (of_place.recommendation_id, of_place.organisation_id) == (None, item.addressee_id)
    assert (of_person.recommendation_id, of_person.inspection_id, of_person.organisation_id) == (None, None, None)


def test_unchanged_value_is_no_change(cast: Cast) -> None:
    item = recommendation(1)
    with operation(by=Actor(cast.head), at=NOON) as op:
        event = op.record("recommendation.checked", item, before=snapshot(item))
    assert event.changes == {}
    assert event.after == snapshot(item)


def test_cleared_value_is_recorded_as_none(cast: Cast) -> None:
    with operation(by=Actor(cast.head), at=NOON) as op:
        plan(op, 1)
        item = recommendation(1)
        before = snapshot(item)
        save_changes(item, 2, {"owner": None})
        event = op.record("recommendation.planned", item, before=before)
    assert event.changes["owner_id"] == [cast.head.pk, None]
    assert event.after["owner_id"] is None


def test_new_subject_records_every_value_as_changed_from_none(cast: Cast) -> None:
    place = Organisation.objects.get(path=KSS)
    role = Membership.objects.create(user=cast.nobody, organisation=place, role=Membership.Role.READER)
    with operation(by=Actor(cast.admin), at=NOON) as op:
        event = op.record("role.given", role)
    assert event.changes == {name: [None, value] for name, value in snapshot(role).items() if value is not None}
    assert "ends_on" not in event.changes
    assert event.after["ends_on"] is None


def test_events_store_people_by_id_only(cast: Cast) -> None:
    with operation(by=Actor(cast.head), at=NOON) as op:
        event = plan(op, 1)
    text = json.dumps([event.changes, event.after])
    assert cast.head.name not in text
    assert cast.head.email not in text
    assert "asked for by the region" not in text


def test_the_events_of_one_verb_share_its_id_and_those_of_two_do_not(cast: Cast) -> None:
    with operation(by=Actor(cast.head), at=NOON) as op:
        first, second = plan(op, 1), plan(op, 2)
    with operation(by=Actor(cast.head), at=NOON) as op:
        third = plan(op, 3)
    assert first.operation_id == second.operation_id != third.operation_id


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-06-30T22:59:59Z", "2026-06-30"),
        ("2026-06-30T23:00:00Z", "2026-07-01"),
        ("2026-12-31T23:59:59Z", "2026-12-31"),
        ("2026-10-25T00:30:00Z", "2026-10-25"),
        ("2026-07-01T08:59:59+10:00", "2026-06-30"),
    ],
)
def test_the_day_of_an_event_is_the_day_in_london(cast: Cast, at: str, day: str) -> None:
    with operation(by=Actor(cast.head), at=datetime.datetime.fromisoformat(at)) as op:
        event = plan(op, 1)
    event.refresh_from_db()
    assert event.day == datetime.date.fromisoformat(day)


# -- words and actors ------------------------------------------------------------------------------------------------
def test_where_nothing_was_written_there_are_no_words(cast: Cast) -> None:
    before = FreeText.objects.count()
    with operation(by=Actor(cast.head), at=NOON) as op:
        assert op.words("") is None
        event = op.record("recommendation.checked", recommendation(1), why=op.words(""))
    assert event.why is None
    assert FreeText.objects.count() == before


def test_the_clock_and_the_operator_act_as_nobody_and_write_no_words(cast: Cast) -> None:
    before = FreeText.objects.count()
    with operation(by=None, at=LOADED, key=KEY) as op:
        assert op.words("nobody is there to have written this") is None
        event = op.record("recommendation.checked", recommendation(1))
    event.refresh_from_db()
    assert (event.actor, event.why, event.at) == (None, None, LOADED)
    assert FreeText.objects.count() == before
    assert not RequestKey.objects.exists()


def test_words_may_be_removed_and_the_event_stays(cast: Cast) -> None:
    with operation(by=Actor(cast.head), at=NOON) as op:
        event = plan(op, 1)
    assert event.why is not None
    FreeText.objects.filter(pk=event.why.pk).update(text="[removed]")
    event = Event.objects.get(pk=event.pk)
    assert event.why is not None
    assert (event.why.text, event.changes["due_on"]) == ("[removed]", [None, "2026-11-23"])


def test_words_that_an_event_points_to_cannot_be_deleted(cast: Cast) -> None:
    with operation(by=Actor(cast.head), at=NOON) as op:
        event = plan(op, 1)
    assert event.why is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        event.why.delete()


def test_columns_become_what_json_can_hold(cast: Cast) -> None:
    assert to_json(TODAY) == "2026-11-23"
    assert to_json(NOON) == "2026-11-23T12:00:00+00:00"
    assert to_json(cast.head) == cast.head.pk
    assert [to_json(value) for value in (None, "", 0, False)] == [None, "", 0, False]
    assert json.loads(json.dumps(snapshot(recommendation(1)))) == snapshot(recommendation(1))
    assert list(snapshot(recommendation(1))) == list(Recommendation.TRACKED)
