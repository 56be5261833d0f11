"""What the operator runs may be run again, works as often as it should and says why where it does not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as here
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests.base import KSS, NOON, TODAY, Cast, recommendation
from tests.rig import APP, OWNER, Postgres
from tests.upkeep.test_settings import GOOD
from tracker.accounts.models import Membership, Organisation, User
from tracker.accounts.operations import rename_organisation
from tracker.accounts.policies import Access
from tracker.history.models import Event
from tracker.history.operations import Actor
from tracker.recommendations.models import Recommendation
from tracker.recommendations.recommendation.policies import can_change, visible_recommendations
from tracker.upkeep.demo import PASSWORD, PEOPLE

pytestmark = pytest.mark.sqlite

Capture = pytest.CaptureFixture[str]
DATA = here.BASE_DIR / "tracker" / "accounts" / "data" / "kent-surrey-and-sussex.json"
REPORT = here.BASE_DIR / "tracker" / "intake" / "data" / "west-kent-pdu-2022.json"


def everything() -> dict[str, int]:
    """How many rows every table holds."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model is not Session}


def rows() -> list[Any]:
    """What the demonstration writes, whole."""
    return [list(model._default_manager.order_by("pk").values()) for model in (User, Membership, Recommendation)]


def manage(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command as the operator runs it, in a process whose environment holds nothing but this."""
    always = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "manage.py", *argv]
    return subprocess.run(command, cwd=here.BASE_DIR, env=always | env, capture_output=True, text=True, timeout=120)


# -- prepare_database, on a database of its own ----------------------------------------------------------------------
def test_a_new_folder_is_filled_step_by_step_and_each_step_may_be_repeated(tmp_path: Path) -> None:
    env = {"TRACKER_MODE": "embedded", "TRACKER_DATA_DIR": str(tmp_path)}
    for _ in range(2):
        process = manage("prepare_database", **env)
        assert process.returncode == 0, process.stderr
    assert "No migrations to apply." in process.stdout
    early = manage("first_administrator", "first@example.test", FIRST_PASSWORD="a long enough password", **env)
    assert early.returncode == 1
    assert "There is no organisation yet: manage.py load_organisations FILE" in early.stderr
    early = manage("load_inspection", str(REPORT), **env)
    assert early.returncode == 1
    assert "There is no organisation called West Kent PDU." in early.stderr
    said = [manage("load_organisations", str(DATA), **env).stdout for _ in range(2)]
    assert said == ["7 of 7 organisations added.\n", "0 of 7 organisations added.\n"]
    said = [manage("load_inspection", str(REPORT), **env).stdout for _ in range(2)]
    assert "7 previous ones loaded." in said[0]
    assert "nothing changed." in said[1]


# -- load_demo -------------------------------------------------------------------------------------------------------
@pytest.fixture
def demo(cast: Cast, at_noon: object, capsys: Capture) -> None:
    # The cast and the demonstration have one address in common.
    User.objects.filter(pk=cast.inspector.pk).update(email="another@example.test")
    call_command("load_demo")
    assert capsys.readouterr().out == f"{len(PEOPLE)} made-up people can sign in.\n"


@pytest.mark.usefixtures("demo")
def test_demonstration_people_can_sign_in_and_do_their_work() -> None:
    assert User.objects.filter(is_demo=True).count() == len(PEOPLE) == 14
    assert Client().login(email="head.westkent@example.test", password=PASSWORD)
    item = recommendation(1)
    people = {made_up.address: User.objects.get(email=made_up.email) for made_up in PEOPLE}
    found = {name: can_change(Access(person, TODAY), item) for name, person in people.items()}
    assert {name for name, may in found.items() if may} == {"head.westkent", "spo.maidstone"}
    assert not visible_recommendations(Access(people["head.eastkent"], TODAY)).exists()
    assert not any(person.is_staff or person.is_superuser for person in people.values())


@pytest.mark.usefixtures("demo")
def test_demonstration_history_is_made_by_operations() -> None:
    told = Recommendation.objects.filter(version__gt=1)
    assert told.count() == 10
    assert Recommendation.objects.overdue(on=TODAY).count() == 5
    for item in told:
        latest = Event.objects.about(item).newest_first()[0]
        assert latest.after["version"] == item.version
        assert latest.actor is not None
        assert latest.actor.is_demo
    for number in (4, 10, 12):
        assert (recommendation(number).owner, recommendation(number).due_on) == (None, None)
    assert not Event.objects.filter(at__gt=NOON.replace(hour=13)).exists()


@pytest.mark.usefixtures("demo")
def test_a_second_demonstration_changes_nothing() -> None:
    before, held = everything(), rows()
    call_command("load_demo")
    assert (everything(), rows()) == (before, held)


@pytest.mark.usefixtures("demo")
def test_second_demonstration_restores_and_undoes_nothing() -> None:
    person = User.objects.get(email="head.westkent@example.test")
    User.objects.filter(pk=person.pk).update(is_active=False, name="Somebody renamed")
    Recommendation.objects.filter(pk=recommendation(1).pk).update(due_on=TODAY, version=9)
    before = everything(), rows()
    call_command("load_demo")
    assert (everything(), rows()) == before


@pytest.mark.usefixtures("cast")
def test_a_demonstration_is_refused_on_a_server(settings: Settings) -> None:
    settings.PRODUCTION = True
    before = everything()
    with pytest.raises(CommandError, match="Demo people cannot be made on a server"):
        call_command("load_demo")
    assert everything() == before


@pytest.mark.real
def test_a_real_server_refuses_a_demonstration(postgres: Postgres) -> None:
    postgres.execute("CREATE DATABASE {} OWNER {}", "no_demo", OWNER)
    try:
        env = GOOD | {"DATABASE_URL": postgres.url("no_demo", OWNER)}
        process = manage("load_demo", **env)
        assert process.returncode == 1
        assert "Demo people cannot be made on a server." in process.stderr
        assert postgres.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'", database="no_demo") == []
        refused = manage("load_demo", **env, TRACKER_DEMO="1")
        assert "TRACKER_DEMO is not for a server: remove it." in refused.stderr
    finally:
        postgres.drop("no_demo")


# -- demo_people -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("demo")
def test_command_lists_who_can_sign_in_to_a_demonstration(capsys: Capture) -> None:
    call_command("demo_people")
    *people, password = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in people] == [person.email for person in PEOPLE]
    for person, line in zip(PEOPLE, people, strict=True):
        assert line.endswith(f"  {person.name}: {person.may}")
    assert password == f"  The password of each is {PASSWORD}"


@pytest.mark.usefixtures("demo")
def test_inactive_people_are_left_out(capsys: Capture) -> None:
    User.objects.filter(email="inspector@example.test").update(is_active=False)
    call_command("demo_people")
    said = capsys.readouterr().out
    assert "inspector@example.test" not in said
    assert "head.westkent@example.test" in said


@pytest.mark.usefixtures("cast")
def test_where_there_is_no_demonstration_nobody_is_named_and_no_password(capsys: Capture) -> None:
    call_command("demo_people")
    assert capsys.readouterr().out == ""


# -- first_administrator ---------------------------------------------------------------------------------------------
@pytest.fixture
def nobody_administers(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    Membership.objects.filter(role=Membership.Role.ADMINISTRATOR).delete()
    monkeypatch.setenv("FIRST_PASSWORD", "a very first password")


@pytest.mark.usefixtures("nobody_administers")
def test_the_first_administrator_is_made_at_the_top_and_can_sign_in(capsys: Capture) -> None:
    call_command("first_administrator", "first@example.test", name="Ada First")
    assert capsys.readouterr().out == "first@example.test can now sign in and add people.\n"
    person = User.objects.get(email="first@example.test")
    role = person.memberships.get()
    assert (role.role, role.organisation, role.ends_on) == (
        "administrator",
        Organisation.objects.get(path="hmpps/"),
        None,
    )
    assert (person.name, person.is_staff, person.is_superuser, person.is_demo) == ("Ada First", True, True, False)
    assert Client().login(email="first@example.test", password="a very first password")
    given = Event.objects.about(role).get()
    assert (given.verb, given.actor) == ("role.given", None)


@pytest.mark.usefixtures("nobody_administers")
def test_there_is_one_first_administrator() -> None:
    call_command("first_administrator", "first@example.test")
    before = everything()
    for address in ("second@example.test", "first@example.test"):
        with pytest.raises(CommandError, match="There is already an administrator"):
            call_command("first_administrator", address)
    assert everything() == before


@pytest.mark.usefixtures("cast")
def test_first_administrator_is_refused_when_one_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", "a very first password")
    Membership.objects.filter(role="administrator", organisation__path="hmpps/").delete()
    before = everything()
    with pytest.raises(CommandError, match="There is already an administrator"):
        call_command("first_administrator", "first@example.test")
    assert everything() == before


@pytest.mark.usefixtures("cast")
def test_former_administrators_do_not_block_the_first_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, at_noon: object
) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", "a very first password")
    User.objects.filter(pk__in=[cast.admin.pk, cast.strange_admin.pk]).update(is_active=False)
    Membership.objects.filter(user=cast.top_admin).update(ends_on=TODAY)
    call_command("first_administrator", "first@example.test")
    assert Client().login(email="first@example.test", password="a very first password")


@pytest.mark.usefixtures("nobody_administers")
@pytest.mark.parametrize("password", ["short", "12345678901234567890", "first@example.test"])
def test_weak_first_password_creates_no_account(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", password)
    before = everything()
    with pytest.raises(CommandError, match="password"):
        call_command("first_administrator", "first@example.test")
    assert everything() == before


@pytest.mark.usefixtures("nobody_administers")
@pytest.mark.parametrize("address", ["head@example.test", "HEAD@Example.test"])
def test_taken_address_creates_no_account_and_no_rights(cast: Cast, address: str) -> None:
    before = everything()
    with pytest.raises(CommandError, match="already an account with this address"):
        call_command("first_administrator", address)
    assert everything() == before
    cast.head.refresh_from_db()
    assert not cast.head.is_superuser


@pytest.mark.usefixtures("nobody_administers")
def test_an_address_in_capitals_signs_in_in_small_letters() -> None:
    call_command("first_administrator", "First@Example.TEST")
    assert Client().login(email="first@example.test", password="a very first password")


# -- grant_access ----------------------------------------------------------------------------------------------------
@pytest.mark.skipif(connection.vendor == "postgresql", reason="Here are roles")
@pytest.mark.django_db
def test_without_roles_no_access_is_granted() -> None:
    with pytest.raises(CommandError, match="Only PostgreSQL has roles"):
        call_command("grant_access")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
@pytest.mark.django_db
def test_the_application_grants_itself_nothing() -> None:
    with pytest.raises(CommandError, match="Sign in as the owner of the tables"):
        call_command("grant_access", role=APP)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
@pytest.mark.django_db
def test_the_owner_may_grant_again_and_nothing_changes(capsys: Capture) -> None:
    def rights() -> list[Any]:
        cursor.execute("SELECT relname, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY 1, 2")
        return list(cursor.fetchall())

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE tracker_owner")
        before = rights()
        call_command("grant_access", role=APP)
        assert rights() == before
        cursor.execute(f"SET LOCAL ROLE {APP}")
    assert capsys.readouterr().out == f"{APP} may add and read history, and use every other table.\n"


# -- load_organisations ----------------------------------------------------------------------------------------------
def test_organisations_that_are_there_are_left_alone(cast: Cast, capsys: Capture) -> None:
    place = Organisation.objects.get(path=f"{KSS}surrey-pdu/")
    rename_organisation(place, "Surrey and Sutton PDU", by=Actor(cast.admin), at=NOON, seen_version=1)
    before = everything()
    call_command("load_organisations", str(DATA))
    assert capsys.readouterr().out == "0 of 7 organisations added.\n"
    assert everything() == before


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[", "cannot be read as organisations"),
        ("{}", "0 of 0"),
        ('[{"name": "Essex PDU"}]', "cannot be read as organisations"),
        ('[{"name": "Essex PDU", "kind": "pdu", "above": "East of England", "other_names": []}]', "East of England"),
        (
            '[{"name": "Medway PDU", "kind": "pdu", "above": "KSS", "other_names": []},'
            ' {"name": "Essex PDU", "kind": "pdu", "above": "Essex", "other_names": []}]',
            "there is no organisation called Essex",
        ),
    ],
)
def test_invalid_file_adds_no_organisation(tmp_path: Path, capsys: Capture, content: str, says: str) -> None:
    file = tmp_path / "organisations.json"
    file.write_text(content)
    before = everything()
    if content == "{}":
        call_command("load_organisations", str(file))
        assert says in capsys.readouterr().out
    else:
        with pytest.raises(CommandError, match=says):
            call_command("load_organisations", str(file))
    assert everything() == before


@pytest.mark.usefixtures("cast")
def test_a_file_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_organisations", "/nowhere/organisations.json")
