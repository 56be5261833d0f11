"""Where letters go in these tests: to a mail server of their own, or into a folder."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

# Of the tracker only inside the fixtures: this file is loaded before Django is set up, see tests/conftest.py.
if TYPE_CHECKING:
    from tests.reminders.sending import Meanwhile, ScriptedSink


@pytest.fixture(autouse=True)
def nothing_waits(request: pytest.FixtureRequest) -> None:
    """Before a test of letters begins; as the report is loaded, its leads have much to plan."""
    if "db" in request.fixturenames:
        from tests.factories import calm

        request.getfixturevalue("db")
        calm(drafts=True)


# Who is seldom concerned: an email is composed for each person and day, which is most of what these tests cost.
ASIDE = ("neighbour", "policy", "independent", "admin", "top_admin", "stranger", "strange_admin", "supplier")


@pytest.fixture
def few_people(request: pytest.FixtureRequest) -> None:
    """Some of the cast have no account, except in tests marked everybody."""
    if "cast" in request.fixturenames and not request.node.get_closest_marker("everybody"):
        from tracker.accounts.models import User

        cast = request.getfixturevalue("cast")
        User.objects.filter(pk__in=[getattr(cast, name).pk for name in ASIDE]).update(is_active=False)


@pytest.fixture
def sink(settings: Settings) -> Iterator["ScriptedSink"]:
    from tests.reminders.sending import ScriptedSink, use_server

    logging.getLogger("mail.log").setLevel(logging.WARNING)
    with ScriptedSink() as server:
        use_server(settings, server.controller.port)
        yield server


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "tracker.reminders.mailfolder.EmailBackend"
    letters = tmp_path / "mail"
    settings.MAIL_DIR = letters
    return letters


@pytest.fixture
def meanwhile(folder: Path, settings: Settings) -> Iterator[type["Meanwhile"]]:
    from tests.reminders.sending import Meanwhile

    settings.EMAIL_BACKEND = f"{Meanwhile.__module__}.Meanwhile"
    yield Meanwhile
    Meanwhile.happens = None
