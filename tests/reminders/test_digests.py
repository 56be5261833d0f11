"""Who gets a digest and on which day, and that it arrives once with what belongs in it."""

import datetime
import email.utils
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from tests.base import NOON, TODAY, Cast
from tests.reminders.sending import ScriptedSink, begin_anew, names, plan, queued, send, the_letter, waiting_row
from tracker.accounts.models import User
from tracker.reminders import mailfolder
from tracker.reminders.models import Delivery
from tracker.reminders.operations.queueing import Queued
from tracker.reminders.operations.sending import Sent, send_due

SATURDAY = datetime.date(2026, 11, 28)

pytestmark = pytest.mark.usefixtures("few_people")


# -- when ------------------------------------------------------------------------------------------------------------
@pytest.mark.grid
@pytest.mark.parametrize(
    "day",
    [
        SATURDAY,
        SATURDAY + datetime.timedelta(days=1),
        datetime.date(2026, 12, 25),
        # Boxing Day falls on a Saturday, so its Monday is free.
        datetime.date(2026, 12, 28),
        datetime.date(2027, 1, 1),
        # Good Friday and Easter Monday.
        datetime.date(2027, 3, 26),
        datetime.date(2027, 3, 29),
    ],
)
def test_no_digest_is_queued_on_a_day_that_is_no_working_day(cast: Cast, day: datetime.date) -> None:
    plan(4, cast.officer, -1)
    assert queued(day) == Queued(0, 0)
    assert not Delivery.objects.exists()
    # Nor does the clock's silence of that day take the letter of the button or of the next day away.
    assert queued(day, on_any_day=True).now >= 1
    assert "officer" in names(day)


@pytest.mark.verb
@pytest.mark.parametrize(
    "day", [TODAY, datetime.date(2026, 12, 24), datetime.date(2026, 12, 29), datetime.date(2027, 1, 4)]
)
def test_a_digest_is_queued_on_a_working_day(cast: Cast, day: datetime.date) -> None:
    plan(4, cast.officer, 0, on=day - datetime.timedelta(days=1))
    assert queued(day).now >= 1
    assert names(day) == {"officer"}


