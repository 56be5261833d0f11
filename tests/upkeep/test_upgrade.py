"""A database that v0.1.0 has filled is brought to this version: nothing is lost, and everything runs on."""

import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps as present
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from tests.base import NOON, TODAY
from tests.factories import read
from tests.rig import APP
from tests.upkeep.old import DUE, FIRST, LATER, TRACKED, empty_database, fill, in_place, lay_out
from tracker.accounts.models import User
from tracker.accounts.policies import Access
from tracker.history.models import Event, FreeText
from tracker.history.operations import Actor
from tracker.history.queries import as_of_version
from tracker.inspections.models import Inspection
from tracker.recommendations.change.operations import change
from tracker.recommendations.models import Finding, Participation, Plan, Recommendation, Report, Update, status_filters
from tracker.recommendations.recommendation.policies import visible_recommendations
from tracker.upkeep.management.commands.grant_access import APPEND_ONLY

pytestmark = pytest.mark.sqlite

Tables = dict[str, list[dict[str, Any]]]
NOUNS = (
    *("accounts.User", "accounts.Organisation", "accounts.Membership", "accounts.Alias", "history.Words"),
    *("history.Event", "inspections.Inspection", "inspections.Rating", "recommendations.Recommendation"),
    *("recommendations.Finding", "recommendations.Update", "reminders.Delivery"),
)
# What is called otherwise by now.
RENAMED = {"history.Words": "history.FreeText"}


@dataclass(frozen=True)
class Upgraded:
    """The database, and what was in every table before."""

    connection: BaseDatabaseWrapper
    before: Tables


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Upgraded]:
    with django_db_blocker.unblock(), empty_database(tmp_path_factory.mktemp("old")) as fresh:
        with in_place(fresh):
            apps = lay_out(fresh)
            fill(apps)
            before = {noun: list(apps.get_model(noun)._base_manager.order_by("pk").values()) for noun in NOUNS}
            call_command("prepare_database", verbosity=0)
            if fresh.vendor == "postgresql":
                call_command("grant_access", role=APP, stdout=io.StringIO())
            ContentType.objects.clear_cache()
        yield Upgraded(fresh, before)
    ContentType.objects.clear_cache()


@pytest.fixture
def upgraded(database: Upgraded, django_db_blocker: Any, at_noon: datetime.datetime) -> Iterator[Upgraded]:
    """The same for each test, with the rights that web and worker have."""
    with django_db_blocker.unblock(), in_place(database.connection):
        if connection.vendor == "postgresql":
            connection.cursor().execute(f"SET ROLE {APP}")
        with transaction.atomic():
            yield database
            transaction.set_rollback(True)


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@example.test")


def numbered(number: int) -> Recommendation:
    rows = Recommendation.objects.for_rows(on=TODAY)
    return rows.get(number=str(number), is_previous=False)


def test_every_migration_is_carried_out(upgraded: Upgraded) -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.parametrize("noun", NOUNS)
def test_every_row_is_there_as_it_was(upgraded: Upgraded, noun: str) -> None:
    before = upgraded.before[noun]
    assert before
    after = list(present.get_model(RENAMED.get(noun, noun))._base_manager.order_by("pk").values())
    assert [{name: row[name] for name in old} for old, row in zip(before, after, strict=True)] == before


def test_the_report_and_what_people_wrote_can_be_read(upgraded: Upgraded) -> None:
    assert Recommendation.objects.filter(is_previous=False).count() == 12
    assert Recommendation.objects.filter(is_previous=True).count() == Finding.objects.count() == 7
    assert [str(update.what_changed) for update in numbered(4).updates.all()] == [
        "Half of the cases are read.",
        "Nobody has begun.",
    ]
    assert FreeText.objects.get(text="The training provider moved the course.").written_by == person("head")


def test_v010_date_is_confirmed_and_not_provisional(upgraded: Upgraded) -> None:
    four, five, six = numbered(4), numbered(5), numbered(6)
    assert (four.due_on, four.original_due_on, four.due_is_draft, four.was_moved) == (DUE, DUE, False, False)
    assert (five.due_on, five.original_due_on, five.due_is_draft, five.was_moved) == (LATER, FIRST, False, True)
    assert (six.due_on, six.original_due_on, six.due_is_draft) == (None, None, False)
    later = Plan(four.owner, DUE + datetime.timedelta(days=1), "Later.")
    with pytest.raises(ValidationError, match="This due date is confirmed"):
        change(four, by=Actor(person("head")), at=NOON, seen_version=four.version, plan=later)


