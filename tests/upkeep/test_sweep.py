"""Once an hour the tracker forgets what nobody needs any more, and nothing else."""

import datetime
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from tests.base import NOON, Cast, recommendation
from tests.reminders.sending import waiting_row
from tracker.history.models import RequestKey
from tracker.history.operations import Actor, AlreadyDone
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Report
from tracker.reminders.models import Delivery
from tracker.upkeep import operations, tasks

DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("at_noon")


def session(ends: datetime.datetime) -> str:
    store = SessionStore()
    store.create()
    Session.objects.filter(session_key=store.session_key).update(expire_date=ends)
    return str(store.session_key)


def test_request_keys_and_ended_sessions_are_deleted(cast: Cast) -> None:
    ages = {"old": 31 * DAY, "just old": 30 * DAY + SECOND, "kept": 30 * DAY, "new": SECOND}
    keys = {name: RequestKey.objects.create(person=cast.head, key=uuid.uuid4(), at=NOON - ages[name]) for name in ages}
    session(NOON - DAY)
    going_on = session(NOON + DAY)
    operations.sweep(at=NOON)
    assert set(RequestKey.objects.all()) == {keys["kept"], keys["new"]}
    assert [row.session_key for row in Session.objects.all()] == [going_on]


def test_nothing_else_is_deleted(cast: Cast) -> None:
    item = recommendation(4)
    change(item, by=Actor(cast.head), at=NOON, seen_version=1, report=Report("some", "Begun."), key=uuid.uuid4())
    models = [model for model in apps.get_models() if model not in (RequestKey, Session)]
    before = {model._meta.label: model._default_manager.count() for model in models}
    operations.sweep(at=NOON + 1000 * DAY)
    assert not RequestKey.objects.exists()
    assert {model._meta.label: model._default_manager.count() for model in models} == before


def test_text_of_emails_is_deleted_after_90_days(cast: Cast) -> None:
    def ended(name: str, state: str, days: int, **more: Any) -> Delivery:
        values = {"kind": "digest", "state": state, "ended_at": NOON - days * DAY, "day": (NOON - days * DAY).date()}
        row = waiting_row(cast.officer, name, **values, told=["overdue:7"], body_html="<p>", **more)
        row.save()
        return row

    kept = [ended("90 days", "sent", 90), ended("30 days", "nothing", 30), ended("1 day", "failed", 1)]
    wordless = [ended("91 days", "sent", 91), ended("92 days", "set_aside", 92)]
    ended("31 days", "nothing", 31)
    waiting_row(cast.colleague, "waiting", queued_at=NOON - 400 * DAY).save()
    operations.sweep(at=NOON)
    rows = {row.key: row for row in Delivery.objects.all()}
    assert set(rows) == {row.key for row in (*kept, *wordless)} | {"waiting"}
    assert all(rows[row.key].body_text and rows[row.key].body_html for row in kept)
    assert all(rows[row.key].body_text == rows[row.key].body_html == "" for row in wordless)
    # What it told and what it is remain, so that the next digest can be compared with it.
    assert [rows[row.key].told for row in wordless] == [["overdue:7"]] * 2
    assert all(rows[row.key].subject for row in wordless)
    assert rows["waiting"].body_text


def test_unsent_invitation_keeps_its_text(cast: Cast) -> None:
    row = waiting_row(cast.officer, "invitation", kind="invitation", state="nothing", ended_at=NOON - 400 * DAY)
    row.save()
    operations.sweep(at=NOON)
    assert Delivery.objects.filter(pk=row.pk).exists()


def test_a_form_sent_again_within_the_month_is_still_known(cast: Cast) -> None:
    item, key = recommendation(4), uuid.uuid4()
    change(item, by=Actor(cast.head), at=NOON, seen_version=1, report=Report("some", "Begun."), key=key)
    operations.sweep(at=NOON + 29 * DAY)
    with pytest.raises(AlreadyDone):
        change(item, by=Actor(cast.head), at=NOON, seen_version=2, report=Report("some", "Begun."), key=key)


def test_the_clock_sweeps_every_hour_by_its_own_time(cast: Cast) -> None:
    old = RequestKey.objects.create(person=cast.head, key=uuid.uuid4(), at=NOON - 31 * DAY)
    new = RequestKey.objects.create(person=cast.head, key=uuid.uuid4(), at=NOON - 29 * DAY)
    tasks.sweep()
    assert list(RequestKey.objects.all()) == [new] != [old]
    entry = settings.CELERY_BEAT_SCHEDULE["sweep"]
    assert (entry["task"], entry["schedule"].run_every) == (tasks.sweep.name, datetime.timedelta(hours=1))