def test_a_second_time_on_the_same_day_queues_nothing(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    count = queued().now
    assert queued() == queued(on_any_day=True) == Queued(0, count)
    assert Delivery.objects.count() == count
    assert the_letter().key == f"digest:{cast.officer.pk}:2026-11-23"


def test_new_person_gets_a_digest_the_same_day_and_nobody_gets_two(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    count = queued().now
    assert names() == {"officer"}
    # A row stands there for everybody; what is in it is asked when it is sent.
    plan(5, cast.colleague, -1)
    plan(3, cast.officer, -2)
    assert queued() == queued(on_any_day=True) == Queued(0, count)
    assert names() == {"officer", "colleague"}
    queued(TODAY + datetime.timedelta(days=1))
    assert {"officer", "colleague"} <= names(TODAY + datetime.timedelta(days=1))


@pytest.mark.sqlite
def test_the_database_refuses_a_second_digest_of_a_person_and_day_under_another_key(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    queued()
    again = the_letter()
    again.pk, again.key = None, "digest:by-another-road"
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.everybody
def test_candidates_get_a_row_but_no_email_without_tasks(cast: Cast) -> None:
    readers = {cast.reader.pk, cast.inspector.pk, cast.nobody.pk}
    queued()
    people = set(Delivery.objects.values_list("person", flat=True))
    assert people == {person.pk for person in User.objects.all()} - readers
    assert names() == set()
    assert send() == {}


# -- who -------------------------------------------------------------------------------------------------------------
@pytest.mark.grid
@pytest.mark.parametrize(("days", "gets_one"), [(-1, True), (0, True), (7, True), (8, False), (60, False)])
def test_owner_is_emailed_about_items_overdue_or_due_within_a_week(cast: Cast, days: int, gets_one: bool) -> None:
    plan(4, cast.officer, days)
    queued()
    assert names() == ({"officer"} if gets_one else set())


@pytest.mark.parametrize(("late", "hears"), [(13, False), (14, True)])
def test_lead_is_emailed_about_an_owners_overdue_item_after_14_days(cast: Cast, late: int, hears: bool) -> None:
    plan(4, cast.officer, -late)
    queued()
    assert ("head" in names()) is hears


def test_lead_is_emailed_at_once_about_overdue_items_without_owner(cast: Cast) -> None:
    plan(4, None, -1)
    queued()
    assert names() == {"head"}
    begin_anew()
    plan(4, cast.officer, -1)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    queued()
    assert names() == {"head"}


@pytest.mark.parametrize(("late", "hear"), [(27, set()), (28, {"director", "national"})])
def test_reviewers_above_are_emailed_after_28_days(cast: Cast, late: int, hear: set[str]) -> None:
    plan(4, cast.officer, -late)
    queued()
    assert names() - {"officer", "head"} == hear


def test_a_reviewer_reviews_their_own_organisation_too_and_the_lead_below_was_promised_it(cast: Cast) -> None:
    plan(6, cast.operations, -40)
    queued()
    assert names() == {"operations", "director", "national", "head"}


def test_nobody_else_is_emailed(cast: Cast) -> None:
    plan(4, cast.officer, -90)
    queued()
    silent = {"supplier", "colleague", "neighbour", "reader", "inspector", "admin", "top_admin", "stranger", "nobody"}
    assert not silent & names()


@pytest.mark.everybody
def test_owner_from_elsewhere_is_emailed_about_their_item(cast: Cast) -> None:
    plan(4, cast.stranger, -1)
    queued()
    assert names() == {"stranger"}


def test_a_closed_account_gets_none_queued(cast: Cast) -> None:
    plan(4, cast.officer, -1)
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    queued()
    assert "officer" not in names()


# -- what arrives ----------------------------------------------------------------------------------------------------
def test_a_digest_arrives_with_its_figures_first_in_text_and_html_and_with_its_link(
    cast: Cast, sink: ScriptedSink, settings: Settings
) -> None:
    item = plan(4, cast.officer, -3)
    plan(5, cast.officer, 6)
    queued()
    assert send() == {"sent": 1}
    [letter] = sink.letters
    delivery = the_letter()
    assert letter["To"] == "officer@example.test"
    assert letter["Subject"] == delivery.subject == "West Kent PDU: 1 overdue, 1 due this week"
    assert letter["Message-ID"] == delivery.message_id
    assert email.utils.parsedate_to_datetime(str(letter["Date"])) == NOON
    link = f"{settings.SITE_URL}/recommendations/{item.pk}/"
    for kind in ("plain", "html"):
        part = letter.get_body((kind,))
        assert part is not None
        assert link in part.get_content()
    assert (delivery.state, delivery.attempts, delivery.ended_at, delivery.claimed_until) == ("sent", 1, NOON, None)


def test_digest_holds_nothing_the_person_may_not_see(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    plan(5, cast.colleague, -3)
    queued()
    send()
    text = {str(letter["To"]): str(letter.get_body(("plain",))) for letter in sink.letters}
    assert "Recommendation 5," not in text["officer@example.test"]
    assert "Recommendation 4," not in text["colleague@example.test"]


def test_emails_go_into_the_mail_folder_without_a_server(cast: Cast, folder: Path) -> None:
    plan(4, cast.officer, -3)
    queued()
    assert send() == {"sent": 1}
    [letter] = mailfolder.letters()
    assert (letter.to, letter.subject, letter.date) == ("officer@example.test", "West Kent PDU: 1 overdue", NOON)
    assert "/recommendations/" in letter.text
    assert "/recommendations/" in letter.html
    assert [path.suffix for path in folder.iterdir()] == [".eml"]


def test_second_run_sends_nothing_again(cast: Cast, sink: ScriptedSink) -> None:
    plan(4, cast.officer, -3)
    queued()
    assert send() == {"sent": 1}
    assert send(NOON + datetime.timedelta(days=1)) == {}
    assert len(sink.letters) == 1


def test_a_hundred_emails_go_over_one_connection(cast: Cast, sink: ScriptedSink) -> None:
    rows = [waiting_row(cast.officer, f"account:{number}") for number in range(100)]
    Delivery.objects.bulk_create(rows)
    assert send_due(clock=lambda: NOON, most=60) == Sent({"sent": 60}, goes_on=True)
    assert send_due(clock=lambda: NOON, most=60) == Sent({"sent": 40}, goes_on=False)
    assert len(sink.letters) == 100