def test_what_v010_did_not_know_has_its_default(upgraded: Upgraded) -> None:
    empty = {name for name in Recommendation.TRACKED if name not in TRACKED["recommendation"]}
    known = {"due_is_month": False, "due_set_by": "lead", "response": "", "outlook": "", "checked_progress": ""}
    assert known.keys() < empty
    for row in Recommendation.objects.values(*sorted(empty), "asked_before"):
        assert row == dict.fromkeys(empty) | known | {"asked_before": ""}
    for update in Update.objects.all():
        assert (update.outlook, update.outlook_reason, update.corrects, update.went_down) == ("", None, None, False)
    report = Inspection.objects.get()
    assert (report.embargo_until, report.version) == (None, 1)


def test_who_had_a_part_before_is_known(upgraded: Upgraded) -> None:
    rows = Participation.objects.filter(recommendation=numbered(4)).values_list("person", "part")
    head, officer = person("head").pk, person("officer").pk
    assert set(rows) == {(head, "planned"), (officer, "owned"), (officer, "reported")}


STATEMENTS = {
    "updated": "UPDATE history_event SET verb = 'x'",
    "deleted": "DELETE FROM history_event",
    "replaced": "REPLACE INTO history_event SELECT * FROM history_event",
}
REFUSED = r"never (changed|deleted|replaced)|permission denied"


@pytest.mark.parametrize("by_owner", [False, True], ids=["application", "owner"])
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_history_is_append_only_after_the_upgrade(upgraded: Upgraded, statement: str, by_owner: bool) -> None:
    if connection.vendor == "sqlite" and by_owner:
        pytest.skip("SQLite has no roles")
    if connection.vendor == "postgresql" and statement.startswith("REPLACE"):
        pytest.skip("Only SQLite replaces rows")
    with connection.cursor() as cursor:
        if by_owner:
            cursor.execute("RESET ROLE")
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM history_event")
        assert cursor.fetchone() == (len(upgraded.before["history.Event"]),)


def test_the_application_may_only_add_to_what_is_never_edited(upgraded: Upgraded) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no rights")
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute("SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE')", [APP, table])
            assert cursor.fetchone() == (False,), table


def test_the_same_rows_are_seen_and_marked(upgraded: Upgraded) -> None:
    seen = visible_recommendations(Access(person("head"), TODAY))
    assert seen.count() == 19
    marks = {
        name: set(seen.filter(condition).values_list("number", flat=True))
        for name, condition in status_filters(TODAY).items()
    }
    assert marks["slipped"] == {"5"}
    assert not {"4", "5"} & (marks["no_owner"] | marks["no_date"])
    assert marks["overdue"] == marks["submitted"] == marks["returned"] == set()
    assert {"4", "5"} <= marks["no_response"]


def test_operation_continues_from_a_v010_row(upgraded: Upgraded) -> None:
    item, officer = numbered(4), person("officer")
    seen = item.version
    change(item, by=Actor(officer), at=NOON, seen_version=seen, report=Report("sufficient", "All are read."))
    event = Event.objects.about(item).newest_first()[0]
    assert event.verb == "recommendation.reported"
    assert event.changes["progress"] == ["some", "sufficient"]
    assert set(event.after) == set(Recommendation.TRACKED)
    earlier = as_of_version(item, seen)
    assert earlier is not None
    assert earlier["progress"] == "some"
    assert set(earlier) == set(TRACKED["recommendation"])


def test_the_pages_show_it_with_its_history(upgraded: Upgraded) -> None:
    client = Client()
    client.force_login(person("head"))
    for path in ("/", "/recommendations/", f"/inspections/{Inspection.objects.get().pk}/"):
        assert client.get(path).status_code == 200, path
    page = read(client.get(f"/recommendations/{numbered(5).pk}/")).text
    for words in ("The training provider moved the course.", "Due date moved later", "Loaded from the report"):
        assert words in page


def test_form_opened_before_the_upgrade_gets_a_conflict(upgraded: Upgraded) -> None:
    """Its version is one of which the history holds only what v0.1.0 tracked."""
    item, client = numbered(5), Client()
    client.force_login(person("head"))
    url, name = f"/recommendations/{item.pk}/change/", f"r{item.pk}-"
    form = read(client.get(url)).one("form", action=url).sent()
    change(
        item,
        by=Actor(person("head")),
        at=NOON,
        seen_version=item.version,
        report=Report("no", "The course fell through."),
    )
    answer = client.post(url, form | {f"{name}due_on": ["29/11/2026"]})
    assert answer.status_code == 409
    again = read(answer).one("form", action=url).sent()
    assert client.post(url, again).status_code == 302
    assert numbered(5).due_on == datetime.date(2026, 11, 29)
